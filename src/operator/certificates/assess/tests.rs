//! What each state of the Secret leads to, and that what is made needs nothing more.

use super::*;

fn names() -> Vec<String> {
    vec!["berth.berth-system.svc".to_owned(), "berth.berth-system.svc.cluster.local".to_owned()]
}

fn start() -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp(1_780_000_000).unwrap()
}

fn fresh() -> Material {
    renew(&Todo::Everything(""), &Material::default(), &names(), start()).unwrap()
}

fn todo(material: &Material, after: Duration) -> Todo {
    assess(material, &names(), start() + after)
}

#[test]
fn an_empty_secret_gets_everything_and_then_nothing_for_60_days() {
    assert_eq!(todo(&Material::default(), Duration::ZERO), Todo::Everything("the Secret is empty"));
    let Todo::Keep { until } = todo(&fresh(), Duration::ZERO) else { panic!("not kept") };
    let days = (until - start()).whole_days();
    assert!((59..=60).contains(&days), "{days}");
}

#[test]
fn a_certificate_is_renewed_at_two_thirds_under_the_same_authority() {
    let old = fresh();
    let after = Duration::days(61);
    let why = "two thirds of the certificate's time are over";
    assert_eq!(todo(&old, after), Todo::Leaf(why));
    let new = renew(&Todo::Leaf(why), &old, &names(), start() + after).unwrap();
    assert_eq!((&new.ca_certificates, &new.ca_key), (&old.ca_certificates, &old.ca_key));
    assert_ne!(new.certificate, old.certificate);
    assert!(matches!(todo(&new, after), Todo::Keep { .. }));
}

#[test]
fn a_new_authority_joins_the_old_one_and_the_certificate_stays_until_its_time() {
    let after = Duration::days(9 * 365 + 10);
    let old = renew(&Todo::Leaf(""), &fresh(), &names(), start() + after).unwrap();
    let why = "the authority ends within a year";
    assert_eq!(todo(&old, after), Todo::Authority(why));
    let new = renew(&Todo::Authority(why), &old, &names(), start() + after).unwrap();
    assert_eq!(new.certificate, old.certificate);
    assert_eq!(new.ca_certificates.matches("BEGIN CERTIFICATE").count(), 2);
    assert!(matches!(todo(&new, after), Todo::Keep { .. }));
    // The next certificate comes from the new authority, and the bundle still holds the old one.
    let later = after + Duration::days(61);
    let renewed = renew(&todo(&new, later), &new, &names(), start() + later).unwrap();
    assert!(matches!(todo(&renewed, later), Todo::Keep { .. }));
    let alone =
        Material { ca_certificates: authorities(&renewed.ca_certificates)[0].pem.clone(), ..renewed.clone() };
    assert!(matches!(todo(&alone, later), Todo::Keep { .. }), "not signed by the new authority");
}

#[test]
fn an_ended_certificate_and_authority_are_replaced() {
    let secret = fresh();
    assert!(matches!(todo(&secret, Duration::days(91)), Todo::Leaf(_)));
    let after = Duration::days(3651);
    assert_eq!(todo(&secret, after), Todo::Everything("the authority has ended or hasn't begun"));
    let new = renew(&todo(&secret, after), &secret, &names(), start() + after).unwrap();
    assert_eq!(new.ca_certificates.matches("BEGIN CERTIFICATE").count(), 1, "an ended authority was kept");
}

#[test]
fn each_corruption_is_named_and_repaired() {
    let (good, other) = (fresh(), fresh());
    let broken: [(Material, Todo); 7] = [
        (
            Material { ca_certificates: "nonsense".to_owned(), ..good.clone() },
            Todo::Everything("ca.crt can't be read"),
        ),
        (Material { ca_key: String::new(), ..good.clone() }, Todo::Everything("ca.key can't be read")),
        (
            Material { ca_key: other.ca_key.clone(), ..good.clone() },
            Todo::Everything("ca.key doesn't belong to ca.crt"),
        ),
        (Material { certificate: "-----BEGIN".to_owned(), ..good.clone() }, Todo::Leaf("")),
        (Material { key: String::new(), ..good.clone() }, Todo::Leaf("tls.key can't be read")),
        (
            Material { key: other.key.clone(), ..good.clone() },
            Todo::Leaf("tls.key doesn't belong to tls.crt"),
        ),
        (
            Material { certificate: other.certificate.clone(), key: other.key.clone(), ..good.clone() },
            Todo::Leaf("the certificate has ended, isn't signed by ca.crt, or lacks a name of the Service"),
        ),
    ];
    for (material, expected) in broken {
        let todo = todo(&material, Duration::ZERO);
        match (&todo, &expected) {
            (Todo::Leaf(_), Todo::Leaf("")) => {}
            _ => assert_eq!(todo, expected),
        }
        let repaired = renew(&todo, &material, &names(), start()).unwrap();
        assert!(matches!(self::todo(&repaired, Duration::ZERO), Todo::Keep { .. }), "{expected:?}");
    }
}

#[test]
fn another_service_name_needs_another_certificate() {
    let moved = vec!["berth.elsewhere.svc".to_owned()];
    assert!(matches!(assess(&fresh(), &moved, start()), Todo::Leaf(_)));
}

#[test]
fn the_key_of_a_lost_authority_leaves_its_certificate_trusted() {
    let old = Material { ca_key: String::new(), ..fresh() };
    let new = renew(&todo(&old, Duration::ZERO), &old, &names(), start()).unwrap();
    assert!(
        new.ca_certificates.contains(old.ca_certificates.trim()),
        "a replica still serves the old certificate"
    );
}
