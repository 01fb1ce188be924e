//! The operator as a process beside the cluster, and what its own metrics say.

use std::process::Stdio;

use anyhow::Context;
use http_body_util::{BodyExt, Empty};
use hyper::{Request, body::Bytes, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    process::{Child, Command},
};

use crate::{cluster::Cluster, figures::Process};

pub struct Running {
    child: Child,
    pub process: Process,
    http: String,
}

impl Running {
    pub fn start(cluster: &Cluster) -> anyhow::Result<Running> {
        let http = free_address()?;
        let child = Command::new(env!("CARGO_BIN_EXE_berth"))
            .args([
                "run",
                "--http-address",
                &http,
                "--webhook-address",
                &free_address()?,
                "--log-level",
                "warn",
            ])
            .env("KUBECONFIG", &cluster.kubeconfig)
            .stdout(Stdio::null())
            .kill_on_drop(true)
            .spawn()?;
        let process = Process::of(child.id().context("the operator ended at once")?);
        Ok(Running { child, process, http })
    }

    pub fn lives(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }

    /// Workloads with a recommendation in its memory.
    pub async fn recommendations(&self) -> anyhow::Result<usize> {
        let socket = TcpStream::connect(&self.http).await?;
        let (mut sender, connection) = http1::handshake(TokioIo::new(socket)).await?;
        tokio::spawn(connection);
        let request = Request::get("/metrics").header("host", "localhost").body(Empty::<Bytes>::new())?;
        let body = sender.send_request(request).await?.into_body().collect().await?.to_bytes();
        let text = String::from_utf8_lossy(&body);
        let values = text.lines().filter(|line| line.starts_with("berth_recommendations{"));
        Ok(values.filter_map(|line| line.rsplit(' ').next()?.parse::<usize>().ok()).sum())
    }
}

fn free_address() -> anyhow::Result<String> {
    Ok(std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string())
}
