//! What an image's name says runs in it: a datastore, a model server.

/// Names of images and the store that they run; the catalogue knows what AWS manages in its place.
pub const DATASTORES: &[(&[&str], &str)] = &[
    (
        &[
            "redis",
            "redis-stack",
            "redis-stack-server",
            "redis-cluster",
            "redis-sentinel",
            "valkey",
            "valkey-cluster",
            "valkey-sentinel",
            "keydb",
            "dragonfly",
        ],
        "Redis",
    ),
    (&["memcached"], "Memcached"),
    (
        &[
            "postgres",
            "postgresql",
            "postgis",
            "timescaledb",
            "spilo",
            "pgvector",
            "postgresql-ha",
            "postgresql-repmgr",
        ],
        "PostgreSQL",
    ),
    (
        &[
            "mysql",
            "mysql-server",
            "mariadb",
            "mariadb-galera",
            "percona",
            "percona-server",
            "percona-xtradb-cluster",
        ],
        "MySQL",
    ),
    (&["mongo", "mongodb", "mongodb-sharded", "percona-server-mongodb"], "MongoDB"),
    (&["cassandra", "scylla"], "Cassandra"),
    (&["cockroach", "cockroachdb", "tidb", "yugabyte"], "distributed SQL"),
    (&["elasticsearch", "opensearch", "solr"], "a search index"),
    (&["kafka", "cp-kafka", "redpanda", "zookeeper", "cp-zookeeper"], "Kafka"),
    (
        &["rabbitmq", "activemq", "artemis", "nats", "nats-streaming", "pulsar", "pulsar-all"],
        "a message broker",
    ),
    (&["influxdb", "victoria-metrics"], "a time-series store"),
    (&["neo4j"], "a graph"),
    (&["minio"], "an object store"),
    (&["clickhouse", "clickhouse-server"], "ClickHouse"),
    (&["qdrant", "weaviate", "milvus", "chroma"], "a vector store"),
    (&["couchdb"], "CouchDB"),
    (&["mssql-server", "azure-sql-edge"], "SQL Server"),
    (&["etcd"], "etcd"),
];

const MODEL_SERVERS: &[&str] = &[
    "vllm-openai",
    "vllm",
    "text-generation-inference",
    "tritonserver",
    "tensorflow-serving",
    "torchserve",
    "ollama",
    "sglang",
    "lmdeploy",
    "tei",
    "text-embeddings-inference",
    "djl-serving",
    "pytorch-inference",
    "mlserver",
];

/// Images of tools and languages that a registry has for everybody, by the end of their path.
const TOOLS: &[&str] = &[
    "alpine/curl",
    "alpine/git",
    "alpine/helm",
    "alpine/k8s",
    "amazon/aws-cli",
    "aws-cli/aws-cli",
    "bitnami/kubectl",
    "bitnamilegacy/kubectl",
    "curlimages/curl",
    "google.com/cloudsdktool/cloud-sdk",
    "google.com/cloudsdktool/google-cloud-cli",
    "minio/mc",
    "rancher/kubectl",
    "registry.k8s.io/kubectl",
];

/// Docker's official images that are no stores.
const OFFICIAL: &[&str] = &[
    "almalinux",
    "alpine",
    "amazonlinux",
    "bash",
    "busybox",
    "caddy",
    "debian",
    "docker",
    "eclipse-temurin",
    "fedora",
    "golang",
    "haproxy",
    "hello-world",
    "httpd",
    "nginx",
    "node",
    "perl",
    "php",
    "python",
    "ruby",
    "rust",
    "ubuntu",
];

/// Whether it's an image as its vendor ships it. A team's own that is called like an official one has its registry before
/// that name.
pub fn is_stock(image: &str) -> bool {
    let path = repository(image);
    let official = match path.rsplit_once('/') {
        Some((of, name)) if matches!(of, "library" | "docker.io") || of.ends_with("/library") => name,
        _ => path,
    };
    let is_tool =
        |tool: &&str| path.strip_suffix(*tool).is_some_and(|rest| rest.is_empty() || rest.ends_with('/'));
    datastore(image).is_some() || OFFICIAL.contains(&official) || TOOLS.iter().any(is_tool)
}

/// An image without its tag and digest.
pub fn repository(image: &str) -> &str {
    let image = image.split('@').next().unwrap_or(image);
    match image.rsplit_once(':') {
        // A port of the registry comes before a slash.
        Some((repository, tag)) if !tag.contains('/') => repository,
        _ => image,
    }
}

/// The last part of an image's path, without tag and digest.
pub fn name(image: &str) -> &str {
    let path = image.split('@').next().unwrap_or(image);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split(':').next().unwrap_or(last)
}

/// The store that an image runs.
pub fn datastore(image: &str) -> Option<&'static str> {
    // Microsoft's image is called server, as others are.
    let name = if repository(image).ends_with("mssql/server") { "mssql-server" } else { name(image) };
    DATASTORES.iter().find(|(names, _)| names.contains(&name)).map(|(_, store)| *store)
}

pub fn serves_a_model(image: &str) -> bool {
    let last = name(image);
    MODEL_SERVERS.contains(&last)
        || image.contains("tensorflow/serving")
        || image.contains("pytorch/torchserve")
        || image.contains("vllm/")
}

/// Whether it builds or runs containers without root: they are made in user namespaces.
pub fn nests_containers(image: &str) -> bool {
    let repository = repository(image);
    let tag = image.get(repository.len()..).unwrap_or_default();
    let mut path = repository.rsplit('/');
    match (path.next().unwrap_or_default(), path.next().unwrap_or_default()) {
        ("buildah" | "podman", _) | ("stable" | "upstream" | "testing", "buildah" | "podman") => true,
        ("buildkit" | "docker", _) => tag.contains("rootless"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_is_the_last_part() {
        assert_eq!(name("registry.k8s.io/redis:e2e"), "redis");
        assert_eq!(name("host:5000/team/postgres@sha256:00"), "postgres");
        assert!(datastore("oliver006/redis_exporter:v1").is_none());
        assert!(datastore("bitnami/postgresql:16").is_some());
        assert_eq!(datastore("mcr.microsoft.com/mssql/server:2022-latest"), Some("SQL Server"));
        assert!(datastore("team/server:1").is_none());
        for image in
            ["redis-cluster", "postgresql-ha", "mongodb-sharded", "couchdb", "percona-xtradb-cluster"]
        {
            assert!(datastore(&format!("docker.io/bitnami/{image}:1")).is_some(), "{image}");
        }
        assert!(serves_a_model("tensorflow/serving:2.19.0"));
        assert!(!serves_a_model("nginx"));
    }

    #[test]
    fn a_stock_image_is_one_that_everybody_has() {
        for image in [
            "postgres:16-alpine",
            "busybox",
            "docker.io/busybox",
            "docker.io/library/alpine:3.22",
            "public.ecr.aws/docker/library/python:3.14",
            "bitnami/kubectl:1.33",
            "public.ecr.aws/aws-cli/aws-cli",
            "mirror.example:5000/curlimages/curl@sha256:0123",
        ] {
            assert!(is_stock(image), "{image}");
        }
        for image in [
            "example/python:1",
            "registry.example/shop/nginx",
            "shop/web",
            "my-alpine",
            "mylibrary/nginx",
            "example/curl",
        ] {
            assert!(!is_stock(image), "{image}");
        }
    }

    #[test]
    fn builders_without_root_are_known_by_name_and_tag() {
        for image in [
            "moby/buildkit:v0.24.0-rootless",
            "host:5000/docker:28-dind-rootless",
            "quay.io/buildah/stable",
            "quay.io/containers/podman:v5",
        ] {
            assert!(nests_containers(image), "{image}");
        }
        for image in ["moby/buildkit:v0.24.0", "example/stable:1", "gcr.io/kaniko-project/executor:v1"] {
            assert!(!nests_containers(image), "{image}");
        }
    }

    #[test]
    fn a_repository_has_neither_tag_nor_digest() {
        for image in ["reg:5000/shop/web", "reg:5000/shop/web:1", "reg:5000/shop/web:1@sha256:ab"] {
            assert_eq!(repository(image), "reg:5000/shop/web");
        }
        assert_eq!(repository("web"), "web");
    }
}
