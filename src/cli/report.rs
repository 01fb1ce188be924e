//! `berth report`: what the profiles' status says, from a cluster or from saved files; nothing is judged again.

use std::path::PathBuf;

use clap::ValueEnum;
use serde_json::Value;

use super::{Failure, Outcome, print};
use crate::{
    catalog::Catalog,
    decide::Decision,
    report::{detail, json, record::Record, table},
    yaml,
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Saved profiles (kubectl get workloadprofiles -A -o yaml); the current cluster is asked without any
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
    /// The kubeconfig's context to ask
    #[cfg(feature = "cluster")]
    #[arg(long, value_name = "NAME")]
    context: Option<String>,
    /// Only this namespace
    #[arg(short, long)]
    namespace: Option<String>,
    /// The form of the result
    #[arg(short, long, value_enum, default_value_t = Form::Table)]
    output: Form,
    /// Show everything about one workload, as deployment/web
    #[arg(long, value_name = "WORKLOAD")]
    explain: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Form {
    Table,
    Json,
}

pub fn run(args: &Args) -> Result<Outcome, Failure> {
    let (profiles, origin) = if args.files.is_empty() { from_cluster(args)? } else { from_files(args)? };
    let mut records: Vec<Record> = Vec::new();
    let mut pending = 0;
    for profile in &profiles {
        match record(profile, &origin) {
            Some(record) => records.push(record),
            None => pending += 1,
        }
    }
    if let Some(namespace) = &args.namespace {
        records.retain(|record| record.namespace == *namespace);
    }
    if pending > 0 {
        eprintln!("note: {pending} profiles have no decision yet: the operator writes it");
    }
    if records.is_empty() {
        return Err(Failure(format!(
            "no decided workload in {origin}: is the operator running? kubectl get workloadprofiles -A"
        )));
    }
    records.sort_by(|a, b| (&a.namespace, &a.kind, &a.name).cmp(&(&b.namespace, &b.kind, &b.name)));
    let catalog = Catalog::embedded();
    match (&args.explain, args.output) {
        (Some(name), _) => {
            let chosen: Vec<String> = records
                .iter()
                .filter(|record| record.handle().eq_ignore_ascii_case(name) || record.name == *name)
                .map(|record| detail::detail(record, catalog))
                .collect();
            if chosen.is_empty() {
                return Err(Failure(format!("no workload {name}: name one as {}", records[0].handle())));
            }
            print(&chosen.join("\n"))?;
        }
        (None, Form::Table) => print(&table::table(&records, catalog))?,
        (None, Form::Json) => {
            let text = json::document(&records, catalog).map_err(|error| Failure(error.to_string()))?;
            print(&text)?;
        }
    }
    Ok(Outcome::Clean)
}

/// A profile's decision, or nothing when it has none yet.
fn record(profile: &Value, origin: &str) -> Option<Record> {
    let text = |pointer: &str| profile.pointer(pointer).and_then(Value::as_str).map(str::to_owned);
    let decision: Decision = serde_json::from_value(profile.get("status")?.clone()).ok()?;
    Some(Record {
        kind: text("/spec/workloadRef/kind")?,
        namespace: text("/metadata/namespace")?,
        name: text("/spec/workloadRef/name")?,
        source: origin.to_owned(),
        decision,
    })
}

fn from_files(args: &Args) -> Result<(Vec<Value>, String), Failure> {
    let mut profiles = Vec::new();
    for path in &args.files {
        let text =
            std::fs::read_to_string(path).map_err(|error| Failure(format!("{}: {error}", path.display())))?;
        for document in yaml::documents(&text) {
            let value = yaml::parse(document.text).map_err(|error| {
                Failure(format!("{}:{}: {}", path.display(), document.line + error.line - 1, error.reason))
            })?;
            match value.get("items").and_then(Value::as_array) {
                Some(items) => profiles.extend(items.iter().cloned()),
                None => profiles.push(value),
            }
        }
    }
    profiles.retain(|profile| profile.get("kind").and_then(Value::as_str) == Some("WorkloadProfile"));
    let names: Vec<String> = args.files.iter().map(|path| path.display().to_string()).collect();
    Ok((profiles, names.join(", ")))
}

#[cfg(not(feature = "cluster"))]
fn from_cluster(_: &Args) -> Result<(Vec<Value>, String), Failure> {
    Err(Failure(
        "this build can't ask a cluster: give it files, as in `berth report profiles.yaml`".to_owned(),
    ))
}

#[cfg(feature = "cluster")]
fn from_cluster(args: &Args) -> Result<(Vec<Value>, String), Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let failed = |error: &dyn std::fmt::Display| Failure(format!("the cluster can't be asked: {error}"));
        let options = kube::config::KubeConfigOptions { context: args.context.clone(), ..Default::default() };
        let config = match kube::Config::from_kubeconfig(&options).await {
            Ok(config) => config,
            Err(_) if args.context.is_none() => kube::Config::infer().await.map_err(|e| failed(&e))?,
            Err(error) => return Err(failed(&error)),
        };
        let origin =
            args.context.clone().unwrap_or_else(|| config.cluster_url.host().unwrap_or("cluster").to_owned());
        let client = kube::Client::try_from(config).map_err(|e| failed(&e))?;
        let resource = kube::api::ApiResource::erase::<crate::api::WorkloadProfile>(&());
        let api: kube::Api<kube::api::DynamicObject> = kube::Api::all_with(client, &resource);
        let mut profiles = Vec::new();
        let mut page = kube::api::ListParams::default().limit(500);
        loop {
            let list = api.list(&page).await.map_err(|e| failed(&e))?;
            let next = list.metadata.continue_.clone().filter(|token| !token.is_empty());
            for item in list.items {
                profiles.push(serde_json::to_value(item).map_err(|e| failed(&e))?);
            }
            match next {
                Some(token) => page = page.continue_token(&token),
                None => break,
            }
        }
        Ok((profiles, origin))
    })
}
