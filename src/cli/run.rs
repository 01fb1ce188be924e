//! `berth run`: the operator and the admission webhook in one process.

use std::{
    io::IsTerminal,
    net::SocketAddr,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use axum_server::Handle;
use clap::builder::NonEmptyStringValueParser;
use k8s_controller::LeaderElection;
use kube::{Client, Config};
use rustls::{
    RootCertStore,
    pki_types::{CertificateDer, pem::PemObject},
};
use tracing::{error, info};
use tracing_subscriber::{EnvFilter, filter::LevelFilter};

use super::{Failure, Outcome, inputs::Inputs, prometheus::PrometheusArgs};
use crate::{
    amount,
    misread::in_words,
    observe,
    operator::{
        Evaluator, Leadership, Operator, OwnedLease, Scope, View,
        certificates::{Issuer, Keeper, Names},
        needs, page,
    },
    report::open_reports,
    selector::Selector,
    server::{
        self, Metrics, Need, Readiness,
        shutdown::{self, Asked, Drain},
        tasks::Tasks,
    },
    webhook::{self, Admission, Served},
};

/// How long the API server may take to answer about the Lease: less than the ten seconds after which a leader stops.
const ELECTION_TIME: Duration = Duration::from_secs(5);

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
    /// The namespaces about which the webhook that refuses is asked, as a label selector in JSON
    #[arg(long, env = "BERTH_DENY_NAMESPACES", value_name = "SELECTOR", value_parser = selector)]
    deny_namespaces: Option<Selector>,
    /// The Secret for the webhook's certificate; Berth fills it and makes it anew, unless another issues it
    #[arg(long, env = "BERTH_CERTIFICATE_SECRET", default_value = "berth-certificate", value_name = "NAME")]
    certificate_secret: String,
    /// Who makes the certificate in that Secret
    #[arg(long, env = "BERTH_CERTIFICATES", default_value = "self")]
    certificates: Issuer,
    /// Authorities (PEM) of which a caller of the webhook must show a certificate; without it anyone may call
    #[arg(long, env = "BERTH_CLIENT_CA", value_name = "FILE")]
    client_ca: Option<PathBuf>,
    /// The Lease that the replica which writes holds; it's created, and goes with the Deployment of the same name
    #[arg(long, env = "BERTH_LEASE", default_value = "berth", value_name = "NAME")]
    lease: String,
    /// This replica's name in the Lease, unlike any other's; by default the host's name and the process's number
    #[arg(long, env = "POD_NAME", value_name = "NAME", value_parser = NonEmptyStringValueParser::new())]
    identity: Option<String>,
    /// What this cluster is called in logs and reports
    #[arg(long, env = "BERTH_CLUSTER_NAME", default_value = "cluster", value_name = "NAME")]
    cluster_name: String,
    /// How often the cluster is asked for what Pods use, such as 5m
    #[arg(long, env = "BERTH_USAGE_INTERVAL", default_value = "5m", value_name = "DURATION", value_parser = pause)]
    usage_interval: Duration,
    /// Keep a report in each namespace, of this API group's kind
    #[arg(long, env = "BERTH_OPEN_REPORTS", value_name = "GROUP")]
    open_reports: Option<open_reports::Api>,
    /// Serve the report's page here, over plain HTTP and to this machine alone, such as 127.0.0.1:8081
    #[arg(long, env = "BERTH_PAGE_ADDRESS", value_name = "ADDRESS")]
    page_address: Option<SocketAddr>,
    /// How log lines are written
    #[arg(long, env = "BERTH_LOG_FORMAT", default_value = "text")]
    log_format: LogFormat,
    /// The least important level that is logged, or a filter such as berth=debug,kube=info
    #[arg(long, env = "BERTH_LOG_LEVEL", default_value = "info", value_name = "LEVEL", value_parser = level)]
    log_level: String,
    #[command(flatten)]
    prometheus: PrometheusArgs,
    #[command(flatten)]
    inputs: Inputs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

/// Reads a selector while the command line is read, so that a wrong one is an error of usage.
fn selector(text: &str) -> Result<Selector, String> {
    let selector: Selector = serde_json::from_str(text).map_err(|error| in_words(&error.to_string()))?;
    selector.check().map_err(|invalid| invalid.to_string())?;
    Ok(selector)
}

/// Checks a level while the command line is read, so that a wrong one is an error of usage.
fn level(text: &str) -> Result<String, String> {
    const LEVELS: &str = "use off, error, warn, info, debug, trace, or a filter such as info,berth=debug";
    // A filter takes any word alone for the name of a module, all of whose lines it then logs.
    let is_word = |part: &&str| !part.contains(['=', '[']);
    if let Some(word) = text.split(',').filter(is_word).find(|word| word.parse::<LevelFilter>().is_err()) {
        return Err(format!("{word:?} is no level; {LEVELS}"));
    }
    EnvFilter::try_new(text).map(|_| text.to_owned()).map_err(|error| format!("{error}; {LEVELS}"))
}

/// A time between two looks. A server that samples every 15 seconds has nothing new before.
pub fn pause(text: &str) -> Result<Duration, String> {
    let seconds = amount::seconds(text).ok_or_else(|| format!("{text:?} isn't a duration such as 5m"))?;
    Duration::try_from_secs_f64(seconds)
        .ok()
        .filter(|pause| *pause >= Duration::from_secs(5))
        .ok_or_else(|| "use 5s or more".to_owned())
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
    let client = connect(config.clone())?;
    // A connection that died in silence must not keep a replica from standing for election.
    config.read_timeout = Some(ELECTION_TIME);
    let identity = args.identity.unwrap_or_else(own_name);
    let electing = connect(config)?;
    let election = LeaderElection::new(electing.clone(), &args.namespace, &args.lease, &identity);
    let lease = OwnedLease { client: electing, namespace: args.namespace.clone(), name: args.lease };

    let mut wanted: Vec<Need> = needs().chain([Need::Certificate]).collect();
    wanted.extend(args.webhook_configuration.as_ref().map(|_| Need::CaBundle));
    let readiness = Arc::new(Readiness::new(wanted));
    let metrics = Arc::new(Metrics::new());
    let leadership = Arc::new(Leadership::new(election, metrics.clone()).about(lease));
    let view = Arc::new(View::default());
    view.write(|seen| seen.index.date(observe::today()));
    let policy = args.inputs.policy()?;
    let evaluator = Evaluator::new(args.inputs.catalog(&policy)?.into_owned(), policy);
    let prometheus = args.prometheus.asking()?;
    let served = Arc::new(Served::default());

    let clients = args.client_ca.as_deref().map(authorities).transpose()?;

    let mut servers = Tasks::default();
    let (http, tls) = (Handle::new(), Handle::new());
    let router = server::router(readiness.clone(), metrics.clone());
    servers.spawn_fallible("http server", server::serve(args.http_address, http.clone(), router));
    let admission = Admission {
        view: view.clone(),
        evaluator: evaluator.clone(),
        denied: args.deny_namespaces.map(Arc::new),
    };
    let drain = Drain::default();
    let router = webhook::router(admission, metrics.clone(), drain.clone());
    servers.spawn_fallible(
        "webhook server",
        webhook::serve(args.webhook_address, tls.clone(), served.clone(), clients, router),
    );

    let (mut watching, mut writing) = (Tasks::default(), Tasks::default());
    let keeper = Keeper {
        client: client.clone(),
        names: Names {
            namespace: args.namespace.clone(),
            secret: args.certificate_secret,
            service: args.service_name,
            configuration: args.webhook_configuration,
        },
        issuer: args.certificates,
        served,
        leading: leadership.follow(),
        readiness: readiness.clone(),
        metrics: metrics.clone(),
        last: Mutex::default(),
    };
    watching.spawn("certificates", keeper.keep());
    let scope = Scope::new(args.namespace);
    let operator = Operator {
        client,
        view,
        evaluator,
        scope,
        cluster_name: args.cluster_name,
        readiness: readiness.clone(),
        metrics,
        open_reports: args.open_reports,
        look: args.usage_interval,
        prometheus,
    };
    let page = args.page_address.map(|address| {
        let handle = Handle::new();
        let router = server::page::router(page::make(operator.clone()));
        servers.spawn_fallible("page server", server::serve(address, handle.clone(), router));
        handle
    });
    operator.start(leadership.clone(), &mut watching, &mut writing);

    let asked = tokio::select! {
        asked = shutdown::asked() => asked.map_err(Failure::from),
        ended = watching.first_end() => Err(stopped(ended)),
        ended = writing.first_end() => Err(stopped(ended)),
        ended = servers.first_end() => Err(stopped(ended)),
    };
    info!("stopping");
    drain.begin();
    // The next replica writes from now on, while this one still answers.
    writing.stop().await;
    // An API server that doesn't answer must not take the time that requests have; the Lease runs out by itself.
    let release = tokio::time::timeout(shutdown::RELEASE_MAX, leadership.release());
    if matches!(asked, Ok(Asked::ByTheKubelet)) {
        let _ = tokio::join!(release, drain.quiet());
    } else {
        let _ = release.await;
    }
    // Not before: a Pod that is deleted leaves its Service anyway, and takes the requests for which no other is ready.
    readiness.unmet(Need::Stopping);
    asked?;
    tls.graceful_shutdown(Some(shutdown::GRACE));
    http.graceful_shutdown(Some(shutdown::GRACE));
    if let Some(page) = page {
        page.graceful_shutdown(Some(shutdown::GRACE));
    }
    servers.all_ended().await.map_err(stopped)?;
    watching.stop().await;
    info!("stopped");
    Ok(Outcome::Clean)
}

fn connect(config: Config) -> Result<Client, Failure> {
    Client::try_from(config).map_err(|error| Failure(format!("no client for the cluster: {error}")))
}

/// The authorities in a file.
fn authorities(path: &Path) -> Result<RootCertStore, Failure> {
    let failure = |why: String| Failure(format!("--client-ca {}: {why}", path.display()));
    let mut store = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| failure(error.to_string()))? {
        let certificate = certificate.map_err(|error| failure(error.to_string()))?;
        store.add(certificate).map_err(|error| failure(error.to_string()))?;
    }
    if store.is_empty() {
        return Err(failure("there is no certificate in it".to_owned()));
    }
    Ok(store)
}

/// Outside a Pod, where several may run on one host.
fn own_name() -> String {
    let host = std::env::var("HOSTNAME").unwrap_or_else(|_| "berth".to_owned());
    format!("{host}-{}", std::process::id())
}

fn stopped(ended: server::tasks::Ended) -> Failure {
    error!("stopping: {ended}");
    Failure(ended.to_string())
}

fn log_as(format: LogFormat, level: &str) -> Result<(), Failure> {
    let mut filter =
        EnvFilter::try_new(level).map_err(|error| Failure(format!("--log-level {level}: {error}")))?;
    // The client logs each answer of 500 and above as an error, also those that are no fault: an API that isn't there.
    // Whoever asked says what it means. A level for the client that somebody set is left alone.
    if !level.contains("kube")
        && let Ok(quiet) = "kube_client::client::builder=off".parse()
    {
        filter = filter.add_directive(quiet);
    }
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
