//! What every rule promises: its code, its documentation, its examples, its messages.

mod common;

use std::{collections::BTreeSet, path::Path, time::Instant};

use berth::{
    catalog::{Catalog, Target},
    decide::{
        Effect, Finding, Fit, Supposition, decide,
        rules::{self, MESSAGE_MAX, RULES, Rule},
        suppose, targets,
    },
    evidence::{evidence, image},
    facts::{
        ColdStart, Connections, Evidence, Fact, Lifetime, Protocol, Signal, Storage, Subject, Trait, Trigger,
    },
    policy::Policy,
};
use proptest::{collection::vec, option, prelude::*, sample::select};

const FAMILIES: &[&str] =
    &["PRM", "EKS", "LMB", "FGT", "EXP", "ARN", "BAT", "SGM", "ECI", "EKF", "DAT", "WRK", "EXM"];

/// The evidence about each workload of an example.
fn evidences(name: &str, example: &str) -> Vec<Evidence> {
    common::observe(name, example).iter().map(|observed| evidence(observed, &Policy::default())).collect()
}

/// What a rule finds about each workload of an example.
fn findings(rule: &Rule, example: &str) -> Vec<Finding> {
    let all = evidences(rule.code, example);
    all.iter().flat_map(|evidence| rule.apply(evidence, Catalog::embedded())).collect()
}

/// All that every rule finds about every example of any.
fn all_findings() -> Vec<(&'static Rule, Finding)> {
    let examples = RULES.iter().flat_map(|rule| [(rule.code, rule.fires), (rule.code, rule.silent)]);
    let all: Vec<Evidence> = examples.flat_map(|(code, example)| evidences(code, example)).collect();
    let pairs = all.iter().flat_map(|evidence| RULES.iter().map(move |rule| (rule, evidence)));
    let found = |(rule, evidence): (&'static Rule, _)| {
        rule.apply(evidence, Catalog::embedded()).into_iter().map(move |finding| (rule, finding))
    };
    pairs.flat_map(found).collect()
}

#[test]
fn codes_are_unique_and_name_their_files() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/decide/rules");
    let mut codes = BTreeSet::new();
    let mut names = BTreeSet::new();
    for rule in RULES {
        let (family, number) = rule.code.split_at(3);
        assert!(FAMILIES.contains(&family), "{}: no such family", rule.code);
        assert!(number.len() == 3 && number.bytes().all(|b| b.is_ascii_digit()), "{}", rule.code);
        assert!(codes.insert(rule.code), "{} is there twice", rule.code);
        assert!(names.insert(rule.name), "{} is there twice", rule.name);
        assert!(
            rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-'),
            "{} isn't kebab-case",
            rule.name
        );
        let file = folder.join(format!("{}.rs", rule.code.to_lowercase()));
        let text =
            std::fs::read_to_string(&file).unwrap_or_else(|error| panic!("{}: {error}", file.display()));
        assert!(text.starts_with(&format!("//! {}: ", rule.code)), "{}", file.display());
        assert!(std::ptr::eq(rules::find(&rule.code.to_lowercase()).unwrap(), rule));
    }
    let files = std::fs::read_dir(&folder).unwrap();
    let coded = files.flatten().filter(|file| {
        let name = file.file_name().to_string_lossy().to_uppercase();
        FAMILIES.iter().any(|family| name.starts_with(family))
    });
    assert_eq!(coded.count(), RULES.len(), "a rule's file isn't in the list");
}

#[test]
fn rules_are_told_by_family() {
    let families: Vec<_> = RULES
        .iter()
        .map(|rule| FAMILIES.iter().position(|family| rule.family() == *family).unwrap())
        .collect();
    assert!(families.is_sorted());
}

#[test]
fn the_documentation_has_every_section_and_its_sources() {
    for rule in RULES {
        let Rule { docs, code, .. } = rule;
        for (section, text) in [("checks", docs.checks), ("matters", docs.matters), ("todo", docs.todo)] {
            assert!(text.len() > 10 && text.ends_with('.'), "{code}: {section} is {text:?}");
            assert!(!text.contains("  "), "{code}: {section} has a gap");
        }
        let names_a_limit = docs.matters.bytes().any(|byte| byte.is_ascii_digit());
        let names_its_source = ["AWS", "Amazon", "SageMaker", "Kubernetes documentation"]
            .iter()
            .any(|source| docs.matters.contains(source));
        assert!(!names_a_limit || names_its_source, "{code}: a limit without its source");
        let version: Vec<u32> = rule.since.split('.').map(|part| part.parse().unwrap()).collect();
        assert_eq!(version.len(), 3, "{code}: since {}", rule.since);
        assert_eq!(
            rule.targets.is_empty(),
            matches!(rule.family(), "PRM" | "DAT" | "WRK" | "EXM") || *code == "EKS002"
        );
    }
}

#[test]
fn each_example_does_what_it_is_there_for() {
    for rule in RULES {
        assert!(!findings(rule, rule.fires).is_empty(), "{} doesn't fire on its example", rule.code);
        let silent = findings(rule, rule.silent);
        assert!(silent.is_empty(), "{} fires on the example that it shouldn't: {silent:?}", rule.code);
    }
}

#[test]
fn messages_are_short_and_name_field_and_value() {
    for (rule, finding) in all_findings() {
        let Finding { field, value, message, .. } = &finding;
        assert!(message.chars().count() <= MESSAGE_MAX, "{}: {message}", rule.code);
        let (told, because) = message.split_once("; ").unwrap_or_else(|| panic!("{}: {message}", rule.code));
        let told = told.strip_prefix(rules::short(field)).and_then(|rest| rest.strip_prefix(" is ")).unwrap();
        // A long value is cut, never so far that nobody knows it again.
        let cut = told.strip_suffix('…').filter(|cut| cut.len() >= 20 && value.starts_with(cut));
        assert!(told == value || cut.is_some(), "{}: {message}", rule.code);
        assert!(because.is_ascii() && !because.ends_with('.'), "{}: {message}", rule.code);
        assert!(!field.is_empty() && !value.is_empty(), "{}: {finding:?}", rule.code);
    }
}

#[test]
fn no_finding_is_stronger_than_its_rule() {
    for (rule, finding) in all_findings() {
        assert!(finding.effect >= rule.effect, "{}: {finding:?}", rule.code);
        assert_eq!(finding.targets, rule.targets);
    }
    // And each rule is as strong somewhere as it says; the two below are so in the tests that follow.
    let elsewhere = ["FGT011"];
    for rule in RULES.iter().filter(|rule| !elsewhere.contains(&rule.code)) {
        let strongest = findings(rule, rule.fires).iter().map(|finding| finding.effect).min();
        assert_eq!(strongest, Some(rule.effect), "{}", rule.code);
    }
}

#[test]
fn a_long_value_is_cut_and_the_reason_is_not() {
    let image = format!("registry.example/{}/vllm", "a".repeat(200));
    let text = format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: {image}}}]}}}}}}\n"
    );
    let rule = rules::find("SGM001").unwrap();
    assert_eq!(findings(rule, &text), []);
    let finding = findings(rule, &text.replace("vllm", "server")).remove(0);
    assert!(finding.value.len() > 200 && finding.message.chars().count() <= MESSAGE_MAX);
    assert!(finding.message.ends_with("…; nothing tells of a model"), "{}", finding.message);
}

#[test]
fn the_name_of_an_object_is_cut_and_the_reason_is_not() {
    let name = "storefront-of-the-north-".repeat(2);
    let text = format!(
        "{}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: {name}a, annotations: {{alb.ingress.kubernetes.io/target-group-attributes: stickiness.enabled=true}}}}\nspec: {{defaultBackend: {{service: {{name: web}}}}}}\n",
        deployment("{containers: [{name: web, image: web}]}"),
    );
    let finding = findings(rules::find("LMB022").unwrap(), &text).remove(0);
    assert!(finding.field.contains(&name), "{}", finding.field);
    let message = finding.message;
    assert!(message.chars().count() <= MESSAGE_MAX, "{message}");
    assert!(message.starts_with("Ingress storefront"), "{message}");
    assert!(
        message.ends_with("target-group-attributes is a cookie; there any copy answers the next request"),
        "{message}"
    );
}

#[test]
fn every_store_that_an_image_tells_has_its_managed_service() {
    let known: BTreeSet<&str> = image::DATASTORES.iter().map(|(_, store)| *store).collect();
    let managed: BTreeSet<&str> = Catalog::embedded().managed_stores.keys().map(String::as_str).collect();
    assert_eq!(known, managed);
}

/// What one rule says of one workload, in short: nothing, or its effect and value.
fn says(code: &str, manifests: &str) -> Option<(Effect, String)> {
    let rule = rules::find(code).unwrap();
    findings(rule, manifests).pop().map(|finding| (finding.effect, finding.value))
}

fn deployment(pod: &str) -> String {
    format!(
        "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{metadata: {{labels: {{app: web}}}}, spec: {pod}}}}}\n"
    )
}

#[test]
fn windows_fits_fargate_up_to_its_largest_size() {
    let pod = |cpu: &str| {
        deployment(&format!(
            "{{os: {{name: windows}}, containers: [{{name: web, image: web, resources: {{requests: {{cpu: {cpu}, memory: 8Gi}}}}}}]}}"
        ))
    };
    assert_eq!(says("FGT011", &pod("4")), Some((Effect::Notes, "windows".into())));
    assert_eq!(says("FGT011", &pod("5")), Some((Effect::Excludes, "5".into())));
}

#[test]
fn limits_hold_what_is_exactly_as_large() {
    let pod = |cpu: &str, memory: &str| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, resources: {{requests: {{cpu: {cpu:?}, memory: {memory}}}}}}}]}}"
        ))
    };
    assert_eq!(says("FGT003", &pod("32", "244Gi")), None);
    assert_eq!(says("FGT003", &pod("32", "245Gi")), Some((Effect::Excludes, "245Gi".into())));
    // 256 MB of each Pod's memory are taken by EKS on Fargate itself.
    assert_eq!(says("EKF006", &pod("16", "119.75Gi")), None);
    assert_eq!(says("EKF006", &pod("16", "120Gi")), Some((Effect::Excludes, "120Gi".into())));
    assert_eq!(says("LMB010", &pod("5.8", "1Gi")), None);
    assert_eq!(says("LMB010", &pod("6", "1Gi")), Some((Effect::Excludes, "6".into())));
}

#[test]
fn capabilities_that_every_runtime_grants_tell_nothing() {
    let pod = |add: &str| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, securityContext: {{capabilities: {{drop: [ALL], add: [{add}]}}}}}}]}}"
        ))
    };
    for code in ["FGT002", "EKF008", "LMB007"] {
        assert_eq!(says(code, &pod("NET_BIND_SERVICE, CHOWN")), None, "{code}");
        assert_eq!(
            says(code, &pod("CHOWN, NET_ADMIN")),
            Some((Effect::Excludes, "NET_ADMIN".into())),
            "{code}"
        );
        assert_eq!(
            says(code, &pod("CAP_SYS_ADMIN")),
            Some((Effect::Excludes, "CAP_SYS_ADMIN".into())),
            "{code}"
        );
    }
    assert_eq!(says("FGT002", &pod("SYS_PTRACE")), None);
    assert_eq!(says("EKF008", &pod("SYS_PTRACE")), Some((Effect::Excludes, "SYS_PTRACE".into())));
}

#[test]
fn a_mesh_counts_written_or_injected_and_a_pod_may_stay_out() {
    let namespace = |labels: &str| {
        format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, labels: {{{labels}}}}}\n")
    };
    let pod = |labels: &str, containers: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{metadata: {{labels: {{{labels}}}}}, spec: {{containers: [{containers}]}}}}}}\n"
        )
    };
    let web = "{name: web, image: web}";
    let fires = |text: &str| {
        let found: Vec<bool> =
            ["LMB015", "EKF008", "FGT012"].iter().map(|code| says(code, text).is_some()).collect();
        assert!(found.iter().all(|fired| *fired == found[0]), "{text}");
        found[0]
    };
    assert!(!fires(&pod("app: web", web)));
    assert!(fires(&pod("app: web", "{name: web, image: web}, {name: istio-proxy, image: proxyv2}")));
    assert!(fires(&(pod("app: web", web) + &namespace("istio-injection: enabled"))));
    assert!(fires(&(pod("app: web", web) + &namespace("istio.io/rev: stable"))));
    assert!(fires(&(pod("app: web", web) + &namespace("istio.io/dataplane-mode: ambient"))));
    assert!(!fires(&(pod("sidecar.istio.io/inject: 'false'", web) + &namespace("istio.io/rev: stable"))));
    assert!(!fires(&(pod("app: web", web) + &namespace("istio-injection: disabled"))));
    let annotated = |annotations: &str| {
        pod("app: web", web)
            .replace("labels: {app: web}", &format!("labels: {{app: web}}, annotations: {{{annotations}}}"))
    };
    for annotation in [
        "inject.istio.io/templates: 'sidecar,spire'",
        "proxy.istio.io/config: 'holdApplicationUntilProxyStarts: true'",
        "sidecar.istio.io/proxyCPU: 100m",
        "consul.hashicorp.com/connect-inject: 'true'",
    ] {
        let text = annotated(annotation);
        assert!(fires(&text), "{text}");
        assert_eq!(says("EXP011", &text).map(|(effect, _)| effect), Some(Effect::Excludes), "{text}");
        assert_eq!(says("PRM001", &text), None, "{text}");
    }
    for annotation in [
        "sidecar.istio.io/inject: 'false', sidecar.istio.io/proxyCPU: 100m",
        "sidecar.istio.io/rewriteAppHTTPProbers: 'true'",
        "traffic.sidecar.istio.io/excludeOutboundPorts: '5432'",
        "consul.hashicorp.com/connect-inject: 'false'",
        "appmesh.k8s.aws/sidecarInjectorWebhook: disabled",
        "appmesh.k8s.aws/sidecarInjectorWebhook: enabled",
    ] {
        assert!(!fires(&annotated(annotation)), "{annotation}");
    }
    // AWS has ended it: no proxy of it does anything.
    let of_app_mesh = namespace("appmesh.k8s.aws/sidecarInjectorWebhook: enabled");
    let asked = annotated("appmesh.k8s.aws/sidecarInjectorWebhook: enabled");
    for text in [asked, pod("app: web", web) + &of_app_mesh] {
        assert!(!fires(&text), "{text}");
        assert_eq!(says("WRK016", &text), Some((Effect::Notes, "enabled".into())));
        assert!(says("PRM001", &text).is_some(), "{text}");
    }
    let stays_out = annotated("appmesh.k8s.aws/sidecarInjectorWebhook: disabled") + &of_app_mesh;
    assert_eq!(says("WRK016", &stays_out), None);
    let out = annotated("sidecar.istio.io/proxyCPU: 100m") + &namespace("istio-injection: disabled");
    assert!(!fires(&out), "nothing is injected into a namespace that is out");
}

#[test]
fn a_container_that_a_webhook_adds_is_a_second_one() {
    let pod = |annotations: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web}}\nspec: {{template: {{metadata: {{annotations: {{{annotations}}}}}, spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
        )
    };
    let fires = |text: &str| {
        ["LMB015", "EXP003", "LMB023", "PRM001", "FGT012"].map(|code| says(code, text).is_some())
    };
    let second = [true, true, false, false, false];
    for annotation in [
        "dapr.io/enabled: 'true', dapr.io/app-id: web",
        "vault.hashicorp.com/agent-inject: 'true'",
        "sidecar.opentelemetry.io/inject: observability/collector",
    ] {
        assert_eq!(fires(&pod(annotation)), second, "{annotation}");
    }
    let namespace = |said: &str| {
        format!(
            "---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: default, annotations: {{{said}}}}}\n"
        )
    };
    let of_namespace = namespace("sidecar.opentelemetry.io/inject: 'true'");
    let none = [false, false, false, true, false];
    assert_eq!(fires(&(pod("a: b") + &of_namespace)), second);
    assert_eq!(fires(&(pod("sidecar.opentelemetry.io/inject: ''") + &of_namespace)), second);
    assert_eq!(fires(&(pod("sidecar.opentelemetry.io/inject: 'false'") + &of_namespace)), none);
    for alone in ["dapr.io/enabled: 'true'", "vault.hashicorp.com/agent-inject: 'true'"] {
        assert_eq!(fires(&(pod("a: b") + &namespace(alone))), none, "{alone} counts on a Pod alone");
        assert_eq!(fires(&pod(alone).replace("annotations", "labels")), none, "{alone} is no label");
    }
    let before =
        pod("vault.hashicorp.com/agent-inject: 'true', vault.hashicorp.com/agent-pre-populate-only: 'true'");
    assert_eq!(fires(&before), [false, true, true, false, false], "it ends before the others begin");
    for annotation in
        ["dapr.io/enabled: 'false'", "vault.hashicorp.com/agent-inject: 'false'", "dapr.io/app-id: web"]
    {
        assert_eq!(fires(&pod(annotation)), none, "{annotation}");
    }
}

#[test]
fn what_a_port_speaks_shows_in_names_services_and_probes() {
    let pod = |ports: &str, more: &str| {
        deployment(&format!("{{containers: [{{name: web, image: web, ports: [{ports}]{more}}}]}}"))
    };
    let service = |port: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{port}]}}\n"
        )
    };
    let grpc = [
        pod("{name: grpc, containerPort: 9000}", ""),
        pod("{name: api-grpc, containerPort: 9000}", ""),
        pod("{containerPort: 9000}", ", readinessProbe: {grpc: {port: 9000}}"),
        pod("{name: http, containerPort: 8080}", ", livenessProbe: {grpc: {port: 9000}}"),
        pod("{containerPort: 9000}", "") + &service("{port: 80, targetPort: 9000, appProtocol: grpc}"),
        pod("{containerPort: 9000}", "") + &service("{name: grpc, port: 9000}"),
        pod("", "") + &service("{name: grpc, port: 9000}"),
    ];
    for text in grpc {
        assert_eq!(says("LMB006", &text), Some((Effect::Excludes, "gRPC".into())), "{text}");
        assert_eq!(says("EXP001", &text), Some((Effect::Excludes, "gRPC".into())), "{text}");
    }
    // Browsers speak gRPC-Web over plain HTTP.
    assert_eq!(says("LMB006", &pod("{name: grpc-web, containerPort: 8080}", "")), None);
    // A port for metrics and an HTTP probe aren't where work comes in.
    for text in [
        pod("{name: http-metrics, containerPort: 9090}", ""),
        pod("", ", livenessProbe: {httpGet: {path: /healthz, port: 8081}}"),
    ] {
        assert_eq!(says("EXP001", &text), Some((Effect::Excludes, "none for clients".into())), "{text}");
        assert_eq!(says("LMB011", &text), Some((Effect::NeedsAnswer, "unknown".into())), "{text}");
    }
    let unknown = pod("{containerPort: 7777}", "");
    for code in ["LMB017", "EXP001", "ARN002"] {
        assert_eq!(says(code, &unknown), Some((Effect::NeedsAnswer, "unknown".into())), "{code}");
    }
}

#[test]
fn some_stores_speak_http() {
    let store = |port: u16| {
        let image = "docker.elastic.co/elasticsearch/elasticsearch:8";
        says(
            "EXP001",
            &deployment(&format!(
                "{{containers: [{{name: es, image: {image}, ports: [{{containerPort: {port}}}]}}]}}"
            )),
        )
    };
    assert_eq!(store(9300).map(|(_, value)| value).as_deref(), Some("not HTTP"));
    assert_eq!(store(9200), None);
}

#[test]
fn a_port_is_one_port_by_number_and_by_name() {
    let pod = "{containers: [{name: web, image: web, ports: [{name: http, containerPort: 8080}]}]}";
    let service = |name: &str, port: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: web}}, ports: [{port}]}}\n"
        )
    };
    let named = deployment(pod) + &service("inside", "{port: 80, targetPort: http}");
    assert_eq!(says("EXP005", &(named.clone() + &service("outside", "{port: 80, targetPort: 8080}"))), None);
    let two = named + &service("outside", "{name: http-admin, port: 9000}");
    assert_eq!(says("EXP005", &two), Some((Effect::Excludes, "8080, 9000".into())));
}

#[test]
fn a_claims_class_decides_and_a_missing_one_is_asked_about() {
    let claim = |spec: &str, class: &str| {
        let pod = deployment(
            "{volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], containers: [{name: web, image: web}]}",
        );
        format!(
            "{pod}---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec: {{{spec}}}\n---\n\
             apiVersion: storage.k8s.io/v1\nkind: StorageClass\n{class}\n"
        )
    };
    let named = |provisioner: &str| format!("metadata: {{name: c}}\nprovisioner: {provisioner}");
    let marked = "metadata: {name: c, annotations: {storageclass.kubernetes.io/is-default-class: 'true'}}\n\
                  provisioner: ebs.csi.aws.com";
    let effects = |text: &str| -> Vec<Option<Effect>> {
        let one = |code: &str| says(code, text).map(|(effect, _)| effect);
        let codes = ["LMB013", "FGT008", "FGT009", "ECI001", "EKF004", "BAT003", "ECI004"];
        codes.map(one).to_vec()
    };
    let (excludes, asks) = (Some(Effect::Excludes), Some(Effect::NeedsAnswer));
    let block = vec![excludes, excludes, None, excludes, excludes, excludes, excludes];
    let unknown = vec![asks, None, asks, asks, asks, asks, asks];
    let fits = vec![None; 7];
    // What the network brings outlasts its task: the team mounts it where instances are its own.
    let mounted =
        vec![excludes, excludes, None, excludes, excludes, Some(Effect::Notes), Some(Effect::Notes)];
    let bucket = vec![None, None, None, None, excludes, None, Some(Effect::Notes)];
    assert_eq!(effects(&claim("storageClassName: c", &named("ebs.csi.aws.com"))), block);
    for driver in ["fsx.csi.aws.com", "fsx.openzfs.csi.aws.com", "csi.trident.netapp.io"] {
        assert_eq!(effects(&claim("storageClassName: c", &named(driver))), mounted, "{driver}");
    }
    assert_eq!(effects(&claim("storageClassName: c", &named("s3.csi.aws.com"))), bucket);
    assert_eq!(effects(&claim("", marked)), block);
    assert_eq!(effects(&claim("storageClassName: c", &named("efs.csi.aws.com"))), fits);
    assert_eq!(effects(&claim("", &named("ebs.csi.aws.com"))), unknown);
    assert_eq!(effects(&claim("storageClassName: other", &named("ebs.csi.aws.com"))), unknown);
    // An access point for each claim is made on demand, which EKS on Fargate alone can't have.
    let points = format!("{}\nparameters: {{provisioningMode: efs-ap}}", named("efs.csi.aws.com"));
    let expected = vec![None, None, None, None, excludes, None, None];
    assert_eq!(effects(&claim("storageClassName: c", &points)), expected);
    // A claim for each copy decides whatever its class.
    let template = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {volumeClaimTemplates: \
                    [{metadata: {name: data}}], template: {spec: {containers: [{name: db, image: db}]}}}\n";
    assert_eq!(effects(template), block);
}

#[test]
fn the_volume_behind_a_claim_says_what_it_is() {
    let pod = deployment(
        "{volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], containers: [{name: web, image: web}]}",
    );
    let claim = |spec: &str| {
        format!(
            "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {{name: data}}\nspec: {{storageClassName: '', {spec}}}\n"
        )
    };
    let volume = |spec: &str| {
        format!("---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {{name: files}}\nspec: {{{spec}}}\n")
    };
    let effects =
        |text: &str| ["FGT008", "FGT009", "EKF004"].map(|code| says(code, text).map(|(effect, _)| effect));
    let (excludes, asks) = (Some(Effect::Excludes), Some(Effect::NeedsAnswer));
    let named = claim("volumeName: files");
    let efs = "csi: {driver: efs.csi.aws.com, volumeHandle: fs-01}";
    for (spec, expected) in [
        (efs, [None; 3]),
        ("csi: {driver: ebs.csi.aws.com, volumeHandle: vol-01}", [excludes, None, excludes]),
        ("awsElasticBlockStore: {volumeID: vol-01}", [excludes, None, excludes]),
        ("nfs: {server: fs-01.efs.us-east-1.amazonaws.com, path: /}", [None; 3]),
        ("nfs: {server: 10.0.0.5, path: /}", [excludes, None, excludes]),
        ("hostPath: {path: /data}", [None, asks, asks]),
    ] {
        assert_eq!(effects(&(pod.clone() + &named + &volume(spec))), expected, "{spec}");
    }
    // A volume may name the claim instead; another claim's says nothing.
    let kept = |namespace: &str| volume(&format!("{efs}, claimRef: {{namespace: {namespace}, name: data}}"));
    assert_eq!(effects(&(pod.clone() + &claim("") + &kept("default"))), [None; 3]);
    assert_eq!(effects(&(pod.clone() + &claim("") + &kept("other"))), [None, asks, asks]);
}

#[test]
fn a_raw_volume_is_a_disk_and_huge_pages_are_a_nodes() {
    let pod = |rest: &str, volumes: &str| {
        deployment(&format!("{{{volumes}containers: [{{name: web, image: web, {rest}}}]}}"))
    };
    let claim = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}], ";
    let effect = |code: &str, text: &str| says(code, text).map(|(effect, _)| effect);
    let (excludes, asks) = (Some(Effect::Excludes), Some(Effect::NeedsAnswer));
    // Nothing says what class the claim has.
    let raw = pod("volumeDevices: [{name: data, devicePath: /dev/xvda}]", claim);
    let mounted = pod("volumeMounts: [{name: data, mountPath: /data}]", claim);
    for code in ["ECI004", "ECI001", "FGT008", "BAT003", "EKF004"] {
        assert_eq!(effect(code, &raw), excludes, "{code}");
        assert_ne!(effect(code, &mounted), excludes, "{code}");
    }
    let pages = pod("resources: {limits: {hugepages-2Mi: 1Gi, memory: 1Gi}}", "");
    for code in ["EKS006", "FGT002", "LMB007", "EKF002"] {
        assert_eq!(effect(code, &pages), excludes, "{code}");
    }
    assert_eq!(effect("ECI010", &pages), asks);
    let device = deployment(
        "{resourceClaims: [{name: gpu, resourceClaimTemplateName: gpu}], containers: [{name: web, image: web}]}",
    );
    assert_eq!((effect("ECI010", &device), effect("EKS006", &device)), (asks, excludes));
    let observed = common::observe("device", &device);
    let decision = berth::evaluate(&observed[0], Catalog::embedded(), &berth::policy::Policy::default());
    let nodes = decision.candidates.iter().find(|candidate| candidate.target == Target::EKSNodes).unwrap();
    assert!(nodes.cost_unconfirmed && nodes.fit == Fit::Fits, "{nodes:?}");
}

#[test]
fn what_a_device_plugin_hands_out_is_there_alone() {
    let pod = |resource: &str, more: &str| {
        deployment(&format!(
            "{{{more}containers: [{{name: web, image: web, resources: {{limits: {{{resource}}}}}}}]}}"
        ))
    };
    let effect = |code: &str, text: &str| says(code, text).map(|(effect, _)| effect);
    let (excludes, asks) = (Some(Effect::Excludes), Some(Effect::NeedsAnswer));
    let fuse = pod("squat.ai/fuse: 1", "");
    for code in ["FGT002", "LMB007", "EKF002", "SGM003"] {
        assert_eq!(effect(code, &fuse), excludes, "{code}");
    }
    assert_eq!((effect("EKS016", &fuse), effect("ECI025", &fuse)), (asks, asks));
    assert_eq!((effect("ECI011", &fuse), effect("PRM001", &fuse)), (Some(Effect::Notes), None));
    let there = pod("squat.ai/fuse: 1", "nodeSelector: {eks.amazonaws.com/compute-type: auto}, ");
    assert_eq!(effect("ECI025", &there), None, "it runs on Auto Mode");
    for known in [
        "nvidia.com/gpu: 1",
        "amd.com/gpu: 1",
        "vpc.amazonaws.com/efa: 1",
        "vpc.amazonaws.com/pod-eni: 1",
        "vpc.amazonaws.com/PrivateIPv4Address: 1",
        "aws.amazon.com/neuroncore: 1",
        "hugepages-2Mi: 1Gi",
        "ephemeral-storage: 1Gi",
        "squat.ai/fuse: 0",
    ] {
        assert_eq!(effect("EKS016", &pod(known, "")), None, "{known}");
    }
    let group = pod("vpc.amazonaws.com/pod-eni: 1", "");
    assert_eq!((effect("ECI025", &group), effect("EKF014", &group)), (excludes, asks));
    assert_eq!((effect("FGT002", &group), effect("PRM001", &group)), (None, None));
    let class = pod("deviceclass.resource.kubernetes.io/gpu: 1", "");
    assert_eq!(
        (effect("EKS016", &class), effect("EKS006", &class)),
        (None, excludes),
        "a claim by another name"
    );
}

#[test]
fn auto_mode_has_drivers_of_claims_from_a_version_on() {
    let pod = |more: &str| {
        deployment(&format!(
            "{{{more}resourceClaims: [{{name: gpu}}], containers: [{{name: web, image: web}}]}}"
        ))
    };
    let effect = |text: &str| says("ECI010", text).map(|(effect, _)| effect);
    assert_eq!(effect(&pod("")), Some(Effect::NeedsAnswer));
    let there = "nodeSelector: {eks.amazonaws.com/compute-type: auto}, ";
    assert_eq!(effect(&pod(there)), Some(Effect::Notes), "a person says that it runs there");
    let other = format!("{there}runtimeClassName: gvisor, ");
    assert_eq!(effect(&pod(&other)), Some(Effect::Excludes));
}

#[test]
fn the_image_of_a_store_has_its_clients_too() {
    let store = |text: &str| says("DAT001", text).is_some();
    let image = "image: 'postgres:18'";
    let client = "command: [sh, -c, 'until pg_isready; do sleep 1; done']";
    let beside = "containers: [{name: web, image: web}]";
    for server in [
        format!("{{containers: [{{name: db, {image}}}]}}"),
        format!("{{containers: [{{name: db, {image}, command: [postgres, -c, max_connections=9]}}]}}"),
        format!("{{containers: [{{name: db, {image}, args: [-c, max_connections=9]}}]}}"),
        format!("{{containers: [{{name: db, {image}, command: [sh, -c, 'sleep 5; /opt/start']}}]}}"),
        format!("{{initContainers: [{{name: db, {image}, restartPolicy: Always}}], {beside}}}"),
    ] {
        assert!(store(&deployment(&server)), "{server}");
    }
    for other in [
        format!("{{initContainers: [{{name: wait, {image}}}], {beside}}}"),
        format!("{{initContainers: [{{name: wait, {image}, restartPolicy: Always, {client}}}], {beside}}}"),
        format!("{{containers: [{{name: dump, {image}, {client}}}]}}"),
        format!("{{containers: [{{name: dump, {image}, command: [sh, -c], args: ['pg_dump | gzip']}}]}}"),
        format!("{{containers: [{{name: shell, {image}, command: [sleep], args: [infinity]}}]}}"),
        format!("{{containers: [{{name: shell, {image}, command: [tail, -f, /dev/null]}}]}}"),
        format!("{{containers: [{{name: shell, {image}, command: [bash]}}]}}"),
    ] {
        assert!(!store(&deployment(&other)), "{other}");
    }
    let run = format!(
        "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: dump}}\nspec: {{template: {{spec: {{containers: [{{name: dump, {image}}}]}}}}}}\n"
    );
    assert!(!store(&run), "a server never ends");
}

#[test]
fn a_task_maps_a_port_by_one_protocol() {
    let pod = deployment(
        "{containers: [{name: web, image: web, ports: [{name: dns, containerPort: 5353, protocol: UDP}, {containerPort: 5353}]}]}",
    );
    let value = |text: &str| says("FGT031", text).map(|(_, value)| value);
    assert_eq!(value(&pod), None, "nobody leads there");
    let service = |more: &str, ports: &str| {
        format!(
            "{pod}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, {more}ports: [{{name: a, port: 53, targetPort: dns, protocol: UDP}}{ports}]}}\n"
        )
    };
    let both = ", {name: b, port: 53, targetPort: 5353}";
    let found = value(&service("", both));
    assert_eq!(found.as_deref(), Some("TCP of 5353, UDP too"), "one is named, the other one numbered");
    assert_eq!(value(&service("clusterIP: None, ", both)), None, "its clients call the copies");
    assert_eq!(value(&service("", "")), None, "the other protocol is its own affair, as of gossip");
    assert_eq!(value(&service("", ", {name: b, port: 53, targetPort: 5354}")), None);
    assert_eq!(value(&service("", ", {name: b, port: 54, targetPort: 5353, protocol: UDP}")), None);
}

/// Nobody limits how many ports are listed, and admission waits: twice as many take about twice as long.
#[test]
fn ports_without_end_take_no_time_without_end() {
    let ports = |count: usize, name: &str| {
        let ports: Vec<String> = (1..=count).map(|port| format!("{{{name}: {port}}}")).collect();
        ports.join(", ")
    };
    let listed = |count| {
        let listed = ports(count, "containerPort");
        deployment(&format!("{{containers: [{{name: web, image: web, ports: [{listed}]}}]}}"))
    };
    let led = |count| {
        format!(
            "{}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{}]}}\n",
            deployment("{containers: [{name: web, image: web}]}"),
            ports(count, "port")
        )
    };
    let took = |text: String| {
        let observed = common::observe("ports", &text);
        let once = || {
            let start = Instant::now();
            evidence(&observed[0], &Policy::default());
            start.elapsed()
        };
        // The machine may do other things meanwhile.
        (0..10).map(|_| once()).min().unwrap()
    };
    for (few, many) in [(listed(2_000), listed(20_000)), (led(2_000), led(20_000))] {
        let (few, many) = (took(few), took(many));
        assert!(many < few * 40, "{many:?} for ten times as many as in {few:?}");
    }
}

#[test]
fn what_turns_its_profiles_off_is_asked_why() {
    let effect = |code: &str, text: &str| says(code, text).map(|(effect, _)| effect);
    let pod = |context: &str| {
        deployment(&format!("{{containers: [{{name: web, image: web, securityContext: {context}}}]}}"))
    };
    let asks = Some(Effect::NeedsAnswer);
    assert_eq!(effect("FGT035", &pod("{seccompProfile: {type: Unconfined}}")), asks);
    assert_eq!(effect("FGT035", &pod("{appArmorProfile: {type: Unconfined}}")), asks);
    assert_eq!(effect("FGT035", &pod("{seccompProfile: {type: Localhost, localhostProfile: a}}")), None);
    assert_eq!(effect("PRM001", &pod("{seccompProfile: {type: Unconfined}}")), None);
    let annotated = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {metadata: {annotations: {container.apparmor.security.beta.kubernetes.io/web: unconfined}}, spec: {containers: [{name: web, image: web}]}}}\n";
    assert_eq!(effect("FGT035", annotated), asks);
    // Docker turns it off for privileged ones, and Pods without a profile have none on EKS on Fargate either.
    let off = "{privileged: true, seccompProfile: {type: Unconfined}}";
    assert_eq!(effect("FGT035", &pod(off)), None);
    let whole = |more: &str| {
        deployment(&format!(
            "{{securityContext: {{seccompProfile: {{type: Unconfined}}}}, containers: [{{name: web, image: web, securityContext: {{privileged: true}}}}{more}]}}"
        ))
    };
    assert_eq!(effect("FGT035", &whole("")), None);
    assert_eq!(effect("FGT035", &whole(", {name: other, image: other}")), asks);
    let privileged = annotated.replace("image: web", "image: web, securityContext: {privileged: true}");
    assert_eq!(effect("FGT035", &privileged), None);
    assert!(!rules::find("FGT035").unwrap().targets.contains(&Target::EKSFargate));
    // That it needs it off doesn't say that it makes user namespaces.
    let needs = Supposition { fact: "unconfined".into(), value: "true".into() };
    let [known] = &evidences("needs", &pod("{seccompProfile: {type: Unconfined}}"))[..] else { panic!() };
    assert_eq!(&suppose(known, &needs).unwrap(), known);
    // Whatever else is asked, what Fargate surely can't do goes before it.
    let builder = deployment("{containers: [{name: web, image: quay.io/buildah/stable}]}");
    assert_eq!((effect("FGT032", &builder), effect("ECI026", &builder)), (Some(Effect::Excludes), asks));
}

#[test]
fn what_goes_with_its_pod_is_no_data() {
    let pod = |volumes: &str| {
        deployment(&format!("{{volumes: [{volumes}], containers: [{{name: web, image: web}}]}}"))
    };
    let scratch = |name: &str| {
        format!("{{name: {name}, ephemeral: {{volumeClaimTemplate: {{spec: {{storageClassName: gp3}}}}}}}}")
    };
    let secrets = pod("{name: keys, csi: {driver: secrets-store.csi.k8s.io}}");
    let one = pod(&scratch("a"));
    for text in [&secrets, &one] {
        for code in ["FGT008", "FGT009", "ECI001", "ECI004"] {
            assert_eq!(says(code, text), None, "{code}: {text}");
        }
        assert_eq!(says("PRM001", text), None);
        assert_eq!(says("EKF004", text).map(|(effect, _)| effect), Some(Effect::Excludes));
    }
    assert_eq!(says("FGT014", &one), Some((Effect::Notes, "gp3".into())));
    let two = pod(&format!("{}, {}", scratch("a"), scratch("b")));
    assert_eq!(says("FGT014", &two), Some((Effect::Excludes, "gp3".into())));
}

#[test]
fn only_the_name_of_efs_is_efs() {
    let fargate = |server: &str| {
        let volume = format!("{{name: files, nfs: {{server: {server}, path: /}}}}");
        let text = deployment(&format!("{{volumes: [{volume}], containers: [{{name: web, image: web}}]}}"));
        says("FGT008", &text).map(|(effect, _)| effect)
    };
    for server in ["fs-01.efs.us-east-1.amazonaws.com", "us-east-1a.fs-01.efs.us-east-1.amazonaws.com"] {
        assert_eq!(fargate(server), None, "{server}");
    }
    for server in ["10.0.0.5", "fs-01.fsx.us-east-1.amazonaws.com", "nfs.efs.example.com"] {
        assert_eq!(fargate(server), Some(Effect::Excludes), "{server}");
    }
}

#[test]
fn shared_memory_counts_where_a_sidecar_mounts_it_too() {
    let pod = |restart: &str| {
        deployment(&format!(
            "{{volumes: [{{name: shm, emptyDir: {{medium: Memory}}}}], containers: [{{name: web, image: web}}], \
             initContainers: [{{name: side, image: side{restart}, volumeMounts: [{{name: shm, mountPath: /dev/shm}}]}}]}}"
        ))
    };
    assert_eq!(
        says("FGT004", &pod(", restartPolicy: Always")).map(|(effect, _)| effect),
        Some(Effect::Excludes)
    );
    assert_eq!(says("FGT004", &pod("")), None);
}

#[test]
fn a_volume_that_may_grow_counts_as_disk() {
    let pod = |volumes: &str, asked: &str| {
        deployment(&format!(
            "{{volumes: [{volumes}], containers: [{{name: web, image: web, resources: {{requests: {{{asked}}}}}}}]}}"
        ))
    };
    let large = "{name: a, emptyDir: {sizeLimit: 300Gi}}";
    assert_eq!(says("FGT006", &pod(large, "")), Some((Effect::Excludes, "300Gi".into())));
    assert_eq!(
        says("FGT006", &pod(large, "ephemeral-storage: 1Gi")),
        Some((Effect::Excludes, "300Gi".into()))
    );
    let both = "{name: a, emptyDir: {sizeLimit: 150Gi}}, {name: b, emptyDir: {sizeLimit: 60Gi}}";
    assert_eq!(says("FGT006", &pod(both, "")), Some((Effect::Excludes, "210Gi".into())));
    assert_eq!(says("FGT006", &pod("{name: a, emptyDir: {medium: Memory, sizeLimit: 300Gi}}", "")), None);
}

#[test]
fn managed_instances_give_less_of_their_host_than_nodes() {
    let pod = |spec: &str| deployment(&format!("{{{spec}, containers: [{{name: web, image: web}}]}}"));
    let effect = |spec: &str| says("ECI009", &pod(spec)).map(|(effect, _)| effect);
    assert_eq!(effect("hostIPC: true"), Some(Effect::Excludes));
    assert_eq!(effect("volumes: [{name: run, hostPath: {path: /var/run}}]"), Some(Effect::NeedsAnswer));
    assert_eq!(effect("volumes: [{name: log, hostPath: {path: /var/log/nginx}}]"), Some(Effect::NeedsAnswer));
    for path in ["/dev/fuse", "/lib/modules", "/", "/etc/ssl", "/variety", "/var/lib/kubelet/pods"] {
        let volume = format!(
            "volumes: [{{name: log, hostPath: {{path: /var/log}}}}, {{name: v, hostPath: {{path: {path}}}}}]"
        );
        assert_eq!(says("ECI009", &pod(&volume)), Some((Effect::Excludes, path.into())), "{path}");
    }
    assert_eq!(effect("hostNetwork: true"), None);
}

#[test]
fn an_endpoint_answers_at_once_in_a_stream_or_later() {
    let model = |annotations: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: vllm/vllm-openai:v1}}]}}}}}}\n"
        )
    };
    let effect = |trigger: &str, takes: &str| {
        let text = model(&format!("berth.dev/unit-duration: {takes}, berth.dev/trigger: {trigger}"));
        says("SGM002", &text).map(|(effect, _)| effect)
    };
    assert_eq!(effect("HTTP", "60s"), None);
    assert_eq!(effect("HTTP", "61s"), Some(Effect::Notes), "streamed");
    assert_eq!(effect("HTTP", "8m"), Some(Effect::Notes));
    assert_eq!(effect("HTTP", "9m"), Some(Effect::Excludes), "who waits gets nothing from S3");
    assert_eq!(effect("Queue", "1h"), None);
    assert_eq!(effect("Queue", "61m"), Some(Effect::Excludes));
    let untold =
        |takes: &str| says("SGM002", &model(&format!("berth.dev/unit-duration: {takes}"))).map(|(e, _)| e);
    assert_eq!(untold("9m"), Some(Effect::NeedsAnswer));
    assert_eq!(untold("61m"), Some(Effect::Excludes));
}

#[test]
fn nodes_that_somebody_prepared_are_no_nodes_of_aws() {
    let pinned = |label: &str| {
        let text =
            deployment(&format!("{{nodeSelector: {{{label}: a}}, containers: [{{name: web, image: web}}]}}"));
        says("ECI018", &text).map(|(effect, _)| effect)
    };
    assert_eq!(pinned("eks.amazonaws.com/sourceLaunchTemplateId"), Some(Effect::Excludes));
    assert_eq!(pinned("karpenter.k8s.aws/ec2nodeclass"), Some(Effect::NeedsAnswer));
    assert_eq!(pinned("karpenter.sh/nodepool"), None);
}

#[test]
fn a_schedule_is_what_starts_a_cron_job_and_how_often() {
    let text = |annotations: &str| {
        format!(
            "apiVersion: batch/v1\nkind: CronJob\nmetadata: {{name: report, annotations: {{{annotations}}}}}\nspec: {{schedule: 0 3 * * *, jobTemplate: {{spec: {{activeDeadlineSeconds: 600, template: {{spec: {{containers: [{{name: r, image: r}}]}}}}}}}}}}\n"
        )
    };
    assert_eq!(says("WRK004", &text("")), None);
    let value = |annotations: &str| says("WRK004", &text(annotations)).map(|(_, value)| value);
    assert_eq!(value("berth.dev/trigger: HTTP").as_deref(), Some("HTTP, spec.schedule is 0 3 * * *"));
    assert_eq!(value("berth.dev/trigger: Schedule"), None);
    let pace = value("berth.dev/mean-requests-per-second: '1'");
    assert_eq!(pace.as_deref(), Some("2628000 runs a month, spec.schedule has 30"));
    assert_eq!(value("berth.dev/mean-requests-per-second: '0.0000116'"), None);
    assert_eq!(value("berth.dev/unit-duration: 20m").as_deref(), Some("10m, a run takes 20m"));
    let both = text("berth.dev/unit-duration: 20m, berth.dev/runs-per-month: '3'");
    assert_eq!(findings(rules::find("WRK004").unwrap(), &both).len(), 2, "each is told");
}

#[test]
fn a_windows_task_has_no_directory_and_no_efs_on_fargate() {
    let windows = |spec: &str| {
        says(
            "FGT011",
            &deployment(&format!(
                "{{os: {{name: windows}}, {spec}containers: [{{name: web, image: web, resources: {{requests: {{cpu: 1, memory: 2Gi}}}}}}]}}"
            )),
        )
    };
    assert_eq!(windows("").map(|(effect, _)| effect), Some(Effect::Notes));
    let account = "securityContext: {windowsOptions: {gmsaCredentialSpecName: web}}, ";
    assert_eq!(windows(account), Some((Effect::Excludes, "web".into())));
    let efs = "volumes: [{name: d, nfs: {server: fs-0123.efs.eu-west-1.amazonaws.com, path: /}}], ";
    assert_eq!(windows(efs).map(|(effect, _)| effect), Some(Effect::Excludes));
}

#[test]
fn a_container_of_the_host_on_windows_is_privileged() {
    let host = "securityContext: {windowsOptions: {hostProcess: true}}";
    let os = "hostNetwork: false, os: {name: windows}";
    let of_pod = deployment(&format!("{{{host}, {os}, containers: [{{name: web, image: web}}]}}"));
    let of_container = deployment(&format!("{{{os}, containers: [{{name: web, image: web, {host}}}]}}"));
    for text in [of_pod, of_container] {
        assert_eq!(says("FGT002", &text), Some((Effect::Excludes, "true".into())), "{text}");
    }
}

#[test]
fn a_rule_of_placement_is_more_than_deployment_and_service() {
    let selected = |labels: &str| {
        let text =
            deployment(&format!("{{nodeSelector: {{{labels}}}, containers: [{{name: web, image: web}}]}}"));
        says("PRM001", &text).is_none()
    };
    for labels in [
        "disktype: ssd",
        "topology.kubernetes.io/zone: eu-west-1a",
        "node.kubernetes.io/instance-type: m7i.large",
        "karpenter.k8s.aws/instance-local-nvme: '100'",
        "kubernetes.io/os: windows",
    ] {
        assert!(selected(labels), "{labels}");
    }
    for labels in
        ["", "kubernetes.io/os: linux", "kubernetes.io/arch: arm64", "karpenter.sh/capacity-type: spot"]
    {
        assert!(!selected(labels), "{labels}");
    }
}

#[test]
fn only_nodes_with_docker_of_their_own_have_its_socket() {
    let text = deployment(
        "{volumes: [{name: d, hostPath: {path: /var/run/docker.sock}}], containers: [{name: web, image: web}]}",
    );
    let effect = |code: &str| says(code, &text).map(|(effect, _)| effect);
    assert_eq!((effect("ECI009"), effect("ECI010")), (Some(Effect::Excludes), Some(Effect::Excludes)));
    assert_eq!(effect("ECI021"), Some(Effect::Notes));
}

#[test]
fn what_express_mode_has_no_field_for_goes_to_the_plain_service() {
    let spot = deployment("{nodeSelector: {karpenter.sh/capacity-type: spot}, containers: [CONTAINER]}");
    let traced = deployment("{containers: [CONTAINER]}");
    let shared = "---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\nspec: {defaultBackend: {service: {name: web}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 8080}]}\n";
    let web = "{name: web, image: web, ports: [{name: http, containerPort: 8080}]";
    let plain = format!("{web}}}");
    let ptrace = format!("{web}, securityContext: {{capabilities: {{add: [SYS_PTRACE]}}}}}}");
    let behind_one = traced.replace("CONTAINER", &ptrace) + shared;
    for text in [spot.replace("CONTAINER", &plain), traced.replace("CONTAINER", &ptrace), behind_one] {
        assert_eq!(says("EXP007", &text).map(|(effect, _)| effect), Some(Effect::Notes), "{text}");
        let observed = common::observe("express", &text);
        let policy = Policy::read("operations: {platformTeam: true, services: 30}").unwrap();
        let decision = berth::evaluate(&observed[0], Catalog::embedded(), &policy);
        let of = |target: Target| decision.candidates.iter().position(|c| c.target == target).unwrap();
        assert!(of(Target::ECSFargate) < of(Target::ECSExpress), "{:?}", decision.candidates);
    }
    assert_eq!(says("EXP007", &traced.replace("CONTAINER", &plain)), None);
}

#[test]
fn a_task_has_ten_containers_at_most() {
    let of = |init: usize, running: usize| {
        let list = |count: usize| {
            (0..count).map(|i| format!("{{name: c{i}, image: a}}")).collect::<Vec<_>>().join(", ")
        };
        let text =
            deployment(&format!("{{initContainers: [{}], containers: [{}]}}", list(init), list(running)));
        says("FGT021", &text)
    };
    assert_eq!(of(2, 8), None);
    assert_eq!(of(2, 9), Some((Effect::Excludes, "11".into())));
}

#[test]
fn quotas_are_told_once_they_are_reached() {
    let job = |count: u32| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: r}}\nspec: {{completions: {count}, template: {{spec: {{containers: [{{name: r, image: r}}]}}}}}}\n"
        )
    };
    assert_eq!(says("BAT005", &job(10_000)), None);
    assert_eq!(says("BAT005", &job(10_001)), Some((Effect::Notes, "10001".into())));
    let replicas = |count: u32| {
        deployment("{containers: [{name: web, image: web}]}")
            .replace("spec: {template", &format!("spec: {{replicas: {count}, template"))
    };
    assert_eq!(says("BAT005", &replicas(10_001)), None, "a service is no array");
    assert_eq!(says("FGT022", &replicas(5000)), None);
    assert_eq!(says("FGT022", &replicas(5001)), Some((Effect::Notes, "5001".into())));
    let env = |length: usize| {
        let value = "x".repeat(length);
        deployment(&format!(
            "{{containers: [{{name: web, image: web, env: [{{name: AB, value: {value}}}, {{name: NONE}}, {{name: FROM, valueFrom: {{fieldRef: {{fieldPath: metadata.name}}}}}}]}}]}}"
        ))
    };
    // Ten bytes of names.
    assert_eq!(says("LMB020", &env(4086)), None);
    assert_eq!(says("LMB020", &env(4087)), Some((Effect::Notes, "5 KiB".into())));
    let beside =
        env(4087).replace("[{name: web", "[{name: log, image: log, env: [{name: A, value: y}]}, {name: web");
    let beside = beside.replace("value: y", &format!("value: {}", "y".repeat(2000)));
    assert_eq!(says("LMB020", &beside), Some((Effect::Notes, "5 KiB".into())));
}

#[test]
fn a_load_balancer_shares_its_target_groups_with_no_other() {
    let web = deployment("{containers: [{name: web, image: web, ports: [{name: c, containerPort: 3}]}]}");
    let service = |name: &str, ports: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: {name}}}\nspec: {{selector: {{app: web}}, type: LoadBalancer, ports: [{ports}]}}\n"
        )
    };
    let named = "{name: a, port: 1}, {name: b, port: 2}, {name: c, port: 3, targetPort: c}";
    // The third is the second time the same, and the last is there to watch it by.
    let outside = format!("{named}, {{name: d, port: 30, targetPort: 3}}, {{name: metrics, port: 9}}");
    let both = |inside: &str| format!("{web}{}{}", service("web", &outside), service("web-internal", inside));
    assert_eq!(says("FGT023", &both("{name: a, port: 1}, {name: b, port: 2}")), None, "five");
    assert_eq!(says("FGT023", &both(named)), Some((Effect::Excludes, "6".into())));
}

#[test]
fn a_client_is_led_back_by_its_address_or_by_a_cookie() {
    let web = deployment("{containers: [{name: web, image: web}]}");
    let text = |service: &str, annotation: &str| {
        format!(
            "{web}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{{service}selector: {{app: web}}, ports: [{{port: 80}}]}}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, annotations: {{{annotation}}}}}\nspec: {{defaultBackend: {{service: {{name: web}}}}}}\n"
        )
    };
    let attributes = "alb.ingress.kubernetes.io/target-group-attributes";
    for (text, value) in [
        (text("sessionAffinity: ClientIP, ", ""), "ClientIP"),
        (text("", "nginx.ingress.kubernetes.io/affinity: cookie"), "a cookie"),
        (text("", &format!("{attributes}: 'stickiness.enabled=true,stickiness.type=lb_cookie'")), "a cookie"),
    ] {
        assert_eq!(says("LMB022", &text), Some((Effect::Excludes, value.into())), "{text}");
        assert_eq!(says("FGT028", &text), Some((Effect::Notes, value.into())), "{text}");
    }
    for text in [
        text("sessionAffinity: None, ", ""),
        text("", &format!("{attributes}: deregistration_delay.timeout_seconds=30")),
    ] {
        assert_eq!(says("LMB022", &text), None, "{text}");
    }
}

#[test]
fn a_load_balancer_of_a_service_and_a_route_keep_clients_as_an_ingress_does() {
    let web = deployment("{containers: [{name: web, image: web}]}");
    let service = |annotation: &str, type_: &str| {
        format!(
            "{web}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, annotations: {{{annotation}}}}}\nspec: {{type: {type_}, selector: {{app: web}}, ports: [{{port: 80}}]}}\n"
        )
    };
    let attributes =
        |are: &str| format!("service.beta.kubernetes.io/aws-load-balancer-target-group-attributes: '{are}'");
    let kept = attributes("deregistration_delay.timeout_seconds=30,stickiness.enabled=true");
    let route = |rules: &str| {
        let named = "---\napiVersion: gateway.networking.k8s.io/v1\nkind: HTTPRoute\nmetadata: {name: web}\n";
        format!("{}{named}spec: {{rules: [{rules}]}}\n", service("", "ClusterIP"))
    };
    let rule = |of: &str, name: &str| format!("{{{of}backendRefs: [{{name: {name}, port: 80}}]}}");
    let by_header = rule("sessionPersistence: {sessionName: id, type: Header}, ", "web");
    for (text, value) in [
        (service(&kept, "LoadBalancer"), "stickiness.enabled=true"),
        (route(&rule("sessionPersistence: {sessionName: id}, ", "web")), "Cookie"),
        (route(&format!("{}, {by_header}", rule("", "web"))), "Header"),
    ] {
        assert_eq!(says("LMB022", &text), Some((Effect::Excludes, value.into())), "{text}");
        assert_eq!(says("FGT028", &text), Some((Effect::Notes, value.into())), "{text}");
    }
    let others = rule("sessionPersistence: {sessionName: id}, ", "other");
    for text in [
        service(&kept, "ClusterIP"),
        service(&attributes("stickiness.enabled=false"), "LoadBalancer"),
        route(&rule("", "web")),
        route(&format!("{}, {others}", rule("", "web"))),
    ] {
        assert_eq!(says("LMB022", &text), None, "{text}");
    }
}

#[test]
fn storage_that_is_none_of_awss_stays_with_nodes() {
    let effects = |text: &str| {
        ["LMB013", "FGT008", "EKF004", "ECI004"].map(|code| says(code, text).map(|(effect, _)| effect))
    };
    let (excludes, notes) = (Some(Effect::Excludes), Some(Effect::Notes));
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {volumeName: data}\n\
                 ---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: data}\nspec: {VOLUME}\n";
    for (volume, on_instances) in [
        ("iscsi: {targetPortal: 10.0.0.4, iqn: a, lun: 0}", excludes),
        ("fc: {wwids: [a]}", excludes),
        ("portworxVolume: {volumeID: a}", excludes),
        ("flexVolume: {driver: a/b}", notes),
    ] {
        let expected = [excludes, excludes, excludes, on_instances];
        let pod = |of: &str| {
            deployment(&format!(
                "{{volumes: [{{name: data, {of}}}], containers: [{{name: web, image: web}}]}}"
            ))
        };
        assert_eq!(effects(&pod(volume)), expected, "{volume}");
        let claimed = pod("persistentVolumeClaim: {claimName: data}") + &claim.replace("VOLUME", volume);
        assert_eq!(effects(&claimed), expected, "{volume} behind a claim");
    }
}

#[test]
fn a_volume_that_no_node_of_aws_mounts_is_never_silent() {
    let pod = |volume: &str| {
        deployment(&format!(
            "{{volumes: [{{name: data, {volume}}}], containers: [{{name: web, image: web}}]}}"
        ))
    };
    let claim = "---\napiVersion: v1\nkind: PersistentVolumeClaim\nmetadata: {name: data}\nspec: {volumeName: data}\n\
                 ---\napiVersion: v1\nkind: PersistentVolume\nmetadata: {name: data}\nspec: {capacity: {storage: 1Gi}, VOLUME}\n";
    let kinds = [
        "azureDisk",
        "azureFile",
        "cephfs",
        "cinder",
        "flocker",
        "gcePersistentDisk",
        "glusterfs",
        "photonPersistentDisk",
        "quobyte",
        "rbd",
        "scaleIO",
        "storageos",
        "vsphereVolume",
    ];
    for kind in kinds {
        let volume = format!("{kind}: {{a: b}}");
        let claimed = pod("persistentVolumeClaim: {claimName: data}") + &claim.replace("VOLUME", &volume);
        for text in [pod(&volume), claimed] {
            assert_eq!(says("EKS021", &text), Some((Effect::NeedsAnswer, kind.into())), "{text}");
            assert_eq!(says("PRM001", &text), None, "{text}");
        }
    }
    let unheard_of = pod("memoryCloud: {size: 1}");
    assert_eq!(says("EKS021", &unheard_of), Some((Effect::NeedsAnswer, "memoryCloud".into())));
    let git = pod("gitRepo: {repository: 'https://example.org/a.git'}");
    assert_eq!(says("EKS021", &git), Some((Effect::Notes, "gitRepo".into())));
    assert_eq!(says("PRM001", &git), None);
    for known in [
        "emptyDir: {}",
        "configMap: {name: a}",
        "secret: {secretName: a}",
        "projected: {sources: []}",
        "rbd: null",
        "downwardAPI: {items: []}",
        "hostPath: {path: /a}",
        "nfs: {server: a, path: /b}",
        "image: {reference: a}",
    ] {
        assert_eq!(says("EKS021", &pod(known)), None, "{known}");
    }
}

#[test]
fn a_load_balancer_waits_a_minute() {
    let web = |port: &str, duration: &str| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, ports: [{{name: {port}, containerPort: 9000}}]}}]}}"
        ))
        .replace(
            "name: web}\nspec",
            &format!("name: web, annotations: {{berth.dev/unit-duration: {duration}}}}}\nspec"),
        )
    };
    assert_eq!(says("FGT029", &web("http", "60s")), None);
    assert_eq!(says("FGT029", &web("http", "61s")), Some((Effect::Notes, "61s".into())));
    let worker = web("http", "61s").replace("annotations: {", "annotations: {berth.dev/trigger: Queue, ");
    assert_eq!(says("FGT029", &worker), None, "its port is for its health");
    assert_eq!(says("FGT029", &web("tcp", "61s")), None, "nothing tells that a load balancer is between");
    assert_eq!(says("FGT029", &web("ws", "1s")), Some((Effect::Notes, "WebSocket".into())));
}

#[test]
fn what_else_of_kubernetes_it_uses_is_told_as_a_sentence() {
    let beside = |kind: &str, spec: &str| format!("---\n{kind}\nmetadata: {{name: web}}\nspec: {spec}\n");
    let scaled = deployment("{containers: [{name: web, image: web}]}")
        + &beside(
            "apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler",
            "{scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: web}, maxReplicas: 4}",
        );
    let guarded = scaled.clone()
        + &beside(
            "apiVersion: policy/v1\nkind: PodDisruptionBudget",
            "{selector: {matchLabels: {app: web}}}",
        );
    let kept = guarded.clone()
        + &beside(
            "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy",
            "{podSelector: {matchLabels: {app: web}}}",
        );
    let told = |manifests: &str| findings(rules::find("EKS002").unwrap(), manifests).pop().unwrap().message;
    for (manifests, rest) in [
        (scaled, ""),
        (guarded, ", and that of PodDisruptionBudget"),
        (kept, ", and those of PodDisruptionBudget and 1 more"),
    ] {
        let said = "HorizontalPodAutoscaler is web; elsewhere its counterpart has to be built";
        let told = told(&manifests);
        let one_of = rest.replace("PodDisruptionBudget", "NetworkPolicy");
        assert!(told == format!("{said}{rest}") || told == format!("{said}{one_of}"), "{told}");
    }
}

#[test]
fn a_queue_of_jobs_is_a_feature() {
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: r, labels: {kueue.x-k8s.io/queue-name: team-a}}\nspec: {template: {spec: {containers: [{name: r, image: r}]}}}\n";
    assert_eq!(says("EKS002", job), Some((Effect::Notes, "team-a".into())));
}

#[test]
fn a_large_image_takes_of_a_tasks_disk() {
    let pod = |image: &str, disk: &str| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, ports: [{{name: http, containerPort: 80}}], resources: {{requests: {{ephemeral-storage: {disk}}}}}}}]}}"
        ))
        .replace("name: web}", &format!("name: web, annotations: {{berth.dev/package-size: {image}}}}}"))
    };
    for (code, effect) in [("FGT027", Effect::Notes), ("EXP008", Effect::Excludes)] {
        assert_eq!(says(code, &pod("12Gi", "5Gi")), None, "{code}");
        assert_eq!(says(code, &pod("12Gi", "6Gi")), Some((effect, "12Gi".into())), "{code}");
        assert_eq!(says(code, &pod("17Gi", "0")), Some((effect, "17Gi".into())), "{code}");
    }
}

#[test]
fn all_of_fargate_has_a_quota() {
    let pod = |cpu: &str| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, resources: {{requests: {{cpu: {cpu}, memory: 1Gi}}}}}}]}}"
        ))
        .replace("spec: {template", "spec: {replicas: 12, template")
    };
    assert_eq!(says("FGT026", &pod("500m")), None);
    assert_eq!(says("FGT026", &pod("501m")).map(|(effect, _)| effect), Some(Effect::Notes));
    let job = "apiVersion: batch/v1\nkind: Job\nmetadata: {name: r}\nspec: {completions: 500, template: {spec: {containers: [{name: r, image: r, resources: {requests: {cpu: 4, memory: 8Gi}}}]}}}\n";
    assert_eq!(says("FGT026", job), None, "how many run at once is for the queue to say");
}

#[test]
fn jobs_of_batch_share_fargates_quota_but_for_those_that_take_instances() {
    let job = |spec: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: r}}\nspec: {{parallelism: 4, completions: 9, template: {{spec: {{{spec}containers: [{{name: r, image: r, resources: {{requests: {{cpu: 2, memory: 4Gi}}}}}}]}}}}}}\n"
        )
    };
    let rule = rules::find("FGT026").unwrap();
    assert!(rule.targets.contains(&Target::Batch));
    assert_eq!(says("FGT026", &job("")), Some((Effect::Notes, "4 of 2 vCPU".into())));
    assert_eq!(says("FGT026", &job("hostNetwork: true, ")), None, "on instances, wherever it is put");
}

#[test]
fn what_is_said_of_the_traffic_is_held_against_itself() {
    let web = |annotations: &str, most: u32| {
        format!(
            "{}---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {{name: web}}\nspec: {{scaleTargetRef: {{apiVersion: apps/v1, kind: Deployment, name: web}}, minReplicas: 2, maxReplicas: {most}}}\n",
            deployment("{containers: [{name: web, image: web}]}")
                .replace("name: web}", &format!("name: web, annotations: {{{annotations}}}}}"))
        )
    };
    let said = |mean: &str, peak: &str, shape: &str, takes: &str| {
        let all = [
            ("mean-requests-per-second", mean),
            ("peak-requests-per-second", peak),
            ("traffic-shape", shape),
            ("unit-duration", takes),
        ];
        let all = all.iter().filter(|(_, value)| !value.is_empty());
        all.map(|(name, value)| format!("berth.dev/{name}: '{value}'")).collect::<Vec<_>>().join(", ")
    };
    let value = |code: &str, text: &str| says(code, text).map(|(_, value)| value);
    for (mean, peak, shape, expected) in [
        ("50", "20", "", Some("50, peak-requests-per-second 20")),
        ("20", "20", "", None),
        ("10", "40", "Spiky", Some("Spiky, mean 10 and peak 40 requests a second")),
        ("10", "60", "Spiky", None),
        ("0.001", "20", "Spiky", None),
        ("10", "50", "Steady", Some("Steady, mean 10 and peak 50 requests a second")),
        ("10", "30", "Steady", None),
        ("10", "", "Idle", Some("Idle, mean-requests-per-second 10")),
        ("0.15", "", "Idle", None),
        ("", "40", "Spiky", None),
        // What can't be read is told as that, and concluded from no further.
        ("many", "20", "Spiky", None),
        ("50", "few", "", None),
    ] {
        let text = web(&said(mean, peak, shape, ""), 10);
        assert_eq!(value("WRK014", &text).as_deref(), expected, "{mean} {peak} {shape}");
    }
    for (mean, peak, shape, takes, expected) in [
        ("51", "", "", "200ms", Some("51 x unit-duration 200ms: 10 at once for 10 copies")),
        ("50", "", "", "200ms", None),
        ("20", "60", "", "200ms", Some("60 x unit-duration 200ms: 12 at once for 10 copies")),
        ("20", "", "Spiky", "200ms", Some("Spiky, mean 20 x unit-duration 200ms: 40 at peak for 10 copies")),
        ("20", "", "Bursty", "200ms", None),
        ("20", "45", "Spiky", "200ms", None),
        ("200", "", "", "soon", None),
        ("many", "", "Spiky", "20s", None),
    ] {
        let text = web(&said(mean, peak, shape, takes), 10);
        assert_eq!(value("WRK015", &text).as_deref(), expected, "{mean} {peak} {shape} {takes}");
    }
    let fixed = web(&said("200", "", "", "2s"), 10).replace("minReplicas: 2", "minReplicas: 10");
    assert_eq!(value("WRK015", &fixed), None, "nothing adds copies");
}

#[test]
fn a_disk_is_why_eks_on_fargate_is_out() {
    let ledger = "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: ledger}\nspec:\n  template: {spec: {containers: [{name: l, image: l}]}}\n  volumeClaimTemplates: [{metadata: {name: d}, spec: {storageClassName: c}}]\n---\napiVersion: storage.k8s.io/v1\nkind: StorageClass\nmetadata: {name: c}\nprovisioner: DRIVER\n";
    let of = |code: &str, driver: &str| says(code, &ledger.replace("DRIVER", driver));
    assert_eq!(of("EKF004", "ebs.csi.aws.com"), Some((Effect::Excludes, "a block volume".into())));
    assert_eq!(of("EKF004", "efs.csi.aws.com"), Some((Effect::Excludes, "c".into())));
    assert_eq!(of("ECI022", "ebs.csi.aws.com"), Some((Effect::Notes, "ebs.csi.aws.com".into())));
    assert_eq!(of("ECI022", "efs.csi.aws.com"), None);
    let unseen = ledger.replace("storageClassName: c", "storageClassName: gp3");
    assert_eq!(says("ECI022", &unseen), Some((Effect::Notes, "gp3".into())));
    let there =
        unseen.replace("{spec: {cont", "{spec: {nodeSelector: {eks.amazonaws.com/compute-type: auto}, cont");
    assert_eq!(says("ECI022", &there), None, "what runs on Auto Mode has its driver");
}

#[test]
fn a_load_balancer_leads_to_pods_or_to_nodes() {
    let web = deployment("{containers: [{name: web, image: web}]}");
    let service = |annotation: &str| {
        format!(
            "{web}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, annotations: {{{annotation}}}}}\nspec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: 443}}]}}\n"
        )
    };
    let nlb = "service.beta.kubernetes.io/aws-load-balancer-";
    let effect = |text: &str| says("EKF011", text).map(|(effect, _)| effect);
    assert_eq!(effect(&service("")), Some(Effect::Notes));
    assert_eq!(effect(&service(&format!("{nlb}type: external"))), Some(Effect::Notes));
    assert_eq!(effect(&service(&format!("{nlb}nlb-target-type: ip"))), None);
    assert_eq!(effect(&service(&format!("{nlb}type: nlb-ip"))), None);
    assert_eq!(effect(&service(&format!("{nlb}nlb-target-type: instance"))), Some(Effect::Excludes));
    let ingress = |annotation: &str| {
        format!(
            "{web}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{selector: {{app: web}}, ports: [{{port: 80}}]}}\n---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, annotations: {{{annotation}}}}}\nspec: {{defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}}}\n"
        )
    };
    let alb = "alb.ingress.kubernetes.io/";
    assert_eq!(effect(&ingress("")), None, "nothing says that it's a load balancer of AWS");
    assert_eq!(effect(&ingress(&format!("{alb}scheme: internal"))), Some(Effect::Notes));
    assert_eq!(effect(&ingress(&format!("{alb}target-type: ip"))), None);
    assert_eq!(effect(&ingress(&format!("{alb}target-type: instance"))), Some(Effect::Excludes));
    // The Service's own word on it goes before the Ingress's.
    let said = ingress("alb.ingress.kubernetes.io/target-type: instance");
    let overruled = said.replacen(
        "kind: Service\nmetadata: {name: web}",
        "kind: Service\nmetadata: {name: web, annotations: {alb.ingress.kubernetes.io/target-type: ip}}",
        1,
    );
    assert_eq!(effect(&said), Some(Effect::Excludes));
    assert_ne!(said, overruled);
    assert_eq!(effect(&overruled), None);
}

#[test]
fn how_often_a_job_runs_is_asked_and_can_be_said() {
    let job = |kind: &str, annotations: &str| {
        let api = if kind == "Job" { "batch/v1" } else { "apps/v1" };
        format!(
            "apiVersion: {api}\nkind: {kind}\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
        )
    };
    assert_eq!(says("WRK013", &job("Job", "")), Some((Effect::Notes, "unknown".into())));
    let said = "berth.dev/runs-per-month: '30'";
    assert_eq!(says("WRK013", &job("Job", said)), None);
    assert_eq!(says("WRK009", &job("Job", said)), None);
    assert!(says("WRK009", &job("Deployment", said)).is_some(), "what never ends has no runs");
    let evidence = evidences("job", &job("Job", said));
    assert_eq!(evidence[0].runs.value(), Some(&30.0));
    assert!(says("WRK002", &job("Job", "berth.dev/runs-per-month: often")).is_some());
}

#[test]
fn what_a_pod_says_of_names_profiles_and_hooks_is_told_where_it_matters() {
    let pod = |spec: &str| deployment(&format!("{{{spec}, containers: [{{name: web, image: web}}]}}"));
    let seccomp = pod("securityContext: {seccompProfile: {type: Localhost, localhostProfile: fine.json}}");
    for (code, effect) in [
        ("FGT002", Effect::Excludes),
        ("EKS006", Effect::Excludes),
        ("EKF002", Effect::Excludes),
        ("ECI010", Effect::NeedsAnswer),
    ] {
        assert_eq!(says(code, &seccomp), Some((effect, "fine.json".into())), "{code}");
    }
    let default = pod("securityContext: {seccompProfile: {type: RuntimeDefault}}");
    assert_eq!(says("FGT002", &default), None);
    let app_armor = pod("securityContext: {appArmorProfile: {type: Localhost, localhostProfile: web}}");
    assert_eq!(says("ECI019", &app_armor), Some((Effect::Excludes, "web".into())));
    assert_eq!(says("ECI020", &app_armor), Some((Effect::Notes, "web".into())));
    assert_eq!(says("EKS006", &app_armor), None, "ECS on EC2 has a field for it");
    let safe = pod("securityContext: {sysctls: [{name: net.ipv4.tcp_syncookies}]}");
    assert_eq!(says("EKS009", &safe), None);
    assert_eq!(says("EXP007", &safe).map(|(effect, _)| effect), Some(Effect::Notes));
    assert_eq!(says("LMB019", &safe).map(|(effect, _)| effect), Some(Effect::Excludes));
    assert_eq!(says("FGT017", &safe).map(|(effect, _)| effect), Some(Effect::Notes));
    let named = |service: &str| {
        says(
            "EKS008",
            &format!(
                "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {{name: peers}}\nspec: {{serviceName: peers, replicas: 3, template: {{metadata: {{labels: {{app: peers}}}}, spec: {{containers: [{{name: p, image: p}}]}}}}}}\n---\napiVersion: v1\nkind: Service\nmetadata: {{name: peers}}\nspec: {{clusterIP: None, {service}selector: {{app: peers}}, ports: [{{port: 7000}}]}}\n"
            ),
        )
    };
    assert_eq!(named(""), Some((Effect::NeedsAnswer, "peers".into())));
    assert_eq!(named("publishNotReadyAddresses: true, "), Some((Effect::Excludes, "true".into())));
    let servers = pod("dnsConfig: {nameservers: [10.0.0.2]}");
    assert_eq!(says("EKS007", &servers), Some((Effect::Notes, "10.0.0.2".into())));
}

#[test]
fn what_only_a_pod_can_say_is_told_and_is_more_than_a_deployment() {
    let pod = |spec: &str| deployment(&format!("{{{spec}, containers: [{{name: web, image: web}}]}}"));
    let container =
        |field: &str| deployment(&format!("{{containers: [{{name: web, image: web, {field}}}]}}"));
    let token = |audience: &str| {
        pod(&format!(
            "volumes: [{{name: t, projected: {{sources: [{{serviceAccountToken: {{path: t, audience: {audience}}}}}]}}}}]"
        ))
    };
    let selinux = "securityContext: {seLinuxOptions: {level: 's0:c1,c2'}}";
    let noted = [
        ("EKS011", pod(selinux), "s0:c1,c2"),
        ("EKS011", container(selinux), "s0:c1,c2"),
        ("EKS011", pod("hostUsers: false"), "false"),
        ("EKS012", pod("volumes: [{name: m, image: {reference: 'models:3'}}]"), "models:3"),
        ("EKS013", pod("readinessGates: [{conditionType: warm}]"), "warm"),
        ("EKS013", pod("schedulingGates: [{name: quota}]"), "quota"),
        ("EKS014", token("vault"), "vault"),
        ("EKS007", pod("hostname: a, subdomain: peers"), "peers"),
        ("FGT024", pod("nodeSelector: {disktype: ssd}"), "ssd"),
        ("FGT024", pod("nodeName: ip-10-0-0-1.ec2.internal"), "ip-10-0-0-1.ec2.internal"),
        (
            "FGT025",
            container("env: [{name: DD_AGENT_HOST, valueFrom: {fieldRef: {fieldPath: status.hostIP}}}]"),
            "status.hostIP",
        ),
    ];
    for (code, text, value) in &noted {
        assert_eq!(says(code, text), Some((Effect::Notes, (*value).into())), "{text}");
        assert_eq!(says("PRM001", text), None, "{text}");
    }
    let unmasked = container("securityContext: {procMount: Unmasked}");
    for code in ["FGT002", "EKF002", "EKS006", "SGM003", "LMB007"] {
        assert_eq!(says(code, &unmasked), Some((Effect::Excludes, "Unmasked".into())), "{code}");
    }
    assert_eq!(says("EKF005", &noted[9].1).map(|(effect, _)| effect), Some(Effect::Excludes));
    assert_eq!(says("PRM001", &pod("tolerations: [{key: dedicated, operator: Exists}]")), None);
    // What AWS has elsewhere too, what a scheduler wrote, and what says nothing of a node.
    for text in [
        token("sts.amazonaws.com"),
        token("pods.eks.amazonaws.com"),
        pod("securityContext: {seLinuxOptions: {}}"),
        // As charts leave a value out.
        pod("securityContext: {seLinuxOptions: {level: ''}}"),
        pod("nodeName: ''"),
        pod("nodeSelector: {kubernetes.io/arch: arm64}"),
        pod("hostUsers: true"),
        pod("readinessGates: [{conditionType: target-health.elbv2.k8s.aws/web}]"),
        pod("tolerations: [{key: node.kubernetes.io/not-ready, operator: Exists}, {operator: Exists}]"),
        container("securityContext: {procMount: Default}"),
        container("env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]"),
    ] {
        assert!(says("PRM001", &text).is_some(), "{text}");
        for code in ["EKS007", "EKS011", "EKS012", "EKS013", "EKS014", "FGT024", "FGT025", "FGT002"] {
            assert_eq!(says(code, &text), None, "{code}: {text}");
        }
    }
    assert_eq!(says("EKF005", &pod("nodeName: ''")), None);
    assert_eq!(
        says("FGT024", &pod("nodeSelector: {kubernetes.io/os: windows}")),
        None,
        "a task has a system"
    );
    let bare = "apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {nodeName: a, containers: [{name: web, image: web}]}\n";
    assert_eq!(says("FGT024", bare), None, "the scheduler names it");
}

#[test]
fn a_core_of_neuron_that_makes_no_device_is_asked_about() {
    let cores = |name: &str, count: u8| {
        let text = deployment(&format!(
            "{{containers: [{{name: web, image: web, resources: {{limits: {{aws.amazon.com/{name}: {count}}}}}}}]}}"
        ));
        says("EKS004", &text).map(|(effect, _)| effect)
    };
    assert_eq!(cores("neuroncore", 1), Some(Effect::NeedsAnswer));
    assert_eq!(cores("neuroncore", 2), None);
    assert_eq!(cores("neuron", 1), None);
}

#[test]
fn app_runner_ends_what_takes_longer_than_it_waits() {
    let text = |duration: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, annotations: {{berth.dev/unit-duration: {duration}}}}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: web}}]}}}}}}\n"
        )
    };
    assert_eq!(says("ARN006", &text("120s")), None);
    assert_eq!(says("ARN006", &text("180s")), Some((Effect::Excludes, "3m".into())));
    // 21 days are what a node of Auto Mode lives, 14 what a managed instance does.
    assert_eq!(says("ECI013", &text("504h")), None);
    assert!(says("ECI013", &text("505h")).is_some());
    assert_eq!(says("ECI012", &text("336h")), None);
    assert!(says("ECI012", &text("337h")).is_some());
}

#[test]
fn nobody_waits_for_a_model_behind_a_queue() {
    let text = |annotations: &str| {
        format!(
            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec: {{template: {{spec: {{containers: [{{name: web, image: web, env: [{{name: ANTHROPIC_API_KEY}}]}}]}}}}}}\n"
        )
    };
    assert_eq!(says("LMB016", &text("")), Some((Effect::Excludes, "set".into())));
    assert_eq!(says("LMB016", &text("berth.dev/trigger: ObjectEvent")), None);
    assert_eq!(says("LMB016", &text("berth.dev/cold-start-tolerance: Tolerant")), None);
    let declared = text("berth.dev/trigger: Queue, berth.dev/cold-start-tolerance: Sensitive");
    assert_eq!(says("LMB016", &declared), Some((Effect::Excludes, "Sensitive".into())));
}

fn effect(code: &str, text: &str) -> Option<Effect> {
    says(code, text).map(|(effect, _)| effect)
}

#[test]
fn a_port_of_the_node_keeps_nobody_off_a_task_with_an_address_of_its_own() {
    let pod = |host: u16| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, ports: [{{containerPort: 7777, hostPort: {host}, protocol: UDP}}]}}]}}"
        ))
    };
    let effects =
        |host| ["FGT002", "FGT033", "ECI009", "EKF002", "ARN007"].map(|code| effect(code, &pod(host)));
    let (excludes, asks) = (Some(Effect::Excludes), Some(Effect::NeedsAnswer));
    assert_eq!(effects(7777), [None, Some(Effect::Notes), None, excludes, excludes]);
    assert_eq!(effects(80), [None, asks, asks, excludes, excludes]);
    assert_eq!(says("FGT033", &pod(80)), Some((Effect::NeedsAnswer, "80, not 7777".into())));
}

#[test]
fn a_load_balancer_drains_what_it_leads_to_before_it_is_stopped() {
    let pod = |seconds: u32, port: &str| {
        deployment(&format!(
            "{{terminationGracePeriodSeconds: {seconds}, containers: [{{name: web, image: web, ports: [{port}]}}]}}"
        ))
    };
    let service = |kind: &str| {
        format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web}}\nspec: {{type: {kind}, selector: {{app: web}}, ports: [{{port: 80}}]}}\n"
        )
    };
    let (http, tcp) = ("{name: http, containerPort: 80}", "{name: tcp, containerPort: 80}");
    let worker =
        pod(121, http).replace("{name: web}\n", "{name: web, annotations: {berth.dev/trigger: Queue}}\n");
    let (excludes, notes) = (Some(Effect::Excludes), Some(Effect::Notes));
    for (text, expected) in [
        (pod(120, http), None),
        // Without a Service its port is there for probes.
        (pod(121, http), excludes),
        (pod(121, http) + &service("ClusterIP"), notes),
        (pod(121, tcp) + &service("ClusterIP"), excludes),
        (pod(121, tcp) + &service("LoadBalancer"), notes),
        (pod(3720, http) + &service("ClusterIP"), notes),
        (pod(3721, http) + &service("ClusterIP"), excludes),
        // A name for each Pod, and work that a queue brings: no load balancer drains either.
        (pod(121, http) + &service("ClusterIP, clusterIP: None"), excludes),
        (worker + &service("ClusterIP"), excludes),
    ] {
        assert_eq!(effect("FGT007", &text), expected, "{text}");
    }
}

#[test]
fn copies_of_a_run_have_names_with_numbers_a_domain_and_company() {
    let job = |mode: &str, copies: u8, domain: &str| {
        format!(
            "apiVersion: batch/v1\nkind: Job\nmetadata: {{name: train}}\nspec: {{completions: {copies}, parallelism: {copies}, completionMode: {mode}, template: {{spec: {{{domain} containers: [{{name: train, image: train}}]}}}}}}\n"
        )
    };
    let effects = |text: &str| ["EKS018", "BAT009", "EKS007"].map(|code| effect(code, text));
    let (excludes, notes) = (Some(Effect::Excludes), Some(Effect::Notes));
    assert_eq!(effects(&job("Indexed", 4, "subdomain: train,")), [excludes, notes, None]);
    assert_eq!(effects(&job("Indexed", 1, "subdomain: train,")), [None, None, notes]);
    assert_eq!(effects(&job("NonIndexed", 4, "subdomain: train,")), [None, None, notes]);
    assert_eq!(effects(&job("Indexed", 4, "")), [None; 3]);
}

#[test]
fn pages_beside_efa_are_those_that_its_nodes_set_aside() {
    let pod = |limits: &str| {
        deployment(&format!(
            "{{containers: [{{name: web, image: web, resources: {{limits: {{{limits}}}}}}}]}}"
        ))
    };
    let efa = "vpc.amazonaws.com/efa: 1";
    let (excludes, notes) = (Some(Effect::Excludes), Some(Effect::Notes));
    assert_eq!(effect("EKS006", &pod(&format!("hugepages-2Mi: 5120Mi, {efa}"))), notes);
    assert_eq!(effect("EKS006", &pod("hugepages-2Mi: 5120Mi")), excludes);
    assert_eq!(effect("EKS006", &pod(&format!("hugepages-2Mi: 10256Mi, {efa}"))), notes);
    assert_eq!(effect("EKS006", &pod(&format!("hugepages-2Mi: 11Gi, {efa}"))), excludes);
    let each = format!("{{name: web, image: web, resources: {{limits: {{hugepages-2Mi: 8Gi, {efa}}}}}}}");
    assert_eq!(
        says("EKS006", &deployment(&format!("{{containers: [{each}, {each}]}}"))),
        Some((Effect::Excludes, "16384Mi".to_owned()))
    );
    let before = format!("{{initContainers: [{each}], containers: [{each}]}}");
    assert_eq!(effect("EKS006", &deployment(&before)), notes, "one after the other");
    assert_eq!(effect("EKS006", &pod(&format!("hugepages-1Gi: 2Gi, {efa}"))), excludes);
    assert_eq!(effect("ECI010", &pod(&format!("hugepages-2Mi: 5120Mi, {efa}"))), Some(Effect::NeedsAnswer));
}

#[test]
fn the_host_of_windows_stays_with_nodes() {
    let pod = |rest: &str| deployment(&format!("{{{rest} containers: [{{name: web, image: web}}]}}"));
    let windows = "nodeSelector: {kubernetes.io/os: windows},";
    assert_eq!(effect("ECI027", &pod(&format!("{windows} hostNetwork: true,"))), Some(Effect::Excludes));
    assert_eq!(effect("ECI027", &pod("hostNetwork: true,")), None);
    let process = "securityContext: {windowsOptions: {hostProcess: true}},";
    assert_eq!(effect("ECI027", &pod(process)), Some(Effect::Excludes));
}

#[test]
fn files_of_configuration_are_told_however_they_are_mounted() {
    let pod = |volume: &str| {
        deployment(&format!("{{volumes: [{{name: a, {volume}}}], containers: [{{name: web, image: web}}]}}"))
    };
    for (volume, expected) in [
        ("configMap: {name: conf}", Some("conf")),
        ("secret: {secretName: keys}", Some("keys")),
        ("secret: {name: other, secretName: keys}", Some("keys")),
        ("projected: {sources: [{serviceAccountToken: {path: t}}, {secret: {name: keys}}]}", Some("keys")),
        // Kubernetes puts it into each Pod itself.
        ("projected: {sources: [{configMap: {name: kube-root-ca.crt}}]}", None),
        ("configMap: {name: kube-root-ca.crt}", None),
        ("configMap: {name: istio-ca-root-cert}", None),
        // The API server takes only one of them, and whoever writes both is told the first.
        ("configMap: {name: conf}, secret: {secretName: keys}", Some("conf")),
        ("projected: {sources: [{configMap: {name: conf}, secret: {name: keys}}]}", Some("conf")),
        ("emptyDir: {}", None),
    ] {
        let found = says("FGT034", &pod(volume));
        assert_eq!(found, expected.map(|value| (Effect::Notes, value.to_owned())), "{volume}");
    }
    let secret = pod("secret: {secretName: keys}");
    let found = findings(rules::find("FGT034").unwrap(), &secret);
    assert_eq!(found[0].field, "spec.template.spec.volumes[0].secret.secretName");
}

#[test]
fn a_load_balancer_waits_as_long_as_its_kind_or_its_annotations_say() {
    let pod = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {template: {metadata: {labels: {app: web}}, spec: {containers: [{name: web, image: web, ports: [{name: ws, containerPort: 80}]}]}}}\n";
    let service = |annotations: &str| {
        format!(
            "{pod}---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, annotations: {{{annotations}}}}}\nspec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{name: ws, port: 80}}]}}\n"
        )
    };
    let ingress = |attributes: &str| {
        format!(
            "{}---\napiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {{name: web, annotations: {{alb.ingress.kubernetes.io/load-balancer-attributes: '{attributes}'}}}}\nspec: {{defaultBackend: {{service: {{name: web, port: {{number: 80}}}}}}}}\n",
            service("")
        )
    };
    let idle = |text: &str| {
        let found = findings(rules::find("FGT029").unwrap(), text).pop()?;
        found.message.rsplit_once(" for ").map(|(_, seconds)| seconds.to_owned())
    };
    let nlb = "service.beta.kubernetes.io/aws-load-balancer-type: external";
    let listener = "service.beta.kubernetes.io/aws-load-balancer-listener-attributes.TCP-80";
    assert_eq!(idle(&service("")).as_deref(), Some("60s"));
    assert_eq!(idle(&service(nlb)).as_deref(), Some("350 s"));
    assert_eq!(idle(&service(&format!("{nlb}, {listener}: tcp.idle_timeout.seconds=3600"))), None);
    assert_eq!(idle(&ingress("routing.http2.enabled=true,idle_timeout.timeout_seconds=3600")), None);
    assert_eq!(idle(&ingress("idle_timeout.timeout_seconds=30")).as_deref(), Some("30 s"));
    for no_time in ["-5", "0", "inf", "NaN", "6001", ""] {
        let said = format!("{nlb}, {listener}: tcp.idle_timeout.seconds={no_time}");
        assert_eq!(idle(&service(&said)).as_deref(), Some("350 s"), "{no_time}");
    }
    assert_eq!(idle(&ingress("routing.http2.enabled=true")).as_deref(), Some("60s"));
    // Fixed addresses and PROXY protocol are a Network Load Balancer's.
    let prefix = "service.beta.kubernetes.io/aws-load-balancer";
    assert_eq!(effect("EXP010", &service(nlb)), None);
    for said in [
        "eip-allocations: eipalloc-1",
        "proxy-protocol: '*'",
        "target-group-attributes: proxy_protocol_v2.enabled=true",
    ] {
        assert_eq!(
            effect("EXP010", &service(&format!("{nlb}, {prefix}-{said}"))),
            Some(Effect::Excludes),
            "{said}"
        );
    }
}

#[test]
fn an_annotation_without_a_value_asks_for_nothing() {
    let prefix = "service.beta.kubernetes.io/aws-load-balancer";
    for said in [
        "eip-allocations: ''",
        "private-ipv4-addresses: ' '",
        "proxy-protocol: ''",
        "proxy-protocol: 'false'",
    ] {
        let service = format!(
            "---\napiVersion: v1\nkind: Service\nmetadata: {{name: web, annotations: {{{prefix}-type: external, {prefix}-{said}}}}}\nspec: {{type: LoadBalancer, selector: {{app: web}}, ports: [{{port: 80}}]}}\n"
        );
        let pod = deployment("{containers: [{name: web, image: web, ports: [{containerPort: 80}]}]}");
        assert_eq!(effect("EXP010", &(pod + &service)), None, "{said}");
    }
}

#[test]
fn what_runs_on_fargate_is_told_what_it_does_without() {
    let pod = |rest: &str| {
        let token = "{serviceAccountToken: {audience: pods.eks.amazonaws.com, path: token}}";
        deployment(&format!(
            "{{{rest} volumes: [{{name: aws, projected: {{sources: [{token}]}}}}], containers: [{{name: web, image: web}}]}}"
        )) + "---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: web}\nspec: {podSelector: {}}\n"
    };
    let there = pod("nodeSelector: {eks.amazonaws.com/compute-type: fargate},");
    for code in ["EKF012", "EKF013"] {
        assert_eq!(effect(code, &pod("")), Some(Effect::Excludes), "{code}");
        assert_eq!(effect(code, &there), Some(Effect::Notes), "{code}");
    }
}

#[test]
fn another_protocol_beside_http_is_asked_about_on_sagemaker() {
    let pod = |ports: &str| {
        deployment(&format!("{{containers: [{{name: web, image: tensorflow/serving, ports: [{ports}]}}]}}"))
    };
    let grpc = "{name: grpc, containerPort: 8500}";
    assert_eq!(effect("SGM004", &pod(grpc)), Some(Effect::Excludes));
    let both = pod(&format!("{grpc}, {{name: http, containerPort: 8501}}"));
    assert_eq!(effect("SGM004", &both), Some(Effect::NeedsAnswer));
}

#[test]
fn nodes_that_aws_does_not_have_are_not_priced_as_if_it_had() {
    let pod = |selector: &str| {
        deployment(&format!("{{nodeSelector: {{{selector}}}, containers: [{{name: web, image: web}}]}}"))
    };
    let fitting = |text: &str| {
        let evidence = evidences("nodes.yaml", text).remove(0);
        let decision = decide(&evidence, Catalog::embedded(), &Policy::default());
        let fits = decision.candidates.into_iter().filter(|candidate| candidate.fit != Fit::Excluded);
        fits.map(|candidate| (candidate.target, candidate.cost_unconfirmed)).collect::<Vec<_>>()
    };
    assert_eq!(fitting(&pod("eks.amazonaws.com/compute-type: hybrid")), [(Target::EKSNodes, true)]);
    for arch in ["ppc64le", "s390x", "riscv64", "arm"] {
        assert_eq!(fitting(&pod(&format!("kubernetes.io/arch: {arch}"))), [], "{arch}");
    }
    let required = "{affinity: {nodeAffinity: {requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: \
                    [{matchExpressions: [{key: kubernetes.io/arch, operator: In, values: [s390x]}]}]}}}, containers: [{name: web, image: web}]}";
    assert_eq!(fitting(&deployment(required)), []);
    assert_eq!(fitting(&pod("cloud.google.com/gke-tpu-accelerator: tpu-v6e-slice")), []);
    let tpu = deployment(
        "{containers: [{name: web, image: web, resources: {requests: {google.com/tpu: 8}, limits: {google.com/tpu: 8}}}]}",
    );
    assert_eq!(fitting(&tpu), []);
    let preferred = required.replace(
        "requiredDuringSchedulingIgnoredDuringExecution: {nodeSelectorTerms: [{",
        "preferredDuringSchedulingIgnoredDuringExecution: [{weight: 1, preference: {",
    );
    let preferred = preferred.replace("}]}}}, containers", "}}]}}, containers");
    assert_eq!(says("EKS022", &deployment(&preferred)), None, "it does without");
}

/// What AWS doesn't have at all.
const NOWHERE: &[Trait] = &[Trait::OtherProcessor, Trait::Tpu];

const TRAITS: &[Trait] = &[
    Trait::MovedPort,
    Trait::EndedMesh,
    Trait::EfaPages,
    Trait::HostProcess,
    Trait::NamedRuns,
    Trait::ConfigFiles,
    Trait::NetworkBalancer,
    Trait::FixedAddress,
    Trait::ProxyProtocol,
    Trait::IdleTimeout,
    Trait::OwnTls,
    Trait::Privileged,
    Trait::Capability,
    Trait::Device,
    Trait::HugePages,
    Trait::HostPath,
    Trait::HostNetwork,
    Trait::HostPort,
    Trait::HostPid,
    Trait::HostIpc,
    Trait::SharedMemory,
    Trait::MemoryVolume,
    Trait::Gpu,
    Trait::SharedGpu,
    Trait::Neuron,
    Trait::Efa,
    Trait::PluginResource,
    Trait::Tpu,
    Trait::PodSecurityGroup,
    Trait::PodIdentity,
    Trait::NetworkPolicy,
    Trait::PortOfTwoProtocols,
    Trait::Unconfined,
    Trait::RootlessContainers,
    Trait::Windows,
    Trait::Arm64,
    Trait::OtherProcessor,
    Trait::HybridNode,
    Trait::Spot,
    Trait::GpuProduct,
    Trait::GpuMemory,
    Trait::LocalDisk,
    Trait::OwnImage,
    Trait::OwnNodeClass,
    Trait::HostAlias,
    Trait::SelinuxLabel,
    Trait::UserNamespace,
    Trait::ProcMount,
    Trait::NodeName,
    Trait::Toleration,
    Trait::NodeAddress,
    Trait::ImageVolume,
    Trait::Gate,
    Trait::IssuedToken,
    Trait::Subdomain,
    Trait::NodeTargets,
    Trait::BalancedPorts,
    Trait::Sticky,
    Trait::Retries,
    Trait::OneAtATime,
    Trait::DiskDriver,
    Trait::Environment,
    Trait::NameServer,
    Trait::SeccompProfile,
    Trait::AppArmorProfile,
    Trait::Sysctl,
    Trait::UnsafeSysctl,
    Trait::SharedPids,
    Trait::Hook,
    Trait::NamedCopies,
    Trait::CalledByName,
    Trait::LoadBalancer,
    Trait::Served,
    Trait::FrontDoor,
    Trait::DirectoryAccount,
    Trait::NodeLabel,
    Trait::Containers,
    Trait::LongGrace,
    Trait::InitContainer,
    Trait::NativeSidecar,
    Trait::Sidecar,
    Trait::Mesh,
    Trait::RuntimeClass,
    Trait::ResourceClaim,
    Trait::TopologySpread,
    Trait::Affinity,
    Trait::ClaimPerCopy,
    Trait::DynamicClaim,
    Trait::ScratchVolume,
    Trait::CsiVolume,
    Trait::ForeignVolume,
    Trait::NodePort,
    Trait::ManyPorts,
    Trait::KubernetesApi,
    Trait::MayCallKubernetes,
    Trait::CalledByKubernetes,
    Trait::Datastore,
    Trait::ModelProvider,
    Trait::Unsized,
    Trait::Unreadable,
    Trait::Contradiction,
    Trait::Overlap,
    Trait::Feature,
];

/// A value as something would have it: a capability's name, a number of seconds, a count.
fn signal(what: Trait) -> Signal {
    let value = match what {
        Trait::Capability => "NET_ADMIN",
        Trait::LongGrace => "600",
        Trait::Datastore => "Redis",
        _ => "1",
    };
    Signal { what, field: format!("spec.template.spec.{what:?}"), value: value.to_owned() }
}

fn fact<T: Clone + std::fmt::Debug + 'static>(values: Vec<T>) -> impl Strategy<Value = Fact<T>> {
    option::of(select(values))
        .prop_map(|value| value.map_or(Fact::Unknown, |value| Fact::declared(value, "spec.here")))
}

prop_compose! {
    fn workload()(
        (lifetime, kind) in select(vec![
            (Lifetime::Service, "Deployment"),
            (Lifetime::Run, "Job"),
            (Lifetime::Scheduled, "CronJob"),
            (Lifetime::PerNode, "DaemonSet"),
        ]),
        trigger in fact(Trigger::ALL.to_vec()),
        unit_duration in fact(vec![0.2, 900.0, 901.0, 7200.0, 2_000_000.0]),
        connections in fact(vec![Connections::Stateless, Connections::LongLived]),
        cold_start in fact(vec![ColdStart::Tolerant, ColdStart::Sensitive]),
        cpu in fact(vec![0.5, 6.0, 20.0, 64.0]),
        memory in fact(vec![0.5, 11.0, 130.0, 500.0]),
        disk in fact(vec![1.0, 50.0, 180.0, 500.0]),
        package_size in fact(vec![0.1, 2.0, 12.0]),
        model_size in fact(vec![2.0]),
        protocols in vec(
            fact(vec![Protocol::Http, Protocol::Grpc, Protocol::WebSocket, Protocol::Other]),
            0..3,
        ),
        storage in vec(fact(vec![Storage::Block, Storage::Shared, Storage::Bucket, Storage::NodeDriver]), 0..2),
        traits in vec(select(TRAITS), 0..4),
        has_model in any::<bool>(),
        in_use in any::<bool>(),
    ) -> Evidence {
        let mut signals: Vec<Signal> = traits.into_iter().map(signal).collect();
        signals.extend(has_model.then(|| signal(Trait::Model)));
        Evidence {
            subject: Subject { kind: kind.into(), namespace: "shop".into(), name: "web".into() },
            lifetime, trigger, unit_duration, connections, cold_start, cpu, memory, disk,
            package_size, model_size, protocols, storage, signals: signals.into(),
            mean_rps: Fact::Unknown,
            run_limit: Fact::Unknown,
        usual_duration: Fact::Unknown,
            peak_rps: Fact::Unknown,
            traffic_shape: Fact::Unknown,
            gpus: 0.0,
            copies: Fact::Unknown,
            runs: Fact::Unknown,
            image: Fact::declared("web".into(), "spec.template.spec.containers[0].image"),
            place: Fact::inferred(Target::EKSNodes, "kind"),
            used_cpu: Fact::Unknown,
            used_memory: Fact::Unknown,
            in_use: if in_use { vec![Target::AppRunner] } else { Vec::new() },
            shares_platform: true,
            services: Fact::observed(1.0, "counted"),
            platform_team: Fact::Unknown,
            team: Fact::Unknown,
            exemption: None,
        }
    }
}

/// What the rules alone say of a target.
fn fit(target: Target, evidence: &Evidence) -> Fit {
    let effects = RULES
        .iter()
        .filter(|rule| rule.targets.contains(&target))
        .flat_map(|rule| rule.apply(evidence, Catalog::embedded()))
        .map(|finding| finding.effect);
    match effects.min() {
        Some(Effect::Excludes) => Fit::Excluded,
        Some(Effect::NeedsAnswer) => Fit::Unknown,
        _ => Fit::Fits,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    /// A model is what SageMaker asks for; everything else can only take targets away.
    #[test]
    fn what_a_workload_has_more_never_makes_a_target_fit(evidence in workload(), what in select(TRAITS)) {
        let mut more = evidence.clone();
        more.signals.push(signal(what));
        for target in Target::ALL {
            let (before, after) = (fit(target, &evidence), fit(target, &more));
            // A Service that leads clients to it is what Express Mode asks for; and instances with accelerators are
            // listed with what no plain one has, such as several adapters.
            let is_reached = what == Trait::Served && target == Target::ECSExpress;
            let has_a_price = what == Trait::Neuron && before == Fit::Unknown;
            let opens = is_reached || has_a_price;
            prop_assert!(before == Fit::Fits || after != Fit::Fits || opens, "{target}: {what:?} made it fit");
        }
    }

    /// No platform outside of Kubernetes ties a disk, or files under a copy's name, to the copy that comes next.
    #[test]
    fn what_waits_for_its_copy_stays_on_kubernetes(evidence in workload(), is_disk in any::<bool>()) {
        let mut kept = evidence;
        if is_disk {
            kept.storage.push(Fact::declared(Storage::Block, "spec.template.spec.volumes[0]"));
        } else {
            kept.signals.push(signal(Trait::ClaimPerCopy));
        }
        for target in Target::ALL.into_iter().filter(|target| !target.is_kubernetes()) {
            prop_assert_eq!(fit(target, &kept), Fit::Excluded, "{}", target);
        }
    }

    #[test]
    fn any_message_is_short_and_ends_with_its_reason(evidence in workload()) {
        for finding in RULES.iter().flat_map(|rule| rule.apply(&evidence, Catalog::embedded())) {
            prop_assert!(finding.message.chars().count() <= MESSAGE_MAX);
            prop_assert!(!finding.message.ends_with('…'), "{}", finding.message);
        }
    }

    /// Whatever else it is, a workload in Kubernetes can stay where it is: as far as an instance is known that holds it, and its volumes.
    #[test]
    fn nodes_hold_everything(evidence in workload()) {
        let is_listed = targets::instances::is_listed(&evidence, Catalog::embedded());
        let is_asked = !is_listed || evidence.signals.has(Trait::ForeignVolume);
        let expected = if NOWHERE.iter().any(|what| evidence.signals.has(*what)) {
            Fit::Excluded
        } else if is_asked {
            Fit::Unknown
        } else {
            Fit::Fits
        };
        prop_assert_eq!(fit(Target::EKSNodes, &evidence), expected);
    }
}
