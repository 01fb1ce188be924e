//! Which volumes the workload keeps data on: the volume that a claim is bound to decides, else its storage class; a
//! missing class is unknown.

use std::sync::Arc;

use crate::{
    facts::{Fact, Signal, Storage, Trait},
    observe::{
        Observed, Workload,
        neighbour::{Neighbour, StorageClassBody, What},
        pod::{ClaimSpec, ClaimTemplate, Nfs, VolumeSpec},
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
        signals.extend(disk_driver(&observed.neighbours, class, None));
        let storage = by_class(&observed.neighbours, class, &field);
        found.push(or_raw(storage, workload, &template.metadata.name, &field));
    }
    for (index, volume) in workload.template.spec.volumes.iter().enumerate() {
        let field = format_args!("{pod}.volumes[{index}]");
        if let Some(claim) = &volume.persistent_volume_claim {
            // A StatefulSet's template of the same name takes this volume's place.
            if !is_templated(workload, &claim.claim_name, &volume.name) {
                let at = format!("{field}.persistentVolumeClaim.claimName");
                if let Some(kind) = foreign_behind(&observed.neighbours, &claim.claim_name) {
                    signals.push(Signal { what: Trait::ForeignVolume, field: at, value: kind.to_owned() });
                    continue;
                }
                let storage = by_claim(&observed.neighbours, &claim.claim_name, &at);
                found.push(or_raw(storage, workload, &volume.name, &at));
                if let Some((class, body)) = find_claim(&observed.neighbours, &claim.claim_name) {
                    let bound = find_volume(&observed.neighbours, &claim.claim_name, body);
                    signals.extend(disk_driver(&observed.neighbours, class, bound));
                }
                if makes_access_points(&observed.neighbours, &claim.claim_name) {
                    signals.push(Signal {
                        what: Trait::DynamicClaim,
                        field: at,
                        value: claim.claim_name.clone(),
                    });
                }
            }
        } else if let Some(ephemeral) = &volume.ephemeral {
            // It goes with its Pod: nothing lasts on it, whatever its class.
            let field = format!("{field}.ephemeral");
            let value = class_of(&ephemeral.volume_claim_template).unwrap_or("the default class").to_owned();
            for what in [Trait::ScratchVolume, Trait::DynamicClaim] {
                signals.push(Signal { what, field: field.clone(), value: value.clone() });
            }
        } else if let Some(csi) = &volume.csi {
            // No claim stands behind it: a driver fills it for this Pod, with secrets or certificates.
            let field = format!("{field}.csi.driver");
            match by_provisioner(&csi.driver, &field) {
                Fact::Unknown => {
                    signals.push(Signal { what: Trait::CsiVolume, field, value: csi.driver.clone() });
                }
                known => found.push(known),
            }
        } else if let Some(nfs) = &volume.nfs {
            found.push(Fact::declared(by_server(nfs), format!("{field}.nfs.server")));
        } else if volume.aws_elastic_block_store.is_some() {
            found.push(Fact::declared(Storage::Block, format!("{field}.awsElasticBlockStore")));
        } else if let Some(kind) = volume.mounted_by_its_node() {
            found.push(Fact::declared(of_the_nodes(kind), format!("{field}.{kind}")));
        } else if let Some(kind) = &volume.other {
            let (field, value) = (field.to_string(), kind.to_string());
            signals.push(Signal { what: Trait::ForeignVolume, field, value });
        }
    }
    found
}

/// The kind of the volume behind a claim, where no node of AWS mounts it.
fn foreign_behind<'a>(neighbours: &'a [Arc<Neighbour>], claim: &str) -> Option<&'a str> {
    let (_, body) = find_claim(neighbours, claim)?;
    find_volume(neighbours, claim, body)?.foreign.as_deref()
}

/// `fs-0123.efs.eu-west-1.amazonaws.com`, with its zone before it or not.
fn is_efs(server: &str) -> bool {
    let is_system = |part: &str| part.starts_with("fs-");
    let mut parts = server.split('.');
    (parts.next().is_some_and(is_system) || parts.next().is_some_and(is_system))
        && parts.any(|part| part == "efs")
}

/// What is mounted as a device is a disk, whatever its class: no file system is.
fn or_raw(storage: Fact<Storage>, workload: &Workload, volume: &str, at: &str) -> Fact<Storage> {
    let spec = &workload.template.spec;
    let devices = spec.containers.iter().chain(&spec.init_containers).flat_map(|c| &c.volume_devices);
    let is_raw = storage.is_uncertain() && devices.into_iter().any(|device| device.name == volume);
    if is_raw { Fact::declared(Storage::Block, at.to_owned()) } else { storage }
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
    let bound = find_volume(neighbours, name, claim).map_or(Fact::Unknown, |volume| by_volume(volume, at));
    if !bound.is_unknown() {
        return bound;
    }
    // Bound by hand to a volume that isn't seen here, and no class that could tell.
    if class.is_none_or(str::is_empty) && claim.volume_name.is_some() {
        return many_mount(claim).map_or(Fact::Unknown, |storage| Fact::inferred(storage, at.to_owned()));
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

/// The volume that a claim names, or that is kept for the claim.
fn find_volume<'a>(
    neighbours: &'a [Arc<Neighbour>],
    name: &str,
    claim: &ClaimSpec,
) -> Option<&'a VolumeSpec> {
    neighbours.iter().find_map(|neighbour| match &neighbour.what {
        What::Volume(volume) => {
            let named = claim.volume_name.as_deref().is_some_and(|volume| volume == neighbour.name);
            let kept = volume.claim_ref.as_ref().is_some_and(|kept_for| kept_for.name == name);
            (named || claim.volume_name.is_none() && kept).then_some(volume)
        }
        _ => None,
    })
}

fn by_volume(volume: &VolumeSpec, at: &str) -> Fact<Storage> {
    if let Some(csi) = &volume.csi {
        return by_provisioner(&csi.driver, at);
    }
    if let Some(nfs) = &volume.nfs {
        return Fact::declared(by_server(nfs), at.to_owned());
    }
    match volume.aws_elastic_block_store {
        Some(_) => Fact::declared(Storage::Block, at.to_owned()),
        None => match volume.mounted_by_its_node() {
            Some(kind) => Fact::declared(of_the_nodes(kind), at.to_owned()),
            None => Fact::Unknown,
        },
    }
}

/// What a node attaches is a disk, which has to follow its copy; the others are file systems, or a driver's own.
fn of_the_nodes(kind: &str) -> Storage {
    match kind {
        "iscsi" | "fc" | "portworxVolume" => Storage::Block,
        _ => Storage::NodeDriver,
    }
}

/// Only EFS's own name is sure to be EFS; anything else is mounted by the node.
fn by_server(nfs: &Nfs) -> Storage {
    if is_efs(&nfs.server) { Storage::Shared } else { Storage::NodeDriver }
}

/// Whether EFS's driver makes an access point for the claim, where it could bind to a volume that exists.
fn makes_access_points(neighbours: &[Arc<Neighbour>], claim: &str) -> bool {
    find_claim(neighbours, claim)
        .filter(|(_, body)| find_volume(neighbours, claim, body).is_none() && body.volume_name.is_none())
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

/// The driver that makes a claim's disk, where that isn't the one of Auto Mode.
fn disk_driver(
    neighbours: &[Arc<Neighbour>],
    class: Option<&str>,
    bound: Option<&VolumeSpec>,
) -> Option<Signal> {
    let of_volume = bound.and_then(|volume| volume.csi.as_ref()).map(|csi| csi.driver.as_str());
    let (field, driver) = match of_volume {
        Some(driver) => ("PersistentVolume spec.csi.driver", driver),
        None => match (find_class(neighbours, class), class) {
            (Some(body), _) => ("StorageClass provisioner", body.provisioner.as_str()),
            (None, class) => ("storageClassName", class?),
        },
    };
    matches!(driver, "ebs.csi.aws.com" | "kubernetes.io/aws-ebs" | "gp2" | "gp3").then(|| Signal {
        what: Trait::DiskDriver,
        field: field.to_owned(),
        value: driver.to_owned(),
    })
}

fn by_class(neighbours: &[Arc<Neighbour>], class: Option<&str>, at: &str) -> Fact<Storage> {
    match (find_class(neighbours, class), class) {
        (Some(body), _) => by_provisioner(&body.provisioner, at),
        // The classes that EKS has made for EBS since its first day.
        (None, Some("gp2" | "gp3")) => Fact::inferred(Storage::Block, at.to_owned()),
        _ => Fact::Unknown,
    }
}

fn by_provisioner(provisioner: &str, at: &str) -> Fact<Storage> {
    match provisioner {
        "ebs.csi.aws.com" | "ebs.csi.eks.amazonaws.com" | "kubernetes.io/aws-ebs" => {
            Fact::declared(Storage::Block, at.to_owned())
        }
        "efs.csi.aws.com" => Fact::declared(Storage::Shared, at.to_owned()),
        "s3.csi.aws.com" => Fact::declared(Storage::Bucket, at.to_owned()),
        // FSx for Lustre, for OpenZFS, and for ONTAP by the driver of its maker.
        "fsx.csi.aws.com" | "fsx.openzfs.csi.aws.com" | "csi.trident.netapp.io" => {
            Fact::declared(Storage::NodeDriver, at.to_owned())
        }
        // Another cloud's or a laptop's: what it would be on AWS isn't known.
        _ => Fact::Unknown,
    }
}
