/** Confluent's Schema Registry, whose own build no registry of packages has: played like the applications around it. */
import type { Facts } from "./fact.ts";

export const schemaRegistry: Facts = {
  system: "caracal",
  code: "confluentinc/schema-registry@v7.9.2",
  applications: [
    {
      workloads: ["caracal-schema-registry"],
      defaults: { HOME: "/home/appuser" },
      uses: [{ kind: "kafka", at: "$SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS", topics: "" }],
      facts: [
        {
          fact: "its start script ends without a host name and brokers",
          source: "cp-schema-registry/include/etc/confluent/docker/configure",
          check: {
            kind: "requires",
            variables: ["SCHEMA_REGISTRY_HOST_NAME", "SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS"],
          },
        },
        {
          fact: "its start script writes its settings",
          source: "cp-schema-registry/include/etc/confluent/docker/configure",
          check: { kind: "writes", folder: "/etc/schema-registry" },
        },
        {
          fact: "it listens where SCHEMA_REGISTRY_LISTENERS says, else on 8081",
          source: "core/src/main/java/io/confluent/kafka/schemaregistry/rest/SchemaRegistryConfig.java",
          check: { kind: "listens", on: ["8081"] },
        },
        {
          fact: "/ answers an empty object",
          source: "core/src/main/java/io/confluent/kafka/schemaregistry/rest/resources/RootResource.java",
          check: { kind: "serves", path: "/", status: 200, type: "application/json" },
        },
        {
          fact: "it lists subjects",
          source: "core/src/main/java/io/confluent/kafka/schemaregistry/rest/resources/SubjectsResource.java",
          check: { kind: "serves", path: "/subjects", status: 200, type: "application/json" },
        },
      ],
    },
  ],
};
