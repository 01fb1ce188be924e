//! The cluster under the bench: a control plane of its own, and what its API server and etcd say of themselves.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, ensure};
use berth::{api::WorkloadProfile, decide::Decision};
use k8s_openapi::apiextensions_apiserver::pkg::apis::apiextensions::v1::CustomResourceDefinition;
use kube::{
    Api, Client, Config, ResourceExt,
    api::{ListParams, PostParams},
    config::{KubeConfigOptions, Kubeconfig},
};

use crate::figures::Process;

pub struct Cluster {
    name: String,
    pub kubeconfig: PathBuf,
    pub client: Client,
    pub server: Process,
}

impl Cluster {
    /// Starts a control plane, without what would run Pods, and installs the custom resources.
    pub async fn start(name: &str) -> anyhow::Result<Cluster> {
        told("tests/cluster/build", &["control-plane"])?;
        told("tests/cluster/cluster", &["up", name, "--control-plane-only"])?;
        let kubeconfig = PathBuf::from(told("tests/cluster/cluster", &["kubeconfig", name])?.trim());
        let folder = kubeconfig.parent().context("a kubeconfig in a folder")?.to_string_lossy().into_owned();
        // It would make ten thousand ReplicaSets and Pods at its own pace, in the middle of what is measured.
        Process::find("kube-controller-manager", &folder)?.stop()?;
        let server = Process::find("kube-apiserver", &folder)?;
        let config = Config::from_custom_kubeconfig(
            Kubeconfig::read_from(&kubeconfig)?,
            &KubeConfigOptions::default(),
        )
        .await?;
        let client = Client::try_from(config)?;
        let definitions: Api<CustomResourceDefinition> = Api::all(client.clone());
        for entry in std::fs::read_dir("crds")? {
            let definition: CustomResourceDefinition =
                serde_yaml_ng::from_str(&std::fs::read_to_string(entry?.path())?)?;
            definitions.create(&PostParams::default(), &definition).await?;
            let established = kube::runtime::conditions::is_crd_established();
            kube::runtime::wait::await_condition(definitions.clone(), &definition.name_any(), established)
                .await?;
        }
        Ok(Cluster { name: name.to_owned(), kubeconfig, client, server })
    }

    /// Profiles with a decision that is so, as the API server lists them.
    pub async fn decided(&self, is_so: impl Fn(&Decision) -> bool) -> anyhow::Result<usize> {
        let profiles: Api<WorkloadProfile> = Api::all(self.client.clone());
        let (mut page, mut count) = (ListParams::default().limit(500), 0);
        loop {
            let list = profiles.list(&page).await?;
            count += list
                .items
                .iter()
                .filter_map(|profile| profile.status.as_ref()?.decision.as_ref())
                .filter(|decision| is_so(decision))
                .count();
            match list.metadata.continue_.filter(|token| !token.is_empty()) {
                Some(token) => page = page.continue_token(&token),
                None => return Ok(count),
            }
        }
    }

    /// Bytes that the API server says its store holds.
    pub async fn stored(&self) -> anyhow::Result<f64> {
        let text = self.metrics().await?;
        let sizes = text.lines().filter(|line| line.starts_with("apiserver_storage_size_bytes"));
        Ok(sizes.filter_map(|line| line.rsplit(' ').next()?.parse::<f64>().ok()).sum())
    }

    pub async fn metrics(&self) -> anyhow::Result<String> {
        let request = hyper::Request::get("/metrics").body(Vec::new())?;
        Ok(self.client.request_text(request).await?)
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Err(error) = told("tests/cluster/cluster", &["down", &self.name, "--purge"]) {
            eprintln!("the cluster {} stays: {error}", self.name);
        }
    }
}

fn told(script: &str, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(script).args(arguments).output().with_context(|| script.to_owned())?;
    ensure!(output.status.success(), "{script} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}
