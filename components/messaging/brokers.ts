/** What every kind of Kafka takes and gives; `Kafka` chooses the kind. */
import type { ComponentArgs } from "../site/component.ts";
import type * as pulumi from "@pulumi/pulumi";
import type { KafkaSetting } from "../../settings/slices/data-services.ts";
import type { KafkaSecurity } from "../../settings/slices/kafka-security.ts";
import type { ServerEndpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";

export interface KafkaArgs extends Place, ComponentArgs {
  readonly setting: KafkaSetting;
  /** Password of brokers that exist already and ask for one. */
  readonly existingPassword: pulumi.Output<string> | undefined;
  /** Name of the StatefulSet in the cluster. */
  readonly serverName: string;
  /** Labels that select the brokers' pods. @default `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** ZooKeeper's, which runs beside brokers in the cluster. */
  readonly zookeeper: { readonly serverName: string; readonly labels?: Record<string, string> };
}

export interface Topic {
  readonly name: string;
  readonly partitions: number;
  /** Broker settings of the topic: `retention.ms`. */
  readonly settings: Readonly<Record<string, string>>;
}

/** Brokers, as whatever made them describes them. */
export interface Brokers {
  readonly bootstrapServers: pulumi.Input<string>;
  readonly endpoint: ServerEndpoint;
  readonly security: KafkaSecurity;
  readonly password: pulumi.Output<string> | undefined;
  /** PEM; for brokers whose certificates no public authority signed. */
  readonly caCertificate: pulumi.Input<string> | undefined;
  /** Copies of each topic, and how many of them a write must reach. */
  readonly replication: number;
  readonly minInsync: number;
  /** Makes topics where brokers take them from DigitalOcean's API alone. */
  readonly createTopics?: (topics: readonly Topic[], parent: pulumi.Resource) => pulumi.Resource[];
}
