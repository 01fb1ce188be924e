//! What an image's name says runs in it: a datastore, a model server.

/// Names of images and the store that they run; the catalogue knows what AWS manages in its place.
pub const DATASTORES: &[(&[&str], &str)] = &[
    (&["redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly"], "Redis"),
    (&["memcached"], "Memcached"),
    (&["postgres", "postgresql", "postgis", "timescaledb", "spilo", "pgvector"], "PostgreSQL"),
    (&["mysql", "mysql-server", "mariadb", "percona", "percona-server"], "MySQL"),
    (&["mongo", "mongodb", "percona-server-mongodb"], "MongoDB"),
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

/// The last part of an image's path, without tag and digest.
pub fn name(image: &str) -> &str {
    let path = image.split('@').next().unwrap_or(image);
    let last = path.rsplit('/').next().unwrap_or(path);
    last.split(':').next().unwrap_or(last)
}

/// The store that an image runs.
pub fn datastore(image: &str) -> Option<&'static str> {
    let image = name(image);
    DATASTORES.iter().find(|(names, _)| names.contains(&image)).map(|(_, store)| *store)
}

pub fn serves_a_model(image: &str) -> bool {
    let last = name(image);
    MODEL_SERVERS.contains(&last)
        || image.contains("tensorflow/serving")
        || image.contains("pytorch/torchserve")
        || image.contains("vllm/")
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
        assert!(serves_a_model("tensorflow/serving:2.19.0"));
        assert!(!serves_a_model("nginx"));
    }
}
