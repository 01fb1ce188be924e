//! `berth run`: the operator and the admission webhook in one process.

use std::{io::IsTerminal, net::SocketAddr, sync::Arc, time::Duration};

use axum_server::Handle;
use kube::{Client, Config};
use tracing::{error, info};
use tracing_subscriber::EnvFilter;

use super::{Failure, Outcome, inputs::Inputs};
use crate::{
    operator::{
        Evaluator, Operator, Scope, View,
        certificates::{Keeper, Names},
        needs,
    },
    server::{
        self, Metrics, Need, Readiness,
        shutdown::{self, Asked},
        tasks::Tasks,
    },
    webhook::{self, Admission, Served},
};

#[derive(Debug, clap::Args)]
pub struct Args {
    /// Where the webhook listens, over TLS
    #[arg(long, env = "BERTH_WEBHOOK_ADDRESS", default_value = "0.0.0.0:8443", value_name = "ADDRESS")]
    webhook_address: SocketAddr,
    /// Where /healthz, /readyz and /metrics are served
    #[arg(long, env = "BERTH_HTTP_ADDRESS", default_value = "0.0.0.0:8080", value_name = "ADDRESS")]
    http_address: SocketAddr,
    /// The namespace that Berth runs in; it's never profiled
    #[arg(long, env = "POD_NAMESPACE", default_value = "berth-system")]
    namespace: String,
    /// The Service through which the API server calls the webhook, for the certificate's names
    #[arg(long, env = "BERTH_SERVICE_NAME", default_value = "berth", value_name = "NAME")]
    service_name: String,
    /// The ValidatingWebhookConfiguration whose caBundle is kept; without it none is
    #[arg(long, env = "BERTH_WEBHOOK_CONFIGURATION", value_name = "NAME")]
    webhook_configuration: Option<String>,
    /// The Secret for the webhook's certificate; it must exist, and may be empty
    #[arg(long, env = "BERTH_CERTIFICATE_SECRET", default_value = "berth-certificate", value_name = "NAME")]
    certificate_secret: String,
    /// What this cluster is called in logs and reports
    #[arg(long, env = "BERTH_CLUSTER_NAME", default_value = "cluster", value_name = "NAME")]
    cluster_name: String,
    /// How log lines are written
    #[arg(long, env = "BERTH_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// The least important level that is logged, or a filter such as berth=debug,kube=info
    #[arg(long, env = "BERTH_LOG_LEVEL", default_value = "info", value_name = "LEVEL", value_parser = level)]
    log_level: String,
    #[command(flatten)]
    inputs: Inputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Checks a level while the command line is read, so that a wrong one is an error of usage.
fn level(text: &str) -> Result<String, String> {
    EnvFilter::try_new(text)
        .map(|_| text.to_owned())
        .map_err(|error| format!("{error}; use error, warn, info, debug or trace"))
}

/// Runs until it's told to stop.
///
/// # Errors
/// When something at the start is missing, or a part of the operator ends.
pub fn run(args: Args) -> Result<Outcome, Failure> {
    log_as(args.log_format, &args.log_level)?;
    // Once, before anything speaks TLS: kube looks for the process's default.
    if rustls::crypto::ring::default_provider().install_default().is_err() {
        return Err(Failure("TLS was set up twice".to_owned()));
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let outcome = runtime.block_on(serve(args));
    // Watches may be in the middle of a read: they are cut, not waited for.
    runtime.shutdown_timeout(Duration::from_secs(1));
    outcome
}

async fn serve(args: Args) -> Result<Outcome, Failure> {
    info!(version = env!("CARGO_PKG_VERSION"), cluster = args.cluster_name, "starting");
    let mut config = Config::infer().await.map_err(|error| {
        Failure(format!("no cluster to run against: {error}; set KUBECONFIG, or run it in a Pod"))
    })?;
    // The operator tries again by itself, one workload at a time; the client's own way would hold up the rest.
    config.default_retry = false;
    let client =
        Client::try_from(config).map_err(|error| Failure(format!("no client for the cluster: {error}")))?;

    let mut wanted: Vec<Need> = needs().chain([Need::Certificate]).collect();
    wanted.extend(args.webhook_configuration.as_ref().map(|_| Need::CaBundle));
    let readiness = Arc::new(Readiness::new(wanted));
    let metrics = Arc::new(Metrics::new());
    let view = Arc::new(View::default());
    let evaluator = Evaluator::new(args.inputs.catalog()?.into_owned(), args.inputs.policy()?);
    let served = Arc::new(Served::default());

    let mut servers = Tasks::default();
    let (http, tls) = (Handle::new(), Handle::new());
    let router = server::router(readiness.clone(), metrics.clone());
    servers.spawn_fallible("http server", server::serve(args.http_address, http.clone(), router));
    let admission = Admission { view: view.clone(), evaluator: evaluator.clone() };
    let router = webhook::router(admission, metrics.clone());
    servers.spawn_fallible(
        "webhook server",
        webhook::serve(args.webhook_address, tls.clone(), served.clone(), router),
    );

    let mut tasks = Tasks::default();
    let keeper = Keeper {
        client: client.clone(),
        names: Names {
            namespace: args.namespace.clone(),
            secret: args.certificate_secret,
            service: args.service_name,
            configuration: args.webhook_configuration,
        },
        served,
        readiness: readiness.clone(),
        metrics: metrics.clone(),
    };
    tasks.spawn("certificates", keeper.keep());
    let scope = Scope::new(args.namespace);
    Operator { client, view, evaluator, scope, readiness: readiness.clone(), metrics }.start(&mut tasks);

    let asked = tokio::select! {
        asked = shutdown::asked() => asked?,
        ended = tasks.first_end() => return Err(stopped(ended)),
        ended = servers.first_end() => return Err(stopped(ended)),
    };
    info!("stopping");
    readiness.unmet(Need::Stopping);
    if asked == Asked::ByTheKubelet {
        tokio::time::sleep(shutdown::DRAIN).await;
    }
    tls.graceful_shutdown(Some(shutdown::GRACE));
    http.graceful_shutdown(Some(shutdown::GRACE));
    servers.all_ended().await.map_err(stopped)?;
    tasks.stop().await;
    info!("stopped");
    Ok(Outcome::Clean)
}

fn stopped(ended: server::tasks::Ended) -> Failure {
    error!("stopping: {ended}");
    Failure(ended.to_string())
}

fn log_as(format: LogFormat, level: &str) -> Result<(), Failure> {
    let filter =
        EnvFilter::try_new(level).map_err(|error| Failure(format!("--log-level {level}: {error}")))?;
    let lines = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_ansi(std::io::stderr().is_terminal())
        .with_writer(std::io::stderr);
    match format {
        LogFormat::Text => lines.init(),
        LogFormat::Json => lines.json().flatten_event(true).init(),
    }
    // A panic is a log line as well, so that whoever collects JSON sees it.
    std::panic::set_hook(Box::new(|panic| error!("{panic}")));
    Ok(())
}
