/** Arguments and properties that every kind of Kafka has; `Kafka` chooses the kind. */
import type { ComponentArgs } from "../site/component.ts";
import type * as pulumi from "@pulumi/pulumi";
import type { KafkaSetting } from "../../settings/slices/data-services.ts";
import type { KafkaSecurity } from "../../settings/slices/data-shapes/brokers.ts";
import type { ServerEndpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";

/** Arguments of `Kafka`. */
export interface KafkaArgs extends Place, ComponentArgs {
  /** Kind of brokers with their number, size and security, from `kafka` in the system's settings. */
  readonly setting: KafkaSetting;
  /** Password of brokers that exist already and require SASL; undefined for all others. */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /** `metadata.name` of the StatefulSet in the cluster; for every kind it begins the name of the clients' Secret. */
  readonly serverName: string;
  /** Labels that select the brokers' pods; they cannot be changed later. @default - `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** Name and labels of the ZooKeeper ensemble, which only brokers in the cluster have. */
  readonly zookeeper: { readonly serverName: string; readonly labels?: Record<string, string> };
}

/** A topic to be made, or changed if it exists. */
export interface Topic {
  /** Kafka's name of it, `caracal.metering.events`. */
  readonly name: string;
  /** Number of partitions. It can be raised later, never lowered; raising it changes which partition a key belongs to. */
  readonly partitions: number;
  /** Settings of the topic by Kafka's names, `retention.ms`, with their values as text. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Brokers of any kind, as the function that makes them describes them to `Kafka`. */
export interface Brokers {
  /** `host:port` of one or more brokers, with commas between them. */
  readonly bootstrapServers: pulumi.Input<string>;
  /** The brokers, for `connectsTo` of their clients. */
  readonly endpoint: ServerEndpoint;
  /** Protocol, SASL mechanism and user with which clients log in. */
  readonly security: KafkaSecurity;
  /** Password of the user in `security`; undefined without SASL. Secret. */
  readonly password: pulumi.Output<string> | undefined;
  /** Certificate (PEM) of the authority that signed the brokers'; undefined for a public authority or without TLS. */
  readonly caCertificate: pulumi.Input<string> | undefined;
  /** Copies of each partition, on as many brokers. */
  readonly replication: number;
  /** Copies that must have a record before its producer is told so: `min.insync.replicas` of every topic. */
  readonly minInsync: number;
  /** Makes topics through DigitalOcean's API; undefined for brokers that make them at a client's request. */
  readonly createTopics?: (topics: readonly Topic[], parent: pulumi.Resource) => pulumi.Resource[];
}
