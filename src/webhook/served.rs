//! The certificate that is served: replaced while connections go on.

use std::sync::{Arc, PoisonError, RwLock};

use rustls::{
    RootCertStore, ServerConfig,
    crypto::ring,
    server::{ClientHello, ResolvesServerCert, WebPkiClientVerifier},
    sign::CertifiedKey,
};

/// Holds the certificate. Without one, handshakes fail and the API server goes on without Berth.
#[derive(Debug, Default)]
pub struct Served(RwLock<Option<Arc<CertifiedKey>>>);

impl Served {
    /// Serves this one from the next handshake on. Says whether it's another one than before.
    pub fn replace(&self, certified: CertifiedKey) -> bool {
        let new = !self.is(&certified);
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(certified));
        new
    }

    /// Whether it's this one.
    pub fn is(&self, certified: &CertifiedKey) -> bool {
        let held = self.0.read().unwrap_or_else(PoisonError::into_inner);
        held.as_ref().is_some_and(|held| held.cert == certified.cert)
    }

    /// Whether there is one.
    pub fn is_empty(&self) -> bool {
        self.0.read().unwrap_or_else(PoisonError::into_inner).is_none()
    }

    /// How the webhook speaks TLS: over HTTP/1.1, and only with clients that show a certificate of the authorities
    /// given, if any are.
    ///
    /// # Errors
    /// When the crypto library lacks the protocol versions, or the authorities can't be used.
    pub fn config(self: &Arc<Self>, clients: Option<RootCertStore>) -> Result<ServerConfig, rustls::Error> {
        let provider = Arc::new(ring::default_provider());
        let verifier = match clients {
            Some(authorities) => {
                WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), provider.clone())
                    .build()
                    .map_err(|error| rustls::Error::General(error.to_string()))?
            }
            None => WebPkiClientVerifier::no_client_auth(),
        };
        let mut config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()?
            .with_client_cert_verifier(verifier)
            .with_cert_resolver(self.clone());
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        Ok(config)
    }
}

impl ResolvesServerCert for Served {
    fn resolve(&self, _: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}
