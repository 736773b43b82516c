import * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { readScripts } from "../workload/file-objects.ts";
import { existingServer } from "../connections/destinations.ts";
import { ConfigObject, SecretObject, type Values } from "../workload/config-objects.ts";
import type { Env } from "../workload/pod.ts";
import type { Mount } from "../workload/volumes.ts";
import { Task } from "../workload/task.ts";
import type { Brokers, KafkaArgs, Topic } from "./brokers.ts";
import { inClusterKafka } from "./in-cluster-kafka.ts";
import { caPath, jaasConfig, javaSettings, propertiesFile } from "./kafka-security.ts";
import { managedKafka } from "./managed-kafka.ts";

/**
 * Kafka of any kind: brokers with ZooKeeper in the cluster, DigitalOcean's managed service, or brokers that exist already. All
 * have the same properties, so that a system need not know which kind it uses. Topics are made by `topics`; in the cluster a
 * client that uses an unknown topic does not make it.
 */
export class Kafka extends Component {
  /** Addresses, security and replication, for clients that set them themselves. */
  readonly brokers: Brokers;
  /** The brokers, for `connectsTo` of their clients. */
  readonly endpoint: Brokers["endpoint"];
  /** Secret with a properties file, password and certificate for clients; undefined where the protocol is `PLAINTEXT`. */
  readonly clientSecret: SecretObject | undefined;
  readonly #args: KafkaArgs;

  constructor(name: string, args: KafkaArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:messaging:Kafka", name, { kind: args.setting.kind, serverName: args.serverName }, args, opts);
    this.#args = args;
    this.brokers = this.createBrokers(name, args);
    this.endpoint = this.brokers.endpoint;
    this.clientSecret = this.createClientSecret(name, args);
    this.registerOutputs({});
  }

  /**
   * Makes topics, or brings existing ones in line: by a Job that runs Kafka's own tools, for a managed service by
   * DigitalOcean's API.
   *
   * @param taskName first part of the Job's name, and of its ConfigMap
   * @returns the resources that must be ready before a client uses the topics
   */
  topics(name: string, taskName: string, topics: readonly Topic[]): pulumi.Resource[] {
    const { replication, minInsync, createTopics } = this.brokers;
    const complete = topics.map((topic) => ({
      ...topic,
      settings: { "min.insync.replicas": String(minInsync), ...topic.settings },
    }));
    if (createTopics !== undefined) return createTopics(complete, this);
    const { site, namespace } = this.#args;
    const files = new ConfigObject(
      `${name}-files`,
      {
        site,
        namespace,
        objectName: `${taskName}-files`,
        data: { ...readScripts(new URL("scripts/", import.meta.url), ["topics.sh"]), topics: topicsFile(complete) },
      },
      { parent: this },
    );
    const task = new Task(
      name,
      {
        site,
        namespace,
        taskName,
        deadlineSeconds: 900,
        connectsTo: [this.endpoint],
        pod: {
          containers: [
            {
              name: "topics",
              image: site.images.kafka,
              command: ["bash", "/files/topics.sh"],
              env: {
                BOOTSTRAP_SERVERS: this.brokers.bootstrapServers,
                REPLICATION: String(replication),
                TOPICS: "/files/topics",
                KAFKA_HEAP_OPTS: "-Xmx128m",
                COMMAND_CONFIG: this.clientSecret && "/etc/kafka-client/client.properties",
              },
              mounts: [
                { path: "/files", volume: { kind: "files", name: "files", from: files, executable: true } },
                ...this.clientMounts(),
              ],
            },
          ],
        },
      },
      { parent: this },
    );
    return [task.done];
  }

  /** Mounts that bring the files of `clientSecret` to `/etc/kafka-client` in a client's container. */
  clientMounts(): Mount[] {
    if (this.clientSecret === undefined) return [];
    return [{ path: "/etc/kafka-client", volume: { kind: "files", name: "kafka-client", from: this.clientSecret } }];
  }

  /** Security settings of clients that use librdkafka, as variables by name; the password is in `clientEnv`. */
  get clientSettings(): Values {
    const { security, caCertificate } = this.brokers;
    const sasl = "mechanism" in security ? security : undefined;
    return {
      KAFKA_SECURITY_PROTOCOL: security.protocol,
      KAFKA_SASL_MECHANISM: sasl?.mechanism,
      KAFKA_SASL_USERNAME: sasl?.username,
      KAFKA_SSL_CA_LOCATION: caCertificate && caPath,
    };
  }

  /** `KAFKA_SASL_PASSWORD` from the clients' Secret; empty without SASL. */
  get clientEnv(): Env {
    if (this.clientSecret === undefined || !("mechanism" in this.brokers.security)) return {};
    return { KAFKA_SASL_PASSWORD: this.clientSecret.key("password") };
  }

  private createBrokers(name: string, args: KafkaArgs): Brokers {
    const { setting } = args;
    switch (setting.kind) {
      case "in-cluster":
        return inClusterKafka(name, { ...args, setting }, this);
      case "managed":
        return managedKafka(name, { ...args, setting }, this);
      case "existing": {
        const { bootstrapServers, security, where, replication } = setting;
        const ports = [...new Set(bootstrapServers.map((server) => Number(server.split(":")[1])))];
        return {
          bootstrapServers: bootstrapServers.join(","),
          endpoint: existingServer(args.serverName, ports, where, args.namespace),
          security,
          password: args.existingPassword,
          caCertificate: "caCertificate" in security ? security.caCertificate : undefined,
          replication,
          minInsync: replication > 2 ? 2 : 1,
        };
      }
    }
  }

  private createClientSecret(name: string, args: KafkaArgs): SecretObject | undefined {
    const { security, password, caCertificate } = this.brokers;
    if (security.protocol === "PLAINTEXT") return undefined;
    const sasl = "mechanism" in security ? security : undefined;
    const properties = pulumi
      .output(password)
      .apply((plain) => propertiesFile(javaSettings(security, plain, caCertificate !== undefined)));
    return new SecretObject(
      `${name}-client`,
      {
        ...args,
        objectName: `${args.serverName}-client`,
        values: {
          "client.properties": properties,
          password: sasl && password,
          jaas: sasl && password?.apply((plain) => jaasConfig(sasl.mechanism, sasl.username, plain)),
          "ca.crt": caCertificate,
        },
      },
      { parent: this },
    );
  }
}

function topicsFile(topics: readonly Topic[]): string {
  return topics
    .map(({ name, partitions, settings }) => {
      const pairs = Object.entries(settings).map(([key, value]) => `${key}=${value}`);
      return `${name} ${partitions} ${pairs.join(",")}\n`;
    })
    .join("");
}
