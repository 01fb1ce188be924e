//! What an image's name says runs in it: a datastore, a model server.

/// The managed service that answers the same need.
pub struct Datastore {
    pub name: &'static str,
    pub managed: &'static str,
}

const DATASTORES: &[(&[&str], &str, &str)] = &[
    (
        &["redis", "redis-stack", "redis-stack-server", "valkey", "keydb", "dragonfly"],
        "Redis",
        "ElastiCache or MemoryDB",
    ),
    (&["memcached"], "Memcached", "ElastiCache"),
    (
        &["postgres", "postgresql", "postgis", "timescaledb", "spilo", "pgvector"],
        "PostgreSQL",
        "RDS or Aurora",
    ),
    (&["mysql", "mysql-server", "mariadb", "percona", "percona-server"], "MySQL", "RDS or Aurora"),
    (&["mongo", "mongodb", "percona-server-mongodb"], "MongoDB", "DocumentDB"),
    (&["cassandra", "scylla"], "Cassandra", "Keyspaces or DynamoDB"),
    (&["cockroach", "cockroachdb", "tidb", "yugabyte"], "distributed SQL", "Aurora DSQL or Aurora"),
    (&["elasticsearch", "opensearch", "solr"], "a search index", "OpenSearch Service"),
    (&["kafka", "cp-kafka", "redpanda", "zookeeper", "cp-zookeeper"], "Kafka", "MSK"),
    (&["rabbitmq", "activemq", "artemis"], "a message broker", "Amazon MQ or SQS"),
    (&["nats", "nats-streaming", "pulsar", "pulsar-all"], "a message broker", "SQS, SNS or MSK"),
    (&["influxdb", "victoria-metrics"], "a time-series store", "Timestream"),
    (&["neo4j"], "a graph", "Neptune"),
    (&["minio"], "an object store", "S3"),
    (&["clickhouse", "clickhouse-server"], "ClickHouse", "Redshift or Athena"),
    (&["qdrant", "weaviate", "milvus", "chroma"], "a vector store", "OpenSearch Service or Aurora"),
    (&["etcd"], "etcd", "DynamoDB or Parameter Store"),
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

pub fn datastore(image: &str) -> Option<Datastore> {
    let image = name(image);
    DATASTORES
        .iter()
        .find(|(names, ..)| names.contains(&image))
        .map(|(_, name, managed)| Datastore { name, managed })
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
