import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { KafkaSetting } from "../../settings/slices/data-services.ts";
import { managedCluster } from "../managed/managed-cluster.ts";
import { after } from "../connections/destinations.ts";
import type { Brokers, KafkaArgs } from "./brokers.ts";

type Args = KafkaArgs & { readonly setting: Extract<KafkaSetting, { kind: "managed" }> };

const username = "clients";

/** DigitalOcean managed Kafka in the stack's VPC: three brokers or more, SASL over TLS, only the cluster may connect. */
export function managedKafka(name: string, args: Args, parent: pulumi.Resource): Brokers {
  const { site, setting } = args;
  const { cluster, endpoint } = managedCluster(
    name,
    { ...args, ...setting, engine: "kafka", cloudName: setting.name },
    parent,
  );
  const user = new digitalocean.DatabaseUser(
    name,
    { clusterId: cluster.id, name: username, settings: [{ acls: [{ topic: "*", permission: "admin" }] }] },
    { parent },
  );
  const ca = digitalocean.getDatabaseCaOutput({ clusterId: cluster.id }, { parent });
  return {
    bootstrapServers: pulumi.interpolate`${cluster.privateHost}:${cluster.port}`,
    endpoint: after(endpoint, user),
    security: { protocol: "SASL_SSL", mechanism: "SCRAM-SHA-256", username },
    password: pulumi.secret(user.password),
    caCertificate: ca.certificate,
    replication: 3,
    minInsync: 2,
    createTopics: (topics, owner) =>
      topics.map(
        (topic) =>
          new digitalocean.DatabaseKafkaTopic(
            `${name}-${topic.name.replaceAll(".", "-")}`,
            {
              clusterId: cluster.id,
              name: topic.name,
              partitionCount: topic.partitions,
              replicationFactor: 3,
              configs: [topicConfig(topic.settings)],
            },
            { parent: owner, protect: site.production, retainOnDelete: site.production },
          ),
      ),
  };
}

/** Settings of a topic by the names of Pulumi's provider: `retention.ms` becomes `retentionMs`. */
function topicConfig(settings: Readonly<Record<string, string>>): digitalocean.types.input.DatabaseKafkaTopicConfig {
  const entries = Object.entries(settings).map(([key, value]) => [
    key.replaceAll(/[.](\w)/g, (_, letter: string) => letter.toUpperCase()),
    key === "min.insync.replicas" ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as digitalocean.types.input.DatabaseKafkaTopicConfig;
}
