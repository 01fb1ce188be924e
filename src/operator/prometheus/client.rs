//! One question to Prometheus, and what can be believed of the answer: in time, of bounded size, and a list of series.

use std::{fs, path::PathBuf, time::Duration};

use axum::http::{Request, Uri};
use http_body_util::{BodyExt, Limited};
use kube::{Client, Config, client::Body, config::AuthInfo};
use rustls::pki_types::{CertificateDer, pem::PemObject};
use tokio::time::timeout;

use super::super::reconcile::reason;
use crate::observe::prometheus::{Answer, Problem, Sample};

/// An answer that takes longer isn't waited for; Prometheus is told so, and stops working on it.
const PATIENCE: Duration = Duration::from_secs(30);
/// 20,000 series of a few labels.
const LARGEST: usize = 8 * 1024 * 1024;
const MOST_SERIES: usize = 20_000;
/// Of a body that says what is wrong.
const WORDS: usize = 16 * 1024;

/// Where Prometheus is, and how it's spoken to.
#[derive(Clone, Debug)]
pub struct Address {
    pub url: Uri,
    /// A file with the token that is sent, read again when it changes.
    pub bearer_token: Option<PathBuf>,
    /// Authorities (PEM) of its certificate, instead of the system's.
    pub authorities: Option<PathBuf>,
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Refused {
    /// The same would be said to every question.
    #[error("{0}")]
    Altogether(String),
    /// It's about this question.
    #[error("{0}")]
    This(String),
}

pub struct Prometheus(Client);

impl Address {
    /// A client of its own: the API server's is left alone.
    pub fn connect(&self) -> Result<Prometheus, Refused> {
        let failure = |path: &PathBuf, why: &dyn std::fmt::Display| {
            Refused::Altogether(format!("{}: {why}", path.display()))
        };
        let mut config = Config::new(self.url.clone());
        config.default_retry = false;
        config.connect_timeout = Some(Duration::from_secs(10));
        // Over plain HTTP there is nobody to trust: an image without authorities must do.
        config.root_cert = (self.url.scheme_str() == Some("http")).then(Vec::new);
        if let Some(path) = &self.authorities {
            let text = fs::read(path).map_err(|error| failure(path, &error))?;
            let all: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
            let all = all.map_err(|error| failure(path, &error))?;
            config.root_cert = Some(all.iter().map(|certificate| certificate.to_vec()).collect());
        }
        let token_file = self.bearer_token.as_ref().map(|path| path.display().to_string());
        config.auth_info = AuthInfo { token_file, ..AuthInfo::default() };
        let client = Client::try_from(config).map_err(|error| Refused::Altogether(reason(&error)))?;
        Ok(Prometheus(client))
    }
}

impl Prometheus {
    /// The series that an instant query gives.
    pub async fn ask(&self, query: &str) -> Result<Vec<Sample>, Refused> {
        let late = |_| Refused::Altogether(format!("no answer within {} s", PATIENCE.as_secs()));
        timeout(PATIENCE, self.answer(query)).await.map_err(late)?
    }

    async fn answer(&self, query: &str) -> Result<Vec<Sample>, Refused> {
        let fields = form_urlencoded::Serializer::new(String::new())
            .append_pair("query", query)
            .append_pair("timeout", &format!("{}s", PATIENCE.as_secs()))
            .finish();
        let request = Request::get(format!("/api/v1/query?{fields}"))
            .header("accept", "application/json")
            .body(Body::empty())
            .map_err(|error| Refused::This(error.to_string()))?;
        let response = self.0.send(request).await.map_err(|error| Refused::Altogether(reason(&error)))?;
        let status = response.status();
        let most = if status.is_success() { LARGEST } else { WORDS };
        let body = Limited::new(response.into_body(), most).collect().await;
        if !status.is_success() {
            let said = body.ok().and_then(|body| serde_json::from_slice::<Problem>(&body.to_bytes()).ok());
            let said = said.map_or_else(String::new, |problem| format!(": {:.200}", problem.error));
            let why = format!("it answered {status}{said}");
            // A bad query, or one that is too much for it.
            let about_this = matches!(status.as_u16(), 400 | 422);
            return Err(if about_this { Refused::This(why) } else { Refused::Altogether(why) });
        }
        let body = body.map_err(|error| Refused::This(format!("its answer: {error}")))?.to_bytes();
        let answer: Answer = serde_json::from_slice(&body)
            .map_err(|error| Refused::This(format!("its answer is no list of series: {error}")))?;
        let series = answer.data.result;
        if series.len() > MOST_SERIES {
            let count = series.len();
            return Err(Refused::This(format!("it answered {count} series; {MOST_SERIES} are read at most")));
        }
        Ok(series)
    }
}
