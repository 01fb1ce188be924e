//! What the cluster holds: Deployments of a few shapes over 200 namespaces, each with its Service and a Pod.

use anyhow::Context;
use futures::{TryStreamExt, stream};
use k8s_openapi::api::{
    apps::v1::Deployment,
    core::v1::{Namespace, Node, Pod, Secret, Service, ServiceAccount},
};
use kube::{
    Api, Resource,
    api::{Patch, PatchParams, PostParams},
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use crate::cluster::Cluster;

const NAMESPACES: usize = 200;
const NODES: usize = 100;
/// Requests in flight: enough to keep the API server busy.
const AT_ONCE: usize = 32;

pub async fn fill(cluster: &Cluster, workloads: usize) -> anyhow::Result<()> {
    create::<Namespace>(cluster, None, json!({"metadata": {"name": "berth-system"}})).await?;
    create::<Secret>(cluster, Some("berth-system"), json!({"metadata": {"name": "berth-certificate"}}))
        .await?;
    for number in 0..NODES {
        create::<Node>(cluster, None, node(number)).await?;
    }
    for number in 0..NAMESPACES {
        let name = namespace(number);
        let labels = json!({"team": format!("team-{}", number % 20)});
        create::<Namespace>(cluster, None, json!({"metadata": {"name": name, "labels": labels}})).await?;
        // Its controller is stopped, and no Pod is admitted without one.
        create::<ServiceAccount>(cluster, Some(&name), json!({"metadata": {"name": "default"}})).await?;
    }
    stream::iter((0..workloads).map(Ok))
        .try_for_each_concurrent(AT_ONCE, |number| async move {
            let namespace = namespace(number);
            let made = create::<Deployment>(cluster, Some(&namespace), deployment(number)).await?;
            let owner = made.controller_owner_ref(&()).context("a Deployment with a uid")?;
            create::<Service>(cluster, Some(&namespace), service(number)).await?;
            create::<Pod>(cluster, Some(&namespace), pod(number, json!(owner))).await?;
            anyhow::Ok(())
        })
        .await
}

/// Gives each workload this many copies, which is another status for each.
pub async fn scale(cluster: &Cluster, workloads: usize, copies: usize) -> anyhow::Result<()> {
    let patch = Patch::Merge(json!({"spec": {"replicas": copies}}));
    stream::iter((0..workloads).map(Ok))
        .try_for_each_concurrent(AT_ONCE, |number| {
            let deployments: Api<Deployment> = Api::namespaced(cluster.client.clone(), &namespace(number));
            let patch = &patch;
            async move {
                deployments.patch(&format!("svc-{number}"), &PatchParams::default(), patch).await?;
                anyhow::Ok(())
            }
        })
        .await
}

async fn create<K>(cluster: &Cluster, namespace: Option<&str>, object: Value) -> anyhow::Result<K>
where
    K: Resource<DynamicType = ()> + Serialize + DeserializeOwned + Clone + std::fmt::Debug,
{
    let object: K = serde_json::from_value(object)?;
    let uri = K::url_path(&(), namespace);
    let request =
        kube::core::Request::new(uri).create(&PostParams::default(), serde_json::to_vec(&object)?)?;
    Ok(cluster.client.request(request).await?)
}

fn namespace(number: usize) -> String {
    format!("team-{}", number % NAMESPACES)
}

fn node(number: usize) -> Value {
    json!({"metadata": {"name": format!("node-{number}"), "labels": {
        "node.kubernetes.io/instance-type": "m7i.xlarge", "kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux",
    }}})
}

fn labels(number: usize) -> Value {
    json!({"app.kubernetes.io/name": format!("svc-{number}")})
}

/// Of every ten: six stateless services, two that speak gRPC, one that asks for much, one that says nothing.
fn template(number: usize) -> Value {
    let (cpu, memory) = if number % 10 == 8 { ("8", "32Gi") } else { ("500m", "1Gi") };
    let port = if number % 10 < 6 { "http" } else { "grpc" };
    let resources =
        if number % 10 == 9 { json!({}) } else { json!({"requests": {"cpu": cpu, "memory": memory}}) };
    json!({
        "metadata": {"labels": labels(number)},
        "spec": {"automountServiceAccountToken": false, "containers": [{
            "name": "main", "image": format!("example/svc-{number}:1"), "resources": resources,
            "ports": [{"name": port, "containerPort": 8080}],
            "env": (0..10).map(|n| json!({"name": format!("SETTING_{n}"), "value": format!("{n}")})).collect::<Vec<_>>(),
        }]},
    })
}

fn deployment(number: usize) -> Value {
    json!({
        "metadata": {"name": format!("svc-{number}"), "labels": labels(number)},
        "spec": {"replicas": 2, "selector": {"matchLabels": labels(number)}, "template": template(number)},
    })
}

fn service(number: usize) -> Value {
    json!({
        "metadata": {"name": format!("svc-{number}")},
        "spec": {"selector": labels(number), "clusterIP": "None", "ports": [{"port": 80, "targetPort": 8080}]},
    })
}

/// As a ReplicaSet would have made it.
fn pod(number: usize, owner: Value) -> Value {
    let mut pod = template(number);
    pod["metadata"]["name"] = json!(format!("svc-{number}-7d4b9c6f5-x2x7k"));
    pod["metadata"]["labels"]["pod-template-hash"] = json!("7d4b9c6f5");
    pod["metadata"]["ownerReferences"] = json!([owner]);
    pod["spec"]["nodeName"] = json!(format!("node-{}", number % NODES));
    pod
}
