//! ECI021: the socket of Docker, which nodes with today's images haven't.

use super::{Docs, Found, Reads, Rule, host};
use crate::{
    catalog::{Catalog, Target},
    decide::Effect,
    facts::Evidence,
};

pub const RULE: Rule = Rule {
    code: "ECI021",
    name: "docker-socket-on-nodes",
    effect: Effect::Notes,
    targets: &[Target::EKSNodes],
    since: "0.1.0",
    reads: Reads::NONE,
    docs: Docs {
        checks: "Whether a hostPath volume is the socket of Docker.",
        matters: "AWS's images for nodes have containerd alone as their runtime since Kubernetes 1.24 (Amazon EKS user \
                  guide, dockershim). What mounts the socket finds none, unless the node's image is one of your own \
                  with Docker beside it.",
        todo: "Build images with BuildKit or Kaniko, read logs and metrics from the kubelet, or keep an image of your \
               own with Docker.",
    },
    check,
    fires: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: builder}
spec:
  template:
    spec:
      volumes: [{name: docker, hostPath: {path: /var/run/docker.sock}}]
      containers: [{name: builder, image: builder}]
",
    silent: "
apiVersion: apps/v1
kind: Deployment
metadata: {name: builder}
spec:
  template:
    spec:
      volumes: [{name: cache, hostPath: {path: /var/cache/builder}}]
      containers: [{name: builder, image: builder}]
",
};

fn check<'a>(evidence: &'a Evidence, _: &Catalog) -> Option<Found<'a>> {
    let signal = host::docker_socket(evidence)?;
    Some(Found::notes(&signal.field, &signal.value, "AWS's images for nodes run containerd, without Docker"))
}
