//! What ties a workload to Kubernetes: roles that are bound to it, and what the API server calls.

mod common;

use berth::{
    catalog::{Catalog, Target},
    decide::{Confidence, Decision, Fit},
    evaluate,
    policy::Policy,
};

const WEB: &str = "
apiVersion: apps/v1
kind: Deployment
metadata: {name: web, namespace: shop}
spec:
  template:
    metadata: {labels: {app: web}}
    spec:
      POD
      containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}],
        resources: {requests: {cpu: 500m, memory: 1Gi}}}]
";

fn decide(pod: &str, around: &[&str]) -> Decision {
    let text = format!("{}---\n{}\n", WEB.replace("POD", pod), around.join("\n---\n"));
    evaluate(&common::observe("ties", &text)[0], Catalog::embedded(), &Policy::default())
}

/// What EKS001 says, with the fit of ECS on Fargate that must go with it.
fn says(pod: &str, around: &[&str]) -> Option<String> {
    let decision = decide(pod, around);
    let found = decision.findings.iter().find(|finding| finding.rule == "EKS001");
    let fargate = decision.candidates.iter().find(|candidate| candidate.target == Target::ECSFargate);
    assert_eq!(fargate.unwrap().fit == Fit::Excluded, found.is_some());
    found.map(|finding| finding.message.clone())
}

fn binding(kind: &str, namespace: &str, role: &str, subject: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: bound{namespace}}}\n\
         roleRef: {{{role}}}\nsubjects: [{{{subject}}}]"
    )
}

fn role(kind: &str, rest: &str) -> String {
    format!(
        "apiVersion: rbac.authorization.k8s.io/v1\nkind: {kind}\nmetadata: {{name: reader, namespace: shop}}\n{rest}"
    )
}

const OWN: &str = "serviceAccountName: web";
const ACCOUNT: &str = "kind: ServiceAccount, name: web, namespace: shop";
const READER: &str = "kind: ClusterRole, name: reader";

#[test]
fn a_role_of_its_own_is_certain_wherever_it_is_bound() {
    let certain =
        Some("serviceAccountName is web, bound by RoleBinding bound; it calls the Kubernetes API".to_owned());
    assert_eq!(says(OWN, &[&binding("RoleBinding", ", namespace: shop", READER, ACCOUNT)]), certain);
    assert_eq!(says(OWN, &[&binding("RoleBinding", ", namespace: other", READER, ACCOUNT)]), certain);
    assert!(says(OWN, &[&binding("ClusterRoleBinding", "", READER, ACCOUNT)]).is_some());
    let as_user = "kind: User, name: 'system:serviceaccount:shop:web'";
    assert!(says(OWN, &[&binding("ClusterRoleBinding", "", READER, as_user)]).is_some());
    assert_eq!(says(OWN, &[]), None);
    let of_another = "kind: ServiceAccount, name: web, namespace: other";
    assert_eq!(says(OWN, &[&binding("ClusterRoleBinding", "", READER, of_another)]), None);
}

#[test]
fn a_group_ties_by_inference_and_is_asked_about() {
    for (pod, subject) in [
        (OWN, "kind: Group, name: 'system:serviceaccounts:shop'"),
        (OWN, "kind: Group, name: 'system:serviceaccounts'"),
        (OWN, "kind: Group, name: 'system:authenticated'"),
        ("", "kind: ServiceAccount, name: default, namespace: shop"),
        // As kustomize takes it: the namespace is filled in later.
        (OWN, "kind: ServiceAccount, name: web"),
    ] {
        let around = binding("ClusterRoleBinding", "", READER, subject);
        let message = says(pod, &[&around]).unwrap();
        assert!(message.ends_with("; inferred: it may call the Kubernetes API"), "{message}");
        let decision = decide(pod, &[&around]);
        assert_eq!(decision.recommendation.unwrap().confidence, Confidence::Low, "{subject}");
        let asked = decision.open_questions.iter().flat_map(|question| &question.answers);
        let mut no = asked
            .filter(|answer| answer.suppose.iter().any(|s| s.fact == "kubernetesApi" && s.value == "false"));
        assert!(
            no.any(|answer| answer.recommendation.is_some_and(|target| !target.is_kubernetes())),
            "{:?}",
            decision.open_questions
        );
    }
    assert_eq!(
        says(
            OWN,
            &[&binding(
                "ClusterRoleBinding",
                "",
                READER,
                "kind: Group, name: 'system:serviceaccounts:other'"
            )]
        ),
        None
    );
    for nobodys in ["kind: Group, name: admins", "kind: ServiceAccount, name: admin"] {
        assert_eq!(says(OWN, &[&binding("ClusterRoleBinding", "", READER, nobodys)]), None);
    }
}

#[test]
fn a_role_of_its_own_leaves_nothing_to_ask() {
    let group = binding("ClusterRoleBinding", "", READER, "kind: Group, name: 'system:serviceaccounts'");
    let own = binding("RoleBinding", ", namespace: shop", READER, ACCOUNT);
    let decision = decide(OWN, &[&group, &own]);
    let supposed = decision.open_questions.iter().flat_map(|q| &q.answers).flat_map(|answer| &answer.suppose);
    assert!(supposed.into_iter().all(|s| s.fact != "kubernetesApi"), "{:?}", decision.open_questions);
}

#[test]
fn without_a_token_no_role_is_of_use() {
    let bound = binding("ClusterRoleBinding", "", READER, ACCOUNT);
    let account = |more: &str| {
        format!("apiVersion: v1\nkind: ServiceAccount\nmetadata: {{name: web, namespace: shop}}\n{more}")
    };
    let none = account("automountServiceAccountToken: false");
    let off = format!("{OWN}, automountServiceAccountToken: false");
    let off = off.replace(", ", "\n      ");
    let on = off.replace("false", "true");
    assert_eq!(says(&off, &[&bound]), None);
    assert_eq!(says(OWN, &[&bound, &none]), None);
    assert!(says(&on, &[&bound, &none]).is_some(), "the Pod's word is the last");
    assert!(says(OWN, &[&bound, &account("")]).is_some());
    let token = |more: &str| {
        format!(
            "{off}\n      volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t{more}}}}}]}}}}]"
        )
    };
    assert!(says(&token(""), &[&bound]).is_some(), "a token of its own choice");
    assert_eq!(says(&token(", audience: sts.amazonaws.com"), &[&bound]), None);
}

#[test]
fn a_role_that_grants_nothing_to_work_with_ties_nobody() {
    let bound = binding("RoleBinding", ", namespace: shop", "kind: Role, name: reader", ACCOUNT);
    let ties = |rest: &str| says(OWN, &[&bound, &role("Role", rest)]).is_some();
    assert!(ties("rules: [{apiGroups: [''], resources: [pods], verbs: [get]}]"));
    assert!(!ties("rules: []"));
    assert!(!ties("rules: [{nonResourceURLs: [/healthz], verbs: [get]}]"));
    assert!(!ties("rules: [{apiGroups: [policy], resources: [podsecuritypolicies], verbs: [use]}]"));
    assert!(!ties(
        "rules: [{apiGroups: [authorization.k8s.io], resources: [selfsubjectaccessreviews], verbs: [create]}]"
    ));
    let cluster = binding("ClusterRoleBinding", "", READER, ACCOUNT);
    assert!(says(OWN, &[&cluster, &role("ClusterRole", "aggregationRule: {}\nrules: null")]).is_some());
    // A Role of that name elsewhere is another one.
    let discovery = binding("ClusterRoleBinding", "", "kind: ClusterRole, name: 'system:discovery'", ACCOUNT);
    assert_eq!(says(OWN, &[&discovery]), None);
}

#[test]
fn a_controller_of_custom_resources_is_called_one() {
    let bound = binding("RoleBinding", ", namespace: shop", "kind: Role, name: reader", ACCOUNT);
    let message = |verbs: &str, group: &str| {
        let rules = format!("rules: [{{apiGroups: [{group}], resources: [widgets], verbs: [{verbs}]}}]");
        says(OWN, &[&bound, &role("Role", &rules)]).unwrap()
    };
    assert!(message("watch, update", "widgets.example").ends_with("; it is a controller of widgets.example"));
    assert!(message("watch, list", "widgets.example").ends_with("; it calls the Kubernetes API"));
    assert!(message("watch, update", "apps").ends_with("; it calls the Kubernetes API"));
}

#[test]
fn a_role_that_people_are_given_makes_no_controller() {
    let edit = "kind: ClusterRole, name: edit";
    let bound = binding("RoleBinding", ", namespace: shop", edit, ACCOUNT);
    // As an API server fills it in, from every custom resource that adds to it.
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: edit}\n\
                aggregationRule: {}\nrules: [{apiGroups: [berth.dev], resources: [workloadprofiles], verbs: [watch, update]}]";
    assert!(says(OWN, &[&bound, role]).unwrap().ends_with("; it calls the Kubernetes API"));
}

#[test]
fn what_the_api_server_calls_belongs_in_its_cluster() {
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: hook, namespace: shop}\n\
                   spec: {selector: {app: web}, ports: [{port: 443, targetPort: http}]}";
    let fires = |around: &[&str]| {
        let found = decide(OWN, around).findings.into_iter().find(|finding| finding.rule == "EKS005");
        found.map(|finding| finding.message)
    };
    let webhook = |kind: &str, namespace: &str| {
        format!(
            "apiVersion: admissionregistration.k8s.io/v1\nkind: {kind}\nmetadata: {{name: calls}}\n\
             webhooks: [{{clientConfig: {{service: {{namespace: {namespace}, name: hook}}}}}}]"
        )
    };
    for kind in ["ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"] {
        let message = Some(format!("{kind} calls is Service hook; the API server calls it"));
        assert_eq!(fires(&[service, &webhook(kind, "shop")]), message);
        assert_eq!(fires(&[&webhook(kind, "shop")]), None, "no such Service");
        assert_eq!(fires(&[service, &webhook(kind, "other")]), None);
    }
    let api = "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.widgets.example}\n\
               spec: {service: {namespace: shop, name: hook}}";
    assert!(fires(&[service, api]).is_some());
    let local =
        "apiVersion: apiregistration.k8s.io/v1\nkind: APIService\nmetadata: {name: v1.apps}\nspec: {}";
    assert_eq!(fires(&[service, local]), None);
}

#[test]
fn an_autoscaler_counts_in_both_of_its_versions() {
    for version in ["v1", "v2"] {
        let scaler = format!(
            "apiVersion: autoscaling/{version}\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web, namespace: shop}}\n\
             spec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: 2, maxReplicas: 9}}"
        );
        let decision = decide(OWN, &[&scaler]);
        let copies = decision.evidence.iter().find(|item| item.fact == "copies").unwrap();
        assert_eq!(copies.value, "2 to 9", "{version}");
    }
}
