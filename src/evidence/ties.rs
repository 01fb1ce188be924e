//! What ties a workload to the Kubernetes API: it calls the API server, or the API server calls it.

use crate::{
    facts::{Signal, Trait},
    observe::{
        Observed, Workload,
        neighbour::{Neighbour, What},
        rbac::{BindingBody, Grants, Tie},
    },
};

pub fn signals(observed: &Observed) -> Vec<Signal> {
    let mut found = called(observed);
    if has_a_token(observed) {
        calls(observed, &mut found);
    }
    found
}

/// Webhooks and API services whose Service leads to its Pods.
fn called(observed: &Observed) -> Vec<Signal> {
    let leads_here = |(namespace, name): &(&str, &str)| {
        let mut near = observed.neighbours.iter();
        near.any(|near| {
            matches!(near.what, What::Service(_)) && near.name == *name && near.namespace == *namespace
        })
    };
    let callbacks = observed.neighbours.iter().filter(|near| matches!(near.what, What::Callback(_)));
    callbacks
        .filter_map(|near| near.services().find(leads_here).map(|service| (near, service)))
        .map(|(near, (_, service))| Signal {
            what: Trait::CalledByKubernetes,
            field: format!("{} {}", near.what.kind(), near.name),
            value: format!("Service {service}"),
        })
        .collect()
}

/// Roles bound to its ServiceAccount: its own for certain, those of a group or of no namespace as an inference.
fn calls(observed: &Observed, found: &mut Vec<Signal>) {
    let workload = &observed.workload;
    let account = workload.service_account();
    let (field, default) = account_field(workload);
    for near in &observed.neighbours {
        let What::Binding(binding) = &near.what else { continue };
        let Some(tie) = binding.tie(near, workload) else { continue };
        let grants = grants(observed, near, binding);
        // A role that isn't seen here is taken for one that grants something: nobody binds one for nothing.
        if grants.map_or(binding.is_trivial(), |grants| !grants.objects) {
            continue;
        }
        let named = format!("{} {}", near.what.kind(), near.name);
        match tie {
            Tie::Own => {
                let value = format!("{account}, bound by {named}");
                found.push(Signal { what: Trait::KubernetesApi, field: field.clone(), value });
                let grants = grants.filter(|_| !binding.is_for_people());
                if let Some(group) = grants.and_then(|grants| grants.controls.first()) {
                    let (kind, _, role) = binding.role(near);
                    let (field, value) = (format!("{kind} {role} rules"), group.clone());
                    found.push(Signal { what: Trait::Controller, field, value });
                }
            }
            Tie::Unplaced => {
                let value = format!("{account}, bound without a namespace by {named}");
                found.push(Signal { what: Trait::MayCallKubernetes, field: field.clone(), value });
            }
            Tie::Shared(with) => {
                let value = format!("{account}{default}; {named} binds {with}");
                found.push(Signal { what: Trait::MayCallKubernetes, field: field.clone(), value });
            }
        }
    }
}

/// The field that names its account, and a word on one that doesn't.
fn account_field(workload: &Workload) -> (String, &'static str) {
    let spec = &workload.template.spec;
    let (name, word) = match (&spec.service_account_name, &spec.service_account) {
        (None, Some(_)) => ("serviceAccount", ""),
        (None, None) => ("serviceAccountName", " when left out"),
        _ => ("serviceAccountName", ""),
    };
    (format!("{}.{name}", workload.key.kind.pod_path()), word)
}

fn grants<'a>(observed: &'a Observed, near: &Neighbour, binding: &BindingBody) -> Option<&'a Grants> {
    let (kind, namespace, name) = binding.role(near);
    observed.neighbours.iter().find_map(|near| match &near.what {
        What::Role(grants)
            if near.what.kind() == kind && near.namespace == namespace && near.name == name =>
        {
            Some(grants)
        }
        _ => None,
    })
}

/// Whether its Pods get a token for the API: the Pod's word wins over its account's, and a volume can bring one.
fn has_a_token(observed: &Observed) -> bool {
    let spec = &observed.workload.template.spec;
    let account = observed.neighbours.iter().find_map(|near| match &near.what {
        What::ServiceAccount(body) => body.automount_service_account_token,
        _ => None,
    });
    let projected = spec.volumes.iter().filter_map(|volume| volume.projected.as_ref());
    let mut tokens =
        projected.flat_map(|volume| &volume.sources).filter_map(|s| s.service_account_token.as_ref());
    spec.automount_service_account_token.or(account) != Some(false)
        || tokens.any(|token| token.audience.as_deref().is_none_or(is_the_api))
}

/// Whether tokens for it open the Kubernetes API.
pub fn is_the_api(audience: &str) -> bool {
    audience.is_empty() || audience.contains("kubernetes.default.svc")
}
