//! Whether every namespace's mode can be read: one that can't counts as none.

use futures::{FutureExt, future::BoxFuture};
use k8s_openapi::{api::core::v1::Namespace, apimachinery::pkg::apis::meta::v1::ObjectMeta};
use kube::{Api, api::ListParams, core::PartialObjectMeta};

use super::{Installation, Said, ok, warn};
use crate::{
    operator::reconcile::reason,
    policy::{MODE_LABEL, Mode},
};

/// Namespaces that are named.
const NAMED_MAX: usize = 5;

pub fn check(installation: &Installation) -> BoxFuture<'_, Vec<Said>> {
    async {
        let all: Api<PartialObjectMeta<Namespace>> = Api::all(installation.client.clone());
        match all.list_metadata(&ListParams::default()).await {
            Ok(all) => judge(all.items.into_iter().map(|namespace| namespace.metadata)),
            Err(error) => vec![warn(
                format!("the namespaces' modes can't be read: {}", reason(&error)),
                "ask with more rights",
            )],
        }
    }
    .boxed()
}

fn judge(namespaces: impl Iterator<Item = ObjectMeta>) -> Vec<Said> {
    let mut labelled = 0;
    let mut wrong = Vec::new();
    for namespace in namespaces {
        let labels = namespace.labels.unwrap_or_default();
        let Some(mode) = labels.get(MODE_LABEL) else { continue };
        labelled += 1;
        if Mode::parse(mode).is_none() {
            wrong.push((namespace.name.unwrap_or_default(), mode.clone()));
        }
    }
    let more = wrong.len().saturating_sub(NAMED_MAX);
    let mut said: Vec<Said> =
        wrong.into_iter().take(NAMED_MAX).map(|(name, mode)| tell(&name, &mode)).collect();
    if more > 0 {
        let namespaces = if more == 1 { "namespace" } else { "namespaces" };
        said.push(warn(format!("and {more} more {namespaces} like these"), "look at each"));
    }
    if said.is_empty() {
        said.push(ok(match labelled {
            0 => "no namespace has a mode of its own".to_owned(),
            1 => "1 namespace has a mode of its own, and it can be read".to_owned(),
            _ => format!("{labelled} namespaces have a mode of their own, and each can be read"),
        }));
    }
    said
}

fn tell(namespace: &str, mode: &str) -> Said {
    let meant = Mode::ALL.into_iter().find(|known| known.to_string().eq_ignore_ascii_case(mode));
    let right = meant.map_or_else(|| "MODE".to_owned(), |mode| mode.to_string());
    warn(
        format!("namespace {namespace}: {MODE_LABEL} is {mode}, not {}: it counts as none", Mode::words()),
        format!("kubectl label namespace {namespace} {MODE_LABEL}={right} --overwrite"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn namespace(name: &str, mode: &str) -> ObjectMeta {
        ObjectMeta {
            name: Some(name.to_owned()),
            labels: Some([(MODE_LABEL.to_owned(), mode.to_owned())].into()),
            ..ObjectMeta::default()
        }
    }

    #[test]
    fn a_mode_in_lower_case_is_named_with_what_was_meant() {
        let said = judge([namespace("shop", "deny"), namespace("bank", "Deny")].into_iter());
        assert_eq!(
            said,
            [warn(
                "namespace shop: berth.dev/mode is deny, not Off, Audit, Warn or Deny: it counts as none",
                "kubectl label namespace shop berth.dev/mode=Deny --overwrite",
            )]
        );
        assert_eq!(
            judge([namespace("bank", "Deny")].into_iter()),
            [ok("1 namespace has a mode of its own, and it can be read")]
        );
    }
}
