//! The two webhooks, each in a process of its own: Berth's with ten thousand workloads indexed, and an empty one.

use std::{io::Write, net::SocketAddr, process::Stdio, sync::Arc};

use anyhow::{Context, anyhow};
use axum::{Json, Router, http::header, response::IntoResponse, routing::post};
use axum_server::Handle;
use berth::{
    catalog::Catalog,
    observe::Object,
    operator::{Evaluator, View},
    policy::Policy,
    server::{Metrics, shutdown::Drain},
    webhook::{Admission, Served, router, serve as serve_tls},
};
use kube::core::{
    DynamicObject,
    admission::{AdmissionResponse, AdmissionReview},
};
use rustls::{crypto::ring, pki_types::PrivatePkcs8KeyDer, sign::CertifiedKey};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

const NAMESPACES: usize = 200;
const IN_EACH: usize = 50;
pub const HOST: &str = "localhost";

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arm {
    Berth,
    Empty,
}

impl Arm {
    pub const ALL: [Arm; 2] = [Arm::Berth, Arm::Empty];

    pub fn name(self) -> &'static str {
        match self {
            Arm::Berth => "berth",
            Arm::Empty => "empty",
        }
    }

    pub fn named(name: &str) -> Option<Arm> {
        Arm::ALL.into_iter().find(|arm| arm.name() == name)
    }
}

/// A webhook in its own process.
pub struct Running {
    pub arm: Arm,
    pub address: SocketAddr,
    pub certificate: Vec<u8>,
    child: Child,
    process: u32,
}

impl Running {
    /// Starts this program again as one webhook, on one core, and waits until it listens.
    pub async fn start(arm: Arm, core: usize) -> anyhow::Result<Running> {
        let program = std::env::current_exe()?;
        let mut child = Command::new("taskset")
            .args(["-c", &core.to_string()])
            .arg(program)
            .args(["--serve", arm.name()])
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .context("taskset, of util-linux, starts the webhooks")?;
        let process = child.id().ok_or_else(|| anyhow!("the {} webhook ended at once", arm.name()))?;
        let output = child.stdout.take().ok_or_else(|| anyhow!("no output"))?;
        let line = BufReader::new(output).lines().next_line().await?.unwrap_or_default();
        let (address, certificate) = line.split_once(' ').ok_or_else(|| anyhow!("it said: {line}"))?;
        let certificate = serde_json::from_str(certificate)?;
        Ok(Running { arm, address: address.parse()?, certificate, child, process })
    }

    /// Seconds of CPU that it has used since its start.
    pub fn cpu(&self) -> anyhow::Result<f64> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.process))?;
        let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
        let ticks: Vec<f64> =
            after_name.split_whitespace().skip(11).take(2).filter_map(|field| field.parse().ok()).collect();
        // Linux counts in hundredths of a second for everyone, whatever the kernel's own tick is.
        Ok(ticks.iter().sum::<f64>() / 100.0)
    }

    /// MiB of memory that it holds now.
    pub fn memory(&self) -> anyhow::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.process))?;
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        let kib: f64 = line.split_whitespace().nth(1).unwrap_or_default().parse()?;
        Ok(kib / 1024.0)
    }

    /// Whether it still runs.
    pub fn lives(&mut self) -> anyhow::Result<bool> {
        Ok(self.child.try_wait()?.is_none())
    }
}

/// Serves one webhook on a free port until it's killed; says where, and by which certificate, in one line.
pub fn serve(arm: Arm) -> anyhow::Result<()> {
    ring::default_provider().install_default().map_err(|_| anyhow!("TLS was set up twice"))?;
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build()?;
    runtime.block_on(async {
        let issued = rcgen::generate_simple_self_signed([HOST.to_owned()])?;
        let certificate = issued.cert.der().clone();
        let key = PrivatePkcs8KeyDer::from(issued.signing_key.serialize_der()).into();
        let served = Arc::new(Served::default());
        let key = ring::sign::any_supported_type(&key)?;
        served.replace(CertifiedKey::new(vec![certificate.clone()], key));
        let handle = Handle::new();
        let routes = match arm {
            Arm::Berth => berth(),
            Arm::Empty => empty(),
        };
        let listening = handle.clone();
        let announce = async move {
            let address = listening.listening().await.ok_or_else(|| anyhow!("can't listen"))?;
            println!("{address} {}", json!(certificate.as_ref()));
            std::io::stdout().flush()?;
            std::future::pending::<anyhow::Result<()>>().await
        };
        let address = SocketAddr::from(([127, 0, 0, 1], 0));
        tokio::select! {
            served = serve_tls(address, handle, served, None, routes) => Ok(served?),
            failed = announce => failed,
        }
    })
}

/// Berth's own routes.
fn berth() -> Router {
    router(admission(), Arc::new(Metrics::new()), Drain::default())
}

/// What answers, in front of a cluster of ten thousand workloads.
pub fn admission() -> Admission {
    let view = Arc::new(View::default());
    view.write(|seen| {
        for object in (0..NAMESPACES * IN_EACH).flat_map(cluster) {
            if let Some(object) = Object::read(&object).object {
                seen.index.put(object);
            }
        }
        let counted = seen.index.counted();
        seen.index.settle(counted);
    });
    let evaluator = Evaluator::new(Catalog::embedded().clone(), Policy::default());
    Admission { view, evaluator, denied: None }
}

/// A Deployment and its Service.
fn cluster(number: usize) -> [serde_json::Value; 2] {
    let (name, namespace) = (format!("svc-{number}"), format!("team-{}", number % NAMESPACES));
    let labels = json!({"app.kubernetes.io/name": name, "team": format!("team-{}", number % 20)});
    let metadata = json!({"name": name, "namespace": namespace, "labels": labels});
    let deployment = json!({
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata,
        "spec": {"replicas": 2, "selector": {"matchLabels": labels}, "template": {
            "metadata": {"labels": labels},
            "spec": {"serviceAccountName": name, "containers": [{
                "name": "main", "image": format!("example/{name}:1"),
                "ports": [{"name": "http", "containerPort": 8080}],
                "resources": {"requests": {"cpu": "500m", "memory": "1Gi"}},
                "readinessProbe": {"httpGet": {"path": "/ready", "port": "http"}},
            }]},
        }},
    });
    let service = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": metadata,
        "spec": {"selector": labels, "ports": [{"name": "http", "port": 80, "targetPort": "http"}]},
    });
    [deployment, service]
}

/// The same parts doing nothing: the review is parsed as most webhooks do, and one fixed warning comes back.
fn empty() -> Router {
    Router::new().route("/admission/warn", post(nothing)).layer(axum::extract::DefaultBodyLimit::max(7 << 20))
}

async fn nothing(Json(review): Json<AdmissionReview<DynamicObject>>) -> impl IntoResponse {
    let response = match review.request.as_ref() {
        Some(request) => {
            let mut response = AdmissionResponse::from(request);
            response.warnings =
                Some(vec!["a fixed warning of about the length that a real one has".to_owned()]);
            response
        }
        None => AdmissionResponse::invalid("no request"),
    };
    ([(header::CACHE_CONTROL, "no-store")], Json(response.into_review()))
}
