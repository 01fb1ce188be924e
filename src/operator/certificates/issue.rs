//! Makes certificate authorities and the certificates that they sign. Pure but for the random numbers.

use std::collections::BTreeMap;

use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose,
};
use time::{Duration, OffsetDateTime};

/// How long an authority is good.
pub const AUTHORITY_LIFE: Duration = Duration::days(3650);
/// How long a certificate is good.
pub const LEAF_LIFE: Duration = Duration::days(90);
/// Clocks differ: certificates begin this much before they are made.
const SKEW: Duration = Duration::hours(1);

/// The keys of the Secret.
pub const CA_CERTIFICATES: &str = "ca.crt";
pub const CA_KEY: &str = "ca.key";
pub const CERTIFICATE: &str = "tls.crt";
pub const KEY: &str = "tls.key";

/// A certificate couldn't be made.
#[derive(Debug, thiserror::Error)]
#[error("the webhook's certificate can't be made: {0}")]
pub struct Error(#[from] rcgen::Error);

/// What the Secret holds, all as PEM.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Material {
    /// The authority that signs now first, then those that signed before.
    pub ca_certificates: String,
    pub ca_key: String,
    pub certificate: String,
    pub key: String,
}

impl Material {
    /// Takes the texts out of a Secret; what is missing or no text is empty.
    pub fn from_secret(data: &BTreeMap<String, k8s_openapi::ByteString>) -> Material {
        let text = |key: &str| {
            data.get(key).and_then(|bytes| String::from_utf8(bytes.0.clone()).ok()).unwrap_or_default()
        };
        Material {
            ca_certificates: text(CA_CERTIFICATES),
            ca_key: text(CA_KEY),
            certificate: text(CERTIFICATE),
            key: text(KEY),
        }
    }

    /// The same as the Secret's data.
    pub fn to_secret(&self) -> BTreeMap<String, k8s_openapi::ByteString> {
        [
            (CA_CERTIFICATES, &self.ca_certificates),
            (CA_KEY, &self.ca_key),
            (CERTIFICATE, &self.certificate),
            (KEY, &self.key),
        ]
        .into_iter()
        .map(|(key, text)| (key.to_owned(), k8s_openapi::ByteString(text.clone().into_bytes())))
        .collect()
    }
}

/// A new authority: its certificate and its key.
///
/// # Errors
/// When no key can be made.
pub fn authority(now: OffsetDateTime) -> Result<(String, String), Error> {
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::default();
    // Told apart by its date: two authorities of one name confuse clients that look issuers up by name.
    params.distinguished_name.push(DnType::CommonName, format!("Berth webhook authority {}", now.date()));
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    params.not_before = now - SKEW;
    params.not_after = now + AUTHORITY_LIFE;
    Ok((params.self_signed(&key)?.pem(), key.serialize_pem()))
}

/// A new certificate for a server of these names, and its key.
///
/// # Errors
/// When the authority can't be read or a name can't be in a certificate.
pub fn leaf(
    authority: &str,
    authority_key: &str,
    names: &[String],
    now: OffsetDateTime,
) -> Result<(String, String), Error> {
    let issuer = Issuer::from_ca_cert_pem(authority, KeyPair::from_pem(authority_key)?)?;
    let key = KeyPair::generate()?;
    let mut params = CertificateParams::new(names)?;
    if let Some(name) = names.first().filter(|name| name.len() <= 64) {
        params.distinguished_name.push(DnType::CommonName, name.clone());
    }
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    params.use_authority_key_identifier_extension = true;
    params.not_before = now - SKEW;
    params.not_after = now + LEAF_LIFE;
    Ok((params.signed_by(&key, &issuer)?.pem(), key.serialize_pem()))
}
