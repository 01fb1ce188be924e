//! What a Secret needs at a moment: nothing, a new certificate, a new authority beside the old, or everything new. Pure.

use std::sync::Arc;

use rcgen::{KeyPair, PublicKeyData};
use rustls::{
    RootCertStore,
    client::{WebPkiServerVerifier, danger::ServerCertVerifier},
    crypto::ring,
    pki_types::{CertificateDer, PrivateKeyDer, ServerName, UnixTime, pem::PemObject},
    sign::CertifiedKey,
};
use time::{Duration, OffsetDateTime};
use x509_parser::prelude::{FromDer, X509Certificate};

use super::issue::{self, Error, Material};

/// A new authority joins the old one this long before that ends.
const AUTHORITY_AHEAD: Duration = Duration::days(365);
/// Old authorities that are kept: more than one only after repairs.
const KEPT: usize = 2;

/// What to do with the Secret, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Todo {
    /// Nothing before this time.
    Keep { until: OffsetDateTime },
    /// A new certificate, signed by the present authority.
    Leaf(&'static str),
    /// A new authority beside the old one; the certificate stays.
    Authority(&'static str),
    /// A new authority and certificate; old authorities that can be read stay beside it.
    Everything(&'static str),
}

/// Decides what the Secret needs so that clients accept its certificate under all these names.
pub fn assess(material: &Material, names: &[String], now: OffsetDateTime) -> Todo {
    if *material == Material::default() {
        return Todo::Everything("the Secret is empty");
    }
    let authorities = authorities(&material.ca_certificates);
    let Some(current) = authorities.first() else {
        return Todo::Everything("ca.crt can't be read");
    };
    match KeyPair::from_pem(&material.ca_key) {
        Err(_) => return Todo::Everything("ca.key can't be read"),
        Ok(key) if key.der_bytes() != current.public_key => {
            return Todo::Everything("ca.key doesn't belong to ca.crt");
        }
        Ok(_) => {}
    }
    if !current.is_good(now) {
        return Todo::Everything("the authority has ended or hasn't begun");
    }
    let renewed_at = match leaf(material, &authorities, names, now) {
        Ok(renewed_at) => renewed_at,
        Err(why) => return Todo::Leaf(why),
    };
    if now >= current.ends - AUTHORITY_AHEAD {
        return Todo::Authority("the authority ends within a year");
    }
    if now >= renewed_at {
        return Todo::Leaf("two thirds of the certificate's time are over");
    }
    Todo::Keep { until: renewed_at.min(current.ends - AUTHORITY_AHEAD) }
}

/// Makes what is to be done.
///
/// # Errors
/// When the library refuses, as with a name that can't be in a certificate.
pub fn renew(
    todo: &Todo,
    material: &Material,
    names: &[String],
    now: OffsetDateTime,
) -> Result<Material, Error> {
    let mut new = material.clone();
    if let Todo::Authority(_) | Todo::Everything(_) = todo {
        let (certificate, key) = issue::authority(now)?;
        new.ca_certificates = certificate;
        new.ca_key = key;
        let old = authorities(&material.ca_certificates);
        for authority in old.iter().filter(|authority| authority.is_good(now)).take(KEPT) {
            new.ca_certificates.push_str(&authority.pem);
        }
    }
    if let Todo::Leaf(_) | Todo::Everything(_) = todo {
        (new.certificate, new.key) = issue::leaf(&new.ca_certificates, &new.ca_key, names, now)?;
    }
    Ok(new)
}

/// The certificate with its key, as a server uses it.
///
/// # Errors
/// Says what can't be read, or that they don't belong together.
pub fn certified(material: &Material) -> Result<CertifiedKey, &'static str> {
    let chain: Vec<_> = CertificateDer::pem_slice_iter(material.certificate.as_bytes())
        .collect::<Result<_, _>>()
        .map_err(|_| "tls.crt can't be read")?;
    if chain.is_empty() {
        return Err("tls.crt holds no certificate");
    }
    let key = PrivateKeyDer::from_pem_slice(material.key.as_bytes()).map_err(|_| "tls.key can't be read")?;
    let key = ring::sign::any_supported_type(&key).map_err(|_| "tls.key is of a kind that can't be used")?;
    let certified = CertifiedKey::new(chain, key);
    certified.keys_match().map_err(|_| "tls.key doesn't belong to tls.crt")?;
    Ok(certified)
}

/// Until when a client that knows these authorities accepts the certificate under all these names.
///
/// # Errors
/// Says why it doesn't.
pub fn accepted(
    material: &Material,
    bundle: &str,
    names: &[String],
    now: OffsetDateTime,
) -> Result<OffsetDateTime, &'static str> {
    leaf(material, &authorities(bundle), names, now)?;
    let certified = certified(material)?;
    certified.cert.first().and_then(ends).ok_or("tls.crt is empty")
}

/// When a certificate ends.
pub fn ends(certificate: &CertificateDer<'_>) -> Option<OffsetDateTime> {
    let (_, certificate) = X509Certificate::from_der(certificate).ok()?;
    Some(certificate.validity().not_after.to_datetime())
}

/// When the certificate is to be renewed, or why it must be at once.
fn leaf(
    material: &Material,
    authorities: &[Authority],
    names: &[String],
    now: OffsetDateTime,
) -> Result<OffsetDateTime, &'static str> {
    let certified = certified(material)?;
    let certificate = certified.cert.first().ok_or("tls.crt is empty")?;
    let mut roots = RootCertStore::empty();
    for authority in authorities.iter().filter(|authority| authority.is_good(now)) {
        roots.add(authority.der.clone()).map_err(|_| "ca.crt can't be used")?;
    }
    let verifier =
        WebPkiServerVerifier::builder_with_provider(Arc::new(roots), Arc::new(ring::default_provider()))
            .build()
            .map_err(|_| "ca.crt can't be used")?;
    let at = std::time::Duration::from_secs(u64::try_from(now.unix_timestamp()).unwrap_or_default());
    for name in names {
        let name = ServerName::try_from(name.as_str())
            .map_err(|_| "the Service's name can't be in a certificate")?;
        verifier.verify_server_cert(certificate, &[], &name, &[], UnixTime::since_unix_epoch(at)).map_err(
            |_| "the certificate has ended, isn't signed by ca.crt, or lacks a name of the Service",
        )?;
    }
    let (_, parsed) = X509Certificate::from_der(certificate).map_err(|_| "tls.crt can't be read")?;
    let (begins, ends) =
        (parsed.validity().not_before.to_datetime(), parsed.validity().not_after.to_datetime());
    Ok(begins + (ends - begins) * 2 / 3)
}

/// One certificate of ca.crt.
struct Authority {
    der: CertificateDer<'static>,
    pem: String,
    public_key: Vec<u8>,
    begins: OffsetDateTime,
    ends: OffsetDateTime,
}

impl Authority {
    fn is_good(&self, now: OffsetDateTime) -> bool {
        self.begins <= now && now < self.ends
    }
}

/// Those that can be read, in their order.
fn authorities(pem: &str) -> Vec<Authority> {
    const END: &str = "-----END CERTIFICATE-----";
    let blocks = pem.split_inclusive(END).map(str::trim_start).filter(|block| block.ends_with(END));
    blocks.filter_map(authority).collect()
}

/// These, and after them those of the others that aren't among them and still hold.
pub(super) fn joined(own: &str, others: &str, now: OffsetDateTime) -> String {
    let mut there = authorities(own);
    let mut all = own.to_owned();
    for other in authorities(others).into_iter().filter(|other| other.is_good(now)) {
        if there.iter().all(|authority| authority.der != other.der) {
            if !all.ends_with('\n') {
                all.push('\n');
            }
            all.push_str(&other.pem);
            there.push(other);
        }
    }
    all
}

fn authority(block: &str) -> Option<Authority> {
    let der = CertificateDer::from_pem_slice(block.as_bytes()).ok()?;
    let (_, parsed) = X509Certificate::from_der(&der).ok()?;
    let validity = parsed.validity();
    let (begins, ends) = (validity.not_before.to_datetime(), validity.not_after.to_datetime());
    let public_key = parsed.public_key().subject_public_key.data.to_vec();
    Some(Authority { pem: format!("{block}\n"), public_key, begins, ends, der: der.clone() })
}

#[cfg(test)]
mod tests;
