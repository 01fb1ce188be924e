//! AdmissionReviews as an API server sends them, in two sizes.

use hyper::body::Bytes;
use serde_json::{Value, json};

/// Different objects, so that no answer can be remembered from the request before.
const DIFFERENT: usize = 100;
/// Containers' environment variables that bring an object to the larger size.
const VARIABLES: usize = 330;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Size {
    /// A CREATE of an everyday Deployment: about 4 KB.
    Small,
    /// An UPDATE of one with hundreds of variables, both objects and their managed fields: about 100 KB.
    Large,
}

impl Size {
    pub const ALL: [Size; 2] = [Size::Small, Size::Large];

    pub fn name(self) -> &'static str {
        match self {
            Size::Small => "CREATE",
            Size::Large => "UPDATE",
        }
    }
}

pub fn bodies(size: Size) -> Vec<Bytes> {
    (0..DIFFERENT).map(|number| Bytes::from(review(size, number).to_string())).collect()
}

fn review(size: Size, number: usize) -> Value {
    let name = format!("payments-{number}");
    let (operation, object, old) = match size {
        Size::Small => ("CREATE", deployment(&name, 4, 2), Value::Null),
        Size::Large => ("UPDATE", deployment(&name, VARIABLES, 3), deployment(&name, VARIABLES, 2)),
    };
    let resource = json!({"group": "apps", "version": "v1", "resource": "deployments"});
    let kind = json!({"group": "apps", "version": "v1", "kind": "Deployment"});
    json!({
        "kind": "AdmissionReview", "apiVersion": "admission.k8s.io/v1",
        "request": {
            "uid": format!("0df28fbd-5f5f-11e8-bc74-36e6bb28{number:04}"),
            "kind": kind, "resource": resource, "requestKind": kind, "requestResource": resource,
            "name": name, "namespace": "team-7", "operation": operation,
            "userInfo": {
                "username": "system:serviceaccount:argocd:argocd-application-controller",
                "uid": "6f1c2a8e-5ad4-4f43-8a3b-2f0d4f1f2b77",
                "groups": ["system:serviceaccounts", "system:serviceaccounts:argocd", "system:authenticated"],
                "extra": {
                    "authentication.kubernetes.io/credential-id": ["JTI=2b7a1d6c-5c43-4f6c-9f55-6e0f3f0e9b1a"],
                    "authentication.kubernetes.io/pod-name": ["argocd-application-controller-0"],
                },
            },
            "object": object, "oldObject": old, "dryRun": false,
            "options": {"kind": "UpdateOptions", "apiVersion": "meta.k8s.io/v1", "fieldManager": "argocd-controller"},
        },
    })
}

/// A Deployment as it's stored: defaults filled in, managed fields for each field that was applied.
fn deployment(name: &str, variables: usize, replicas: u32) -> Value {
    let labels =
        json!({"app.kubernetes.io/name": name, "app.kubernetes.io/part-of": "payments", "team": "payments"});
    let env: Vec<Value> = (0..variables)
        .map(|n| json!({"name": format!("FEATURE_FLAG_{n}"), "value": format!("rollout-{n}-percent")}))
        .collect();
    let mut managed = serde_json::Map::new();
    for n in 0..variables {
        managed.insert(
            format!("k:{{\"name\":\"FEATURE_FLAG_{n}\"}}"),
            json!({".": {}, "f:name": {}, "f:value": {}}),
        );
    }
    json!({
        "kind": "Deployment", "apiVersion": "apps/v1",
        "metadata": {
            "name": name, "namespace": "team-7", "uid": "0a3f2b1c-7d1e-4c55-9a55-6a1f4b8e2d10", "generation": 4,
            "creationTimestamp": "2026-11-20T09:12:44Z", "labels": labels,
            "annotations": {"argocd.argoproj.io/tracking-id": format!("payments:apps/Deployment:team-7/{name}")},
            "managedFields": [{
                "manager": "argocd-controller", "operation": "Apply", "apiVersion": "apps/v1",
                "time": "2026-11-20T09:12:44Z", "fieldsType": "FieldsV1",
                "fieldsV1": {"f:metadata": {"f:labels": {"f:team": {}}}, "f:spec": {"f:replicas": {}, "f:template": {
                    "f:spec": {"f:containers": {"k:{\"name\":\"main\"}": {".": {}, "f:image": {}, "f:env": managed}}},
                }}},
            }],
        },
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app.kubernetes.io/name": name}},
            "template": {
                "metadata": {"creationTimestamp": null, "labels": labels},
                "spec": {
                    "containers": [{
                        "name": "main", "image": format!("registry.example.com/payments/{name}:1.42.0"),
                        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
                        "env": env,
                        "resources": {"limits": {"memory": "1Gi"}, "requests": {"cpu": "500m", "memory": "1Gi"}},
                        "livenessProbe": probe("/healthz"), "readinessProbe": probe("/readyz"),
                        "volumeMounts": [{"name": "config", "readOnly": true, "mountPath": "/etc/payments"}],
                        "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
                        "imagePullPolicy": "IfNotPresent",
                        "securityContext": {
                            "capabilities": {"drop": ["ALL"]}, "runAsNonRoot": true,
                            "readOnlyRootFilesystem": true, "allowPrivilegeEscalation": false,
                        },
                    }],
                    "volumes": [{"name": "config", "configMap": {"name": name, "defaultMode": 420}}],
                    "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst",
                    "serviceAccountName": name, "serviceAccount": name, "securityContext": {},
                    "schedulerName": "default-scheduler",
                },
            },
            "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
            "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
        },
        "status": {},
    })
}

fn probe(path: &str) -> Value {
    json!({
        "httpGet": {"path": path, "port": "http", "scheme": "HTTP"},
        "timeoutSeconds": 1, "periodSeconds": 10, "successThreshold": 1, "failureThreshold": 3,
    })
}
