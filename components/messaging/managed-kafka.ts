import * as digitalocean from "@pulumi/digitalocean";
import * as pulumi from "@pulumi/pulumi";
import type { KafkaSetting } from "../../settings/data-services.ts";
import type { Brokers, KafkaArgs } from "./kafka.ts";

type Args = KafkaArgs & { readonly setting: Extract<KafkaSetting, { kind: "managed" }> };

const username = "clients";

/** DigitalOcean managed Kafka in the stack's VPC: three brokers or more, SASL over TLS, open to the cluster only. */
export function managedKafka(name: string, args: Args, parent: pulumi.Resource): Brokers {
  const { site, setting } = args;
  if (site.doks === undefined) throw new Error(`${name}: managed Kafka needs a cluster on DigitalOcean`);
  const cluster = new digitalocean.DatabaseCluster(
    name,
    {
      engine: "kafka",
      version: setting.version,
      name: setting.name ?? `${name}-${pulumi.getStack()}`,
      region: site.doks.region,
      size: setting.size,
      nodeCount: setting.nodes,
      privateNetworkUuid: site.doks.vpcId,
    },
    { parent, protect: site.production, retainOnDelete: site.production },
  );
  site.adopt(name, cluster.clusterUrn, parent);
  const firewall = new digitalocean.DatabaseFirewall(
    name,
    { clusterId: cluster.id, rules: [{ type: "k8s", value: site.doks.clusterId }] },
    { parent },
  );
  const user = new digitalocean.DatabaseUser(
    name,
    { clusterId: cluster.id, name: username, settings: [{ acls: [{ topic: "*", permission: "admin" }] }] },
    { parent },
  );
  const ca = digitalocean.getDatabaseCaOutput({ clusterId: cluster.id }, { parent });
  return {
    bootstrapServers: pulumi.interpolate`${cluster.privateHost}:${cluster.port}`,
    endpoint: {
      kind: "vpc",
      name: args.serverName,
      ports: [cluster.port],
      range: site.doks.vpcRange,
      ready: [firewall, user],
    },
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

/** `retention.ms` → `retentionMs`. */
function topicConfig(settings: Readonly<Record<string, string>>): digitalocean.types.input.DatabaseKafkaTopicConfig {
  const entries = Object.entries(settings).map(([key, value]) => [
    key.replaceAll(/[.](\w)/g, (_, letter: string) => letter.toUpperCase()),
    key === "min.insync.replicas" ? Number(value) : value,
  ]);
  return Object.fromEntries(entries) as digitalocean.types.input.DatabaseKafkaTopicConfig;
}
