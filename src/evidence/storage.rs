//! Which volumes the workload keeps data on: a claim's storage class decides, a missing class is unknown.

use std::sync::Arc;

use crate::{
    facts::{Fact, Signal, Storage, Trait},
    observe::{
        Observed, Workload,
        neighbour::{Neighbour, StorageClassBody, What},
        pod::{ClaimSpec, ClaimTemplate},
    },
};

pub fn storage(observed: &Observed, signals: &mut Vec<Signal>) -> Vec<Fact<Storage>> {
    let workload = &observed.workload;
    let kind = workload.key.kind;
    let pod = kind.pod_path();
    let mut found = Vec::new();
    for (index, template) in workload.claim_templates.iter().enumerate() {
        let field = format!("spec.volumeClaimTemplates[{index}]");
        let class = class_of(template);
        let value = class.unwrap_or("the default class").to_owned();
        for what in [Trait::ClaimPerCopy, Trait::DynamicClaim] {
            signals.push(Signal { what, field: field.clone(), value: value.clone() });
        }
        found.push(by_class(&observed.neighbours, class, &field));
    }
    for (index, volume) in workload.template.spec.volumes.iter().enumerate() {
        let field = format!("{pod}.volumes[{index}]");
        if let Some(claim) = &volume.persistent_volume_claim {
            // A StatefulSet's template of the same name takes this volume's place.
            if !is_templated(workload, &claim.claim_name, &volume.name) {
                let at = format!("{field}.persistentVolumeClaim.claimName");
                found.push(by_claim(&observed.neighbours, &claim.claim_name, &at));
                if makes_access_points(&observed.neighbours, &claim.claim_name) {
                    signals.push(Signal {
                        what: Trait::DynamicClaim,
                        field: at,
                        value: claim.claim_name.clone(),
                    });
                }
            }
        } else if let Some(ephemeral) = &volume.ephemeral {
            let class = class_of(&ephemeral.volume_claim_template);
            let field = format!("{field}.ephemeral");
            found.push(by_class(&observed.neighbours, class, &field));
            let value = class.unwrap_or("the default class").to_owned();
            signals.push(Signal { what: Trait::DynamicClaim, field, value });
        } else if let Some(csi) = &volume.csi {
            found.push(by_provisioner(&csi.driver, &format!("{field}.csi.driver")));
        } else if volume.nfs.is_some() {
            found.push(Fact::declared(Storage::Shared, format!("{field}.nfs")));
        } else if volume.aws_elastic_block_store.is_some() {
            found.push(Fact::declared(Storage::Block, format!("{field}.awsElasticBlockStore")));
        }
    }
    found
}

fn is_templated(workload: &Workload, claim: &str, volume: &str) -> bool {
    !workload.claim_templates.is_empty() && (claim == volume)
}

fn class_of(template: &ClaimTemplate) -> Option<&str> {
    template.spec.storage_class_name.as_deref().or_else(|| {
        template.metadata.annotations.get("volume.beta.kubernetes.io/storage-class").map(String::as_str)
    })
}

fn by_claim(neighbours: &[Arc<Neighbour>], name: &str, at: &str) -> Fact<Storage> {
    let Some((class, claim)) = find_claim(neighbours, name) else { return Fact::Unknown };
    // Bound by hand to a volume that isn't seen here, and no class that could tell.
    if class.is_none_or(str::is_empty) && claim.volume_name.is_some() {
        return many_mount(claim).map_or(Fact::Unknown, |storage| Fact::inferred(storage, at));
    }
    by_class(neighbours, class, at)
}

/// A claim with the name of its class.
fn find_claim<'a>(neighbours: &'a [Arc<Neighbour>], name: &str) -> Option<(Option<&'a str>, &'a ClaimSpec)> {
    neighbours.iter().find_map(|neighbour| match &neighbour.what {
        What::Claim(claim) if neighbour.name == name => {
            let beta = neighbour.annotations.get("volume.beta.kubernetes.io/storage-class");
            Some((claim.storage_class_name.as_deref().or(beta.map(String::as_str)), claim))
        }
        _ => None,
    })
}

/// Whether EFS's driver makes an access point for the claim, where it could bind to a volume that exists.
fn makes_access_points(neighbours: &[Arc<Neighbour>], claim: &str) -> bool {
    find_claim(neighbours, claim)
        .filter(|(_, claim)| claim.volume_name.is_none())
        .and_then(|(class, _)| find_class(neighbours, class))
        .is_some_and(|class| class.parameters.contains_key("provisioningMode"))
}

fn many_mount(claim: &ClaimSpec) -> Option<Storage> {
    claim.access_modes.iter().any(|mode| mode == "ReadWriteMany").then_some(Storage::Shared)
}

/// The class of this name, or the default one.
fn find_class<'a>(neighbours: &'a [Arc<Neighbour>], class: Option<&str>) -> Option<&'a StorageClassBody> {
    neighbours.iter().find_map(|neighbour| match &neighbour.what {
        What::StorageClass(body) => {
            let is_default = neighbour.annotations.get("storageclass.kubernetes.io/is-default-class");
            let this = match class {
                Some(class) => neighbour.name == class,
                None => is_default.is_some_and(|value| value == "true"),
            };
            this.then_some(body)
        }
        _ => None,
    })
}

fn by_class(neighbours: &[Arc<Neighbour>], class: Option<&str>, at: &str) -> Fact<Storage> {
    match (find_class(neighbours, class), class) {
        (Some(body), _) => by_provisioner(&body.provisioner, at),
        // The classes that EKS has made for EBS since its first day.
        (None, Some("gp2" | "gp3")) => Fact::inferred(Storage::Block, at),
        _ => Fact::Unknown,
    }
}

fn by_provisioner(provisioner: &str, at: &str) -> Fact<Storage> {
    match provisioner {
        "ebs.csi.aws.com" | "ebs.csi.eks.amazonaws.com" | "kubernetes.io/aws-ebs" => {
            Fact::declared(Storage::Block, at)
        }
        "efs.csi.aws.com" => Fact::declared(Storage::Shared, at),
        "fsx.csi.aws.com" | "fsx.openzfs.csi.aws.com" | "s3.csi.aws.com" => {
            Fact::declared(Storage::NodeDriver, at)
        }
        // Another cloud's or a laptop's: what it would be on AWS isn't known.
        _ => Fact::Unknown,
    }
}
