//! What `berth scan` reads: files, lists, standard input; and bad input, each named with file, line and reason while the
//! rest is scanned.

#[path = "common/command.rs"]
mod command;

use std::fs;

use command::{berth, berth_reading, deployment, names, scan, scan_as_json, text, workload};

// Where manifests come from

#[test]
fn standard_input_is_read() {
    berth_reading(&["scan", "-"], deployment("piped").as_bytes())
        .ends_with_code(0)
        .silent_on_stderr()
        .prints("deployment/piped");
    berth_reading(&["scan", "-"], b"kind: a: b\n")
        .ends_with_code(1)
        .says("error: standard input:1: not YAML");
}

#[test]
fn standard_input_without_a_workload_is_named_in_words() {
    berth_reading(&["scan", "-"], b"kind: Namespace\napiVersion: v1\nmetadata: {name: shop}\n")
        .ends_with_code(1)
        .says("no workload in standard input (");
}

#[test]
fn a_list_is_its_items() {
    let ran = scan("list.yaml").ends_with_code(1).prints("first-of-list").prints("third-of-list");
    let ran = ran.says("error: tests/data/list.yaml:21: Deployment second-of-list: spec.replicas: ");
    assert!(!ran.stdout.contains("second-of-list"), "{}", ran.stdout);
    assert_eq!(
        workload(&scan_as_json(&["tests/data/list.yaml"]), "third-of-list")["source"],
        "tests/data/list.yaml:22"
    );
}

#[test]
fn json_files_are_read() {
    scan("workload.json").ends_with_code(0).silent_on_stderr().prints("deployment/from-json");
}

/// As a loop of `kubectl get -o json` prints them, and as kubectl takes them.
#[test]
fn json_objects_one_after_the_other_are_read() {
    let one = |name: &str| {
        format!("{}\n", r#"{"apiVersion":"v1","kind":"Pod","metadata":{"name":"NAME"},"spec":{"containers":[{"name":"a","image":"nginx"}]}}"#.replace("NAME", name))
    };
    let both = format!("{}{}", one("first"), one("second"));
    let ran = berth_reading(&["scan", "-", "-o", "json"], both.as_bytes()).ends_with_code(0);
    assert_eq!(names(&ran.json()), ["first", "second"]);
    assert_eq!(workload(&ran.json(), "second")["source"], "standard input:2");
}

#[test]
fn what_a_kustomization_patches_with_is_no_object() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = |path: &str| folder.path().join(path);
    let write = |path: &str, text: &str| {
        fs::create_dir_all(at(path).parent().expect("a parent")).expect("a folder");
        fs::write(at(path), text).expect("written");
    };
    write("base/web.yaml", &deployment("web"));
    write("base/kustomization.yml", "resources: [web.yaml]\n");
    let patch = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 9}\n";
    for name in ["one.yaml", "two.yaml", "three.yaml"] {
        write(&format!("prod/{name}"), patch);
    }
    // One that names an image is a patch as well.
    write("prod/image.yaml", &deployment("web").replace("spec: {t", "spec: {replicas: 50, t"));
    write("prod/names/of.yaml", "nameReference: [{kind: Thing}]\n");
    write("prod/app.yaml", "port: {not: [yaml\n");
    write(
        "prod/Kustomization",
        "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: [../base]\n\
         patches: [{path: ./one.yaml}, {path: ../prod/image.yaml}, {patch: 'a: b'}]\n\
         patchesStrategicMerge: [two.yaml, \"a:\\n  b\"]\npatchesJson6902: [{path: three.yaml, target: {kind: Deployment}}]\n\
         configurations: [names/of.yaml]\nconfigMapGenerator: [{name: app, files: [port.yaml=app.yaml]}]\n",
    );
    let path = text(folder.path());
    let ran = berth(&["scan", path, "--explain"]).ends_with_code(0);
    assert_eq!(
        ran.stderr,
        format!(
            "note: {path}/prod/Kustomization:1: a kustomization: 6 files that only it uses are left out; to judge what it \
             renders, `kustomize build {path}/prod | berth scan -`\n"
        )
    );
    // The files of a shell's pattern are no other ones than those of the folder; one that is named alone was meant.
    let [kustomization, image, base] = ["prod/Kustomization", "prod/image.yaml", "base/web.yaml"].map(at);
    let ran = berth(&["scan", text(&base), text(&image), text(&kustomization)]).ends_with_code(0);
    assert!(ran.stderr.contains("1 file that only it uses is left out"), "{}", ran.stderr);
    berth(&["scan", text(&image)]).ends_with_code(0).silent_on_stderr();

    // What one patches with, another may apply.
    write("other/kustomization.yaml", "resources: [../prod/image.yaml]\n");
    berth(&["scan", path]).ends_with_code(0).says("5 files that only it uses").says("is given again at");
    // Flux has a kind of this name, which gathers nothing here.
    fs::remove_dir_all(at("prod")).expect("removed");
    let flux = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: web}\n";
    write("other/kustomization.yaml", flux);
    berth(&["scan", path]).ends_with_code(0).says("Kustomization isn't a kind that Berth reads");
}

#[test]
fn a_kustomization_is_named_once_where_it_is_built() {
    let folder = tempfile::tempdir().expect("a folder");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
        fs::write(path, text).expect("written");
    };
    write("base/web.yaml", &deployment("web"));
    write("base/kustomization.yaml", "resources: [web.yaml]\nnamePrefix: shop-\n");
    let path = text(folder.path());
    berth(&["scan", path]).ends_with_code(0).says(&format!(
        "what it changes isn't seen here; to judge what it renders, \
         `kustomize build {path}/base | berth scan -`"
    ));
    write("prod/kustomization.yaml", "resources: [../base]\ncomponents: [../debug]\n");
    write("debug/kustomization.yaml", "kind: Component\npatches: [{path: patch.yaml}]\n");
    berth(&["scan", path]).ends_with_code(0).silent_on_stderr();
    write("debug/patch.yaml", "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\n");
    berth(&["scan", path]).ends_with_code(0).says("build what it's a component of");
}

#[test]
fn many_kustomizations_leave_room_for_other_notes() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 10..35 {
        let folder = folder.path().join(format!("overlay-{number}"));
        fs::create_dir_all(&folder).expect("a folder");
        fs::write(folder.join("kustomization.yaml"), "namePrefix: shop-\n").expect("written");
    }
    let twice = format!("{}metadata: {{name: web}}\n", deployment("web-old"));
    fs::write(folder.path().join("web.yaml"), twice).expect("written");
    let ran = berth(&["scan", text(folder.path())]).ends_with_code(0).says("metadata: given twice");
    assert_eq!(ran.stderr.matches(": a kustomization: ").count(), 3, "{}", ran.stderr);
    ran.says("note: and 22 more like these, in 22 files: `kustomize build DIR | berth scan -`");
}

#[test]
fn a_kustomization_is_held_to_the_sizes_of_other_files() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("web.yaml"), deployment("web")).expect("written");
    let file = folder.path().join("kustomization.yaml");
    let path = text(folder.path());
    fs::write(&file, format!("namePrefix: shop-\n# {}\n", "x".repeat(4 << 20))).expect("written");
    berth(&["scan", path]).ends_with_code(1).says("a document of 4.0 MiB").prints("deployment/web");
    // It has no bytes on disk, and must have none in memory.
    fs::File::options().write(true).open(&file).expect("opened").set_len(600 << 20).expect("grown");
    berth(&["scan", path]).ends_with_code(1).says("600 MiB is too large").prints("deployment/web");
}

#[test]
fn a_container_without_an_image_is_named_and_its_workload_left_out() {
    let with = |kind: &str, spec: &str| {
        let (api, spec) = match kind {
            "Pod" => ("v1", spec.to_owned()),
            _ => ("apps/v1", format!("{{template: {{spec: {spec}}}}}")),
        };
        format!(
            "apiVersion: {api}\nkind: {kind}\nmetadata: {{name: half-made}}\nspec: {spec}\n---\n{}",
            deployment("ready")
        )
    };
    for (kind, spec, code, says) in [
        (
            "Deployment",
            "{containers: [{name: a}]}",
            1,
            "spec.template.spec.containers[0].image: missing, and the API server",
        ),
        (
            "Deployment",
            "{containers: [{name: a, image: ''}]}",
            1,
            "spec.template.spec.containers[0].image: missing",
        ),
        (
            "Deployment",
            "{initContainers: [{name: i}], containers: [{name: a, image: a}]}",
            1,
            "error: standard input:4: Deployment half-made: spec.template.spec.initContainers[0].image: missing",
        ),
        (
            "Pod",
            "{containers: [{name: a, image: a}, {name: b}]}",
            1,
            "Pod half-made: spec.containers[1].image: missing, and the API",
        ),
        (
            "Pod",
            "{containers: [{name: a}]}",
            0,
            "note: standard input:4: Pod half-made: spec.containers[0].image: missing, as in a",
        ),
    ] {
        let ran = berth_reading(&["scan", "-"], with(kind, spec).as_bytes()).ends_with_code(code).says(says);
        assert!(
            !ran.stdout.contains("half-made") && ran.stdout.contains("deployment/ready"),
            "{}",
            ran.stdout
        );
    }
    // OpenShift fills it in, and the API server takes it until then.
    let later = with("Deployment", "{containers: [{name: a, image: ' '}]}");
    berth_reading(&["scan", "-"], later.as_bytes()).ends_with_code(0).silent_on_stderr().prints("half-made");
}

#[test]
fn all_files_together_are_one_cluster() {
    // The Service in another file says what the port speaks.
    let folder = tempfile::tempdir().expect("a folder");
    fs::create_dir(folder.path().join("below")).expect("a folder");
    let with_label = deployment("web").replace("{spec: {c", "{metadata: {labels: {app: web}}, spec: {c");
    fs::write(folder.path().join("web.yml"), with_label).expect("written");
    let service = "apiVersion: v1\nkind: Service\nmetadata: {name: web}\n\
                   spec: {selector: {app: web}, ports: [{port: 80, appProtocol: grpc}]}\n";
    fs::write(folder.path().join("below/service.yaml"), service).expect("written");
    fs::write(folder.path().join("README.md"), "not: [a manifest").expect("written");
    let ran = berth(&["scan", text(folder.path()), "--explain", "deployment/web"]);
    ran.ends_with_code(0).silent_on_stderr().prints("Grpc");
}

// Bad input: each named with file, line and reason, and the rest is scanned

#[test]
fn a_value_that_cant_be_read_is_named_like_a_file_and_ends_the_same() {
    let manifest = "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: web\n  annotations:\n    \
                    berth.dev/unit-duration: soon\nspec:\n  template:\n    spec:\n      containers:\n      - \
                    name: web\n        image: web\n        resources: {requests: {cpu: 1x}}\n";
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("web.yaml"), manifest).expect("written");
    fs::write(folder.path().join("other.yaml"), deployment("other")).expect("written");
    let quiet = text(folder.path());
    for arguments in [&["scan", quiet][..], &["scan", quiet, "--explain", "web", "-o", "json"]] {
        berth(arguments)
            .ends_with_code(1)
            .prints("deployment/web")
            .says("web.yaml:6: deployment/web: berth.dev/unit-duration is soon (a time such as 200ms, 30s or 2h)")
            .says("web.yaml:13: deployment/web: containers[0].resources.requests.cpu is 1x");
    }
    // What isn't asked about doesn't count.
    berth(&["scan", quiet, "--explain", "other"]).ends_with_code(0).silent_on_stderr();
    berth(&["explain", "deployment/web", "-f", quiet]).ends_with_code(1).says("web.yaml:6: deployment/web: ");
}

#[test]
fn an_empty_document_is_passed_over() {
    scan("empty.yaml").ends_with_code(1).prints_nothing().says("no workload in tests/data/empty.yaml");
    berth(&["scan", "tests/data/empty.yaml", "tests/data/workload.json"])
        .ends_with_code(0)
        .silent_on_stderr()
        .prints("from-json");
}

#[test]
fn a_workload_without_requests_is_judged_and_told_so() {
    let document = scan_as_json(&["tests/data/no-requests.yaml"]);
    let findings = workload(&document, "unsized")["findings"].as_array().expect("a list");
    let finding = findings
        .iter()
        .find(|finding| finding["field"].as_str().is_some_and(|field| field.contains("resources.requests")));
    assert_eq!(finding.expect("a finding about the requests")["effect"], "Notes");
    let cost = &workload(&document, "unsized")["recommendation"]["currentMonthlyCost"];
    assert!(cost["low"].as_f64() < cost["high"].as_f64(), "what is unknown widens the cost: {cost}");
}

#[test]
fn an_unknown_kind_is_named() {
    scan("unknown-kind.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("note: tests/data/unknown-kind.yaml:2: widgets.example/v1 Widget isn't a kind that Berth reads; left out");
    // Folders hold other kinds all the time: no reason to fail when there are workloads too.
    berth(&["scan", "tests/data/unknown-kind.yaml", "tests/data/workload.json"])
        .ends_with_code(0)
        .prints("from-json");
}

/// Grafana's own files have a number there; an object of Kubernetes that lacks its kind is meant to be one.
#[test]
fn a_file_that_only_has_a_version_of_its_own_is_noted() {
    let grafana = "apiVersion: 1\ndatasources: [{name: Prometheus, type: prometheus}]\n---\n";
    berth_reading(&["scan", "-"], format!("{grafana}{}", deployment("web")).as_bytes())
        .ends_with_code(0)
        .says("note: standard input:1: no kind: not a Kubernetes object; left out")
        .prints("deployment/web ");
    let kindless = "apiVersion: apps/v1\nmetadata: {name: api}\n---\n";
    berth_reading(&["scan", "-"], format!("{kindless}{}", deployment("web")).as_bytes())
        .ends_with_code(1)
        .says("error: standard input:1: no kind: not a Kubernetes object; left out");
}

#[test]
fn what_isnt_yaml_is_named() {
    scan("not-yaml.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("error: tests/data/not-yaml.yaml:5: not YAML: ");
}

/// YAML that kubectl takes is no template, whatever its scripts hold.
#[test]
fn brackets_that_close_at_their_keys_own_depth_are_read() {
    let text = "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec:\n  template:\n    spec:\n      \
                containers:\n      - name: web\n        image: web\n        command: [\n          \"bash\", \"-c\",\n          \
                \"diff <(echo ${A}) <NAME>\",\n        ]\n";
    let ran = berth_reading(&["scan", "-"], text.as_bytes()).ends_with_code(0);
    ran.silent_on_stderr().prints("deployment/web ");
}

#[test]
fn a_helm_template_is_recognised() {
    scan("helm-template.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("error: tests/data/helm-template.yaml:4: ")
        .says("render it first, as in `helm template CHART | berth scan -`");
}

/// A folder of templates isn't told file by file; what is wrong otherwise is, and the scan is as incomplete.
#[test]
fn of_many_templates_the_first_are_told() {
    let folder = tempfile::tempdir().expect("a folder");
    for number in 0..30 {
        let file = folder.path().join(format!("{number}.yaml"));
        fs::copy("tests/data/helm-template.yaml", file).expect("copied");
    }
    fs::copy("tests/data/not-yaml.yaml", folder.path().join("z.yaml")).expect("copied");
    fs::write(folder.path().join("web.yaml"), deployment("web")).expect("written");
    let ran = berth(&["scan", text(folder.path())]).ends_with_code(1).prints("deployment/web");
    let ran = ran.says("error: and 10 more like these, in 10 files: it is a template: render it first");
    assert_eq!(ran.stderr.matches("it is a template").count(), 21, "{}", ran.stderr);
    ran.says("z.yaml:5: not YAML: ");
}

#[test]
fn a_placeholder_is_recognised() {
    scan("placeholder.yaml")
        .ends_with_code(1)
        .prints_nothing()
        .says("error: tests/data/placeholder.yaml:6: Deployment placeholder: spec.replicas: ")
        .says("it holds placeholders: fill them in first");
}

/// Every custom kind that embeds a Pod has words like these; and what is read of it is told.
#[test]
fn a_custom_kind_that_describes_itself_holds_no_placeholders() {
    let kind = "apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: runtimes.example.com}\n\
                spec:\n  group: example.com\n  scope: Namespaced\n  names: {kind: Runtime, plural: runtimes}\n  versions:\n  \
                - name: v1\n    served: true\n    storage: true\n    schema: {openAPIV3Schema: {type: object, \
                description: \"a node that has <topologyKey>\"}}\n---\n";
    berth_reading(&["scan", "-"], format!("{kind}{}", deployment("web")).as_bytes())
        .ends_with_code(0)
        .silent_on_stderr()
        .prints("deployment/web ");
}

#[test]
fn of_a_long_placeholder_the_start_is_told() {
    let long = deployment("web").replace("image: web", &format!("image: <IMAGE>-{}", "x".repeat(400)));
    let ran = berth_reading(&["scan", "-"], long.as_bytes()).ends_with_code(1);
    ran.says(&format!("image is \"<IMAGE>-{}…\"; it holds placeholders: fill them in first", "x".repeat(51)));
}

#[test]
fn a_removed_version_is_named_and_read_as_its_successor() {
    scan("removed-version.yaml")
        .ends_with_code(0)
        .says("note: tests/data/removed-version.yaml:2: extensions/v1beta1 Deployment was removed in Kubernetes 1.16")
        .prints("deployment/old");
}

#[test]
fn a_broken_document_hides_neither_neighbour() {
    let ran = scan("between.yaml").ends_with_code(1).prints("deployment/before").prints("deployment/after");
    ran.says("error: tests/data/between.yaml:14: not YAML: ");
}

#[test]
fn a_file_that_isnt_text_is_named() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("latin1.yaml");
    fs::write(&file, b"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: caf\xe9}\n").expect("written");
    fs::write(folder.path().join("web.yaml"), deployment("web")).expect("written");
    berth(&["scan", text(folder.path())])
        .ends_with_code(1)
        .says(&format!("error: {}:3: not text in UTF-8", file.display()))
        .prints("deployment/web");
}

#[test]
fn a_file_of_20_mb_is_named_and_the_rest_is_scanned() {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("large.yaml");
    let blob = "x".repeat(20 << 20);
    let large = format!(
        "{}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {{name: large}}\ndata: {{blob: {blob}}}\n---\n{}",
        deployment("before"),
        deployment("after")
    );
    fs::write(&file, large).expect("written");
    berth(&["scan", text(&file)])
        .ends_with_code(1)
        .says(&format!("error: {}:6: a document of 20.0 MiB", file.display()))
        .prints("deployment/before")
        .prints("deployment/after");
}

#[test]
fn a_file_that_isnt_there_is_named() {
    berth(&["scan", "tests/data/nowhere.yaml", "tests/data/workload.json"])
        .ends_with_code(1)
        .says("error: tests/data/nowhere.yaml")
        .says("nowhere.yaml: there is no such file or folder")
        .prints("from-json");
}

#[test]
fn all_bad_input_at_once_leaves_what_is_good() {
    let document = scan_as_json(&["tests/data"]);
    assert_eq!(
        names(&document),
        ["after", "before", "first-of-list", "from-json", "old", "third-of-list", "unsized"]
    );
}

#[test]
fn a_key_given_twice_is_told_and_the_last_counts() {
    let twice = format!("{}metadata: {{name: web}}\n", deployment("web-old"));
    let ran = berth_reading(&["scan", "-"], twice.as_bytes()).ends_with_code(0);
    ran.says("note: standard input:5: metadata: given twice, on lines 3 and 5: the last counts")
        .prints("deployment/web ");
}

/// As a hook scans a whole repository: what isn't rendered yet is left out and told, and stops nobody.
#[test]
fn templates_of_a_chart_are_left_out_with_a_note() {
    let folder = tempfile::tempdir().expect("a folder");
    let chart = folder.path().join("charts/web");
    fs::create_dir_all(chart.join("templates")).expect("a folder");
    fs::write(chart.join("Chart.yaml"), "apiVersion: v2\nname: web\nversion: 1.0.0\n").expect("written");
    fs::write(chart.join("values.yaml"), "replicas: 2\n").expect("written");
    fs::copy("tests/data/helm-template.yaml", chart.join("templates/web.yaml")).expect("copied");
    fs::create_dir_all(chart.join("files")).expect("a folder");
    fs::copy("tests/data/helm-template.yaml", chart.join("files/sidecar.yaml")).expect("copied");
    fs::write(folder.path().join("web.yaml"), deployment("web")).expect("written");
    let ran = berth(&["scan", text(folder.path())]).ends_with_code(0).prints("deployment/web");
    ran.says("templates of a Helm chart: left out; to judge it, `helm template ")
        .says("web/files:1: files of a Helm chart: left out; to judge it, `helm template ");
    // Named by itself it was meant.
    berth(&["scan", text(&chart.join("templates/web.yaml"))]).ends_with_code(1).says("it is a template");
}
