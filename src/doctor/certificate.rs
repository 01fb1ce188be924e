//! Until when the webhook's certificate is good, and whether the API server would accept it.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::api::{admissionregistration::v1::ValidatingWebhook, core::v1::Secret};
use kube::Api;
use time::{Duration, OffsetDateTime};

use super::{Installation, Said, fail, ok, warn};
use crate::operator::{
    certificates::{Material, Names, accepted},
    reconcile::reason,
};

/// The operator renews with 30 days left: less is a sign that it doesn't.
const SOON: Duration = Duration::days(21);

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let name = installation.webhook_configuration();
        match installation.webhooks().await {
            Ok(Some(webhooks)) => each(installation, name, webhooks).await,
            Ok(None) => vec![fail(
                format!("the ValidatingWebhookConfiguration {name} doesn't exist: no warnings"),
                "if it wasn't deleted in an emergency: helm upgrade with webhook.enabled=true puts it back",
            )],
            Err(why) => {
                vec![warn(
                    format!("the webhook's configuration can't be read: {why}"),
                    "ask with more rights",
                )]
            }
        }
    }
    .boxed()
}

async fn each(installation: &Installation, name: &str, webhooks: &[ValidatingWebhook]) -> Vec<Said> {
    let material = match secret(installation).await {
        Ok(material) => material,
        Err(said) => return vec![said],
    };
    let names = Names {
        namespace: installation.namespace.clone(),
        secret: String::new(),
        service: installation.argument("service-name").unwrap_or(&installation.name).to_owned(),
        configuration: None,
    };
    let now = OffsetDateTime::now_utc();
    webhooks
        .iter()
        .map(|webhook| {
            let bundle = webhook.client_config.ca_bundle.clone().unwrap_or_default();
            let bundle = String::from_utf8(bundle.0).unwrap_or_default();
            judge(&webhook.name, accepted(&material, &bundle, &names.of_server(), now), name, now)
        })
        .collect()
}

fn judge(
    webhook: &str,
    accepted: Result<OffsetDateTime, &'static str>,
    configuration: &str,
    now: OffsetDateTime,
) -> Said {
    match accepted {
        Ok(ends) if ends - now < SOON => warn(
            format!("{webhook}: the certificate ends on {} and should have been renewed", ends.date()),
            "look for the reason in the leader's log; a given certificate is yours to renew",
        ),
        Ok(ends) => ok(format!("{webhook}: good until {}, and the caBundle accepts it", ends.date())),
        Err(why) => fail(
            format!("{webhook}: the API server can't accept the certificate: {why}"),
            format!("look in the leader's log why it doesn't mend the caBundle of {configuration}"),
        ),
    }
}

async fn secret(installation: &Installation) -> Result<Material, Said> {
    let name = installation.argument("certificate-secret").unwrap_or("berth-certificate");
    let secrets: Api<Secret> = Api::namespaced(installation.client.clone(), &installation.namespace);
    let place = format!("the Secret {}/{name}", installation.namespace);
    match secrets.get_opt(name).await {
        Ok(Some(secret)) => Ok(Material::from_secret(&secret.data.unwrap_or_default())),
        Ok(None) => Err(missing(&place, installation.argument("certificates"))),
        Err(error) => Err(warn(format!("{place} can't be read: {}", reason(&error)), "ask with more rights")),
    }
}

/// `given` says that somebody else makes the certificate; without it Berth does.
fn missing(place: &str, certificates: Option<&str>) -> Said {
    let todo = match certificates {
        Some("given") => "helm upgrade puts it back",
        _ => "Berth makes it anew within half a minute: look again",
    };
    fail(format!("{place} doesn't exist"), todo)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::doctor::Level;

    #[test]
    fn a_certificate_that_should_have_been_renewed_is_a_warning() {
        let now = OffsetDateTime::UNIX_EPOCH;
        let level = |accepted| judge("warn.berth.dev", accepted, "berth", now).0;
        assert_eq!(level(Ok(now + Duration::days(31))), Level::Ok);
        assert_eq!(level(Ok(now + Duration::days(20))), Level::Warn);
        assert_eq!(level(Err("ca.crt can't be used")), Level::Fail);
    }

    #[test]
    fn a_missing_secret_comes_back_by_who_makes_it() {
        let todo = |certificates| missing("the Secret a/b", certificates).2.unwrap();
        assert_eq!(todo(None), "Berth makes it anew within half a minute: look again");
        assert_eq!(todo(Some("given")), "helm upgrade puts it back");
    }
}
