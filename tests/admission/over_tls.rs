//! The webhook over real TLS: certificates that change, and clients that have to show one.

use std::net::SocketAddr;

use axum_server::Handle;
use berth::{
    operator::certificates::{Material, Todo, certified, renew},
    webhook::{Served, serve},
};
use rcgen::{CertificateParams, ExtendedKeyUsagePurpose, Issuer, KeyPair};
use rustls::{
    ClientConfig, ClientConnection, RootCertStore, StreamOwned,
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, pem::PemObject},
};
use time::OffsetDateTime;

use super::*;

const NAME: &str = "berth.berth-system.svc";

fn material() -> Material {
    let everything = Todo::Everything("a test");
    renew(&everything, &Material::default(), &[NAME.to_owned()], OffsetDateTime::now_utc()).unwrap()
}

type Stream = StreamOwned<ClientConnection, std::net::TcpStream>;

/// What a client shows of itself.
type Shown = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

/// A client's certificate by this authority, as an API server has one.
fn shown(authority: &Material) -> Shown {
    let issuer_key = KeyPair::from_pem(&authority.ca_key).unwrap();
    let issuer = Issuer::from_ca_cert_pem(&authority.ca_certificates, issuer_key).unwrap();
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["kube-apiserver".to_owned()]).unwrap();
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    let certificate = params.signed_by(&key, &issuer).unwrap();
    (vec![certificate.der().clone()], PrivateKeyDer::try_from(key.serialize_der()).unwrap())
}

/// A connection that trusts these authorities.
fn connect(address: SocketAddr, authorities: &str) -> std::io::Result<Stream> {
    connect_as(None, address, authorities)
}

fn client(shown: Option<Shown>, authorities: &str) -> ClientConfig {
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_slice(authorities.as_bytes()).unwrap()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots);
    match shown {
        Some((chain, key)) => config.with_client_auth_cert(chain, key).unwrap(),
        None => config.with_no_client_auth(),
    }
}

fn connect_as(shown: Option<Shown>, address: SocketAddr, authorities: &str) -> std::io::Result<Stream> {
    let config = client(shown, authorities);
    let name = ServerName::try_from(NAME).unwrap();
    let mut tls = ClientConnection::new(Arc::new(config), name).unwrap();
    let mut tcp = std::net::TcpStream::connect(address)?;
    while tls.is_handshaking() {
        tls.complete_io(&mut tcp)?;
    }
    Ok(StreamOwned::new(tls, tcp))
}

/// One request over HTTP/1.1 that leaves the connection open, and the status line of its answer.
fn ask(stream: &mut (impl std::io::Read + std::io::Write)) -> String {
    ask_for_all(stream).lines().next().unwrap_or_default().to_owned()
}

fn ask_for_all(stream: &mut (impl std::io::Read + std::io::Write)) -> String {
    let body = review("CREATE", web()).to_string();
    write!(
        stream,
        "POST /admission/warn HTTP/1.1\r\nHost: {NAME}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .unwrap();
    let mut answer = vec![0; 16 << 10];
    let read = stream.read(&mut answer).unwrap();
    String::from_utf8_lossy(&answer[..read]).into_owned()
}

/// A webhook that is served with a certificate of its own.
struct Running {
    address: SocketAddr,
    own: Material,
    handle: Handle<SocketAddr>,
    server: tokio::task::JoinHandle<std::io::Result<()>>,
}

impl Running {
    async fn start(webhook: &Webhook) -> Self {
        let (served, handle, own) = (Arc::new(Served::default()), Handle::new(), material());
        served.replace(certified(&own).unwrap());
        let any = SocketAddr::from(([127, 0, 0, 1], 0));
        let server = tokio::spawn(serve(any, handle.clone(), served, None, webhook.router.clone()));
        let address = handle.listening().await.expect("the server listens");
        Running { address, own, handle, server }
    }

    async fn stop(self) {
        self.handle.graceful_shutdown(Some(std::time::Duration::from_secs(1)));
        self.server.await.unwrap().unwrap();
    }
}

/// An API server keeps connections for the next review, and sends none twice: what is closed under it is lost.
#[tokio::test(flavor = "multi_thread")]
async fn while_it_stops_each_connection_ends_with_an_answer() {
    let webhook = Webhook::new();
    let running = Running::start(&webhook).await;
    let (address, own) = (running.address, running.own.clone());
    let drain = webhook.drain.clone();
    tokio::task::spawn_blocking(move || {
        use std::io::Read;
        let kept = || {
            let mut stream = connect(address, &own.ca_certificates).unwrap();
            assert!(!ask_for_all(&mut stream).contains("connection: close"));
            stream
        };
        let connections = [kept(), kept()];
        drain.begin();
        // Those that were there, and one of a client that hasn't heard of it yet.
        let late = connect(address, &own.ca_certificates).unwrap();
        for mut stream in connections.into_iter().chain([late]) {
            let answer = ask_for_all(&mut stream);
            assert!(
                answer.starts_with("HTTP/1.1 200 OK") && answer.contains("connection: close"),
                "{answer}"
            );
            assert_eq!(stream.read(&mut [0; 16]).unwrap(), 0, "it's left open");
        }
    })
    .await
    .unwrap();
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn only_who_shows_a_certificate_of_the_authority_is_let_in_where_one_is_asked_for() {
    let webhook = Webhook::new();
    let (served, handle, own) = (Arc::new(Served::default()), Handle::new(), material());
    let (right, wrong) = (material(), material());
    served.replace(certified(&own).unwrap());
    let mut clients = RootCertStore::empty();
    clients.add(CertificateDer::from_pem_slice(right.ca_certificates.as_bytes()).unwrap()).unwrap();
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let router = webhook.router.clone();
    let server = tokio::spawn(serve(address, handle.clone(), served, Some(clients), router));
    let address = handle.listening().await.expect("the server listens");
    tokio::task::spawn_blocking(move || {
        use std::io::{Read, Write};
        let trusted = &own.ca_certificates;
        let mut stream = connect_as(Some(shown(&right)), address, trusted).unwrap();
        assert_eq!(ask(&mut stream), "HTTP/1.1 200 OK");
        for (who, client) in [("no certificate", None), ("a stranger's", Some(shown(&wrong)))] {
            // With TLS 1.3 the client learns of it only when it reads.
            let Ok(mut stream) = connect_as(client, address, trusted) else { continue };
            let sent = stream.write_all(b"GET / HTTP/1.1\r\n\r\n");
            assert!(sent.is_err() || stream.read(&mut [0; 16]).is_err(), "let in with {who}");
        }
    })
    .await
    .unwrap();
    handle.graceful_shutdown(Some(std::time::Duration::from_secs(1)));
    server.await.unwrap().unwrap();
}

/// One who opens many and keeps them idle would keep the API server out.
#[tokio::test(flavor = "multi_thread")]
async fn where_many_connections_are_open_none_is_kept_idle() {
    let webhook = Webhook::new();
    let running = Running::start(&webhook).await;
    let (address, own) = (running.address, running.own.clone());
    tokio::task::spawn_blocking(move || {
        let mut stream = connect(address, &own.ca_certificates).unwrap();
        assert!(!ask_for_all(&mut stream).contains("connection: close"));
        let idle: Vec<_> = (0..260).map(|_| std::net::TcpStream::connect(address).unwrap()).collect();
        let closes = || {
            ask_for_all(&mut connect(address, &own.ca_certificates).unwrap()).contains("connection: close")
        };
        assert!(closes());
        drop(idle);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(20);
        while closes() {
            assert!(std::time::Instant::now() < deadline, "it goes on when there is room again");
        }
    })
    .await
    .unwrap();
    running.stop().await;
}

/// As API servers ask: each over a connection of its own. Bodies that wait for memory must leave it to those that are read.
#[tokio::test(flavor = "multi_thread")]
async fn many_large_reviews_at_once_are_all_answered() {
    use http_body_util::Full;
    use hyper_util::rt::TokioIo;

    let webhook = Webhook::new();
    let running = Running::start(&webhook).await;
    let (address, own) = (running.address, running.own.clone());

    let tls = tokio_rustls::TlsConnector::from(Arc::new(client(None, &own.ca_certificates)));
    let mut text = review("CREATE", web()).to_string();
    text.push_str(&" ".repeat(LIMIT / 2 - text.len()));
    let body = Bytes::from(text);
    let ask = async || {
        let tcp = tokio::net::TcpStream::connect(address).await.unwrap();
        let stream = tls.connect(ServerName::try_from(NAME).unwrap(), tcp).await.unwrap();
        let (mut sender, connection) =
            hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.unwrap();
        let connection = tokio::spawn(connection);
        let request = Request::post("/admission/warn")
            .header(header::HOST, NAME)
            .header(header::CONTENT_TYPE, "application/json")
            .body(Full::new(body.clone()))
            .unwrap();
        let status = sender.send_request(request).await.map(|answer| answer.status());
        connection.abort();
        status
    };
    let answers = futures::future::join_all((0..12).map(|_| ask())).await;
    assert!(answers.iter().all(|status| matches!(status, Ok(StatusCode::OK))), "{answers:?}");
    running.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_certificate_is_served_and_open_connections_go_on() {
    let webhook = Webhook::new();
    let (served, handle) = (Arc::new(Served::default()), Handle::new());
    let address = SocketAddr::from(([127, 0, 0, 1], 0));
    let server = tokio::spawn(serve(address, handle.clone(), served.clone(), None, webhook.router.clone()));
    let address = handle.listening().await.expect("the server listens");
    let (first, second) = (material(), material());

    let (trusted, later) = (first.ca_certificates.clone(), second.ca_certificates.clone());
    tokio::task::spawn_blocking(move || {
        assert!(connect(address, &trusted).is_err(), "a handshake without a certificate");
        served.replace(certified(&first).unwrap());
        let mut open = connect(address, &trusted).unwrap();
        assert_eq!(ask(&mut open), "HTTP/1.1 200 OK");
        served.replace(certified(&second).unwrap());
        assert_eq!(ask(&mut open), "HTTP/1.1 200 OK", "the open connection was dropped");
        assert!(connect(address, &trusted).is_err(), "the old certificate is still served");
        assert_eq!(ask(&mut connect(address, &later).unwrap()), "HTTP/1.1 200 OK");
    })
    .await
    .unwrap();

    handle.graceful_shutdown(Some(std::time::Duration::from_secs(5)));
    server.await.unwrap().unwrap();
}
