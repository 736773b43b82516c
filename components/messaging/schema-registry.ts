import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { Endpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";
import type { Env } from "../workload/pod.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { samePort } from "../workload/service.ts";
import { Workload } from "../workload/workload.ts";
import { heapOptions } from "./heap.ts";
import type { Kafka } from "./kafka.ts";
import { caPath } from "./kafka-security.ts";

/** Arguments of `SchemaRegistry`. */
export interface SchemaRegistryArgs extends Place, ComponentArgs {
  /** `metadata.name` of the Deployment and the Service. */
  readonly serverName: string;
  /** Labels that select the pods; they cannot be changed later. @default - `app: <serverName>` */
  readonly labels?: Record<string, string>;
  /** Brokers that keep the schemas, in the topic `_schemas`. */
  readonly kafka: Kafka;
}

const port = 8081;

/**
 * Confluent Schema Registry. It keeps its schemas in a topic of Kafka, so it has no volume. One of its replicas writes; the
 * others forward writes to that one.
 */
export class SchemaRegistry extends Component {
  /** The registry, for `connectsTo` of its clients. */
  readonly endpoint: Endpoint;
  /** `http://schema-registry:8081`; resolves in the registry's own namespace. */
  readonly url: string;

  constructor(name: string, args: SchemaRegistryArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:messaging:SchemaRegistry", name, {}, args, opts);
    const { namespace, serverName, kafka } = args;
    const { replicas } = namespace.shape(serverName);
    const workload = new Workload(
      name,
      {
        ...args,
        workloadName: serverName,
        update: "surge",
        services: [{ serviceName: serverName, ports: [samePort("http", port)] }],
        peerPorts: replicas === 1 ? [] : [port],
        connectsTo: [kafka.endpoint],
        pod: { containers: [this.container(args)] },
      },
      { parent: this },
    );
    this.endpoint = workload.endpoint;
    this.url = `http://${serverName}:${port}`;
    this.registerOutputs({});
  }

  private container({ site, namespace, serverName, kafka }: SchemaRegistryArgs): OwnedContainer {
    return {
      name: "schema-registry",
      image: site.images.schemaRegistry,
      env: {
        // The other replicas forward writes to this host. A Deployment's pods have no DNS names, so it is the IP address.
        SCHEMA_REGISTRY_HOST_NAME: { fieldPath: "status.podIP" },
        SCHEMA_REGISTRY_LISTENERS: `http://0.0.0.0:${port}`,
        SCHEMA_REGISTRY_KAFKASTORE_BOOTSTRAP_SERVERS: kafka.brokers.bootstrapServers,
        SCHEMA_REGISTRY_KAFKASTORE_TOPIC_REPLICATION_FACTOR: String(kafka.brokers.replication),
        SCHEMA_REGISTRY_SCHEMA_COMPATIBILITY_LEVEL: "backward",
        SCHEMA_REGISTRY_HEAP_OPTS: heapOptions(namespace.shape(serverName).resources.limits.memory),
        ...kafkaStore(kafka),
      },
      mounts: kafka.clientMounts(),
    };
  }
}

function kafkaStore({ brokers, clientSecret }: Kafka): Env {
  const { security, caCertificate } = brokers;
  const prefix = "SCHEMA_REGISTRY_KAFKASTORE";
  const sasl = "mechanism" in security ? security : undefined;
  return {
    [`${prefix}_SECURITY_PROTOCOL`]: security.protocol,
    [`${prefix}_SASL_MECHANISM`]: sasl?.mechanism,
    [`${prefix}_SASL_JAAS_CONFIG`]: sasl && clientSecret?.key("jaas"),
    [`${prefix}_SSL_TRUSTSTORE_TYPE`]: caCertificate && "PEM",
    [`${prefix}_SSL_TRUSTSTORE_LOCATION`]: caCertificate && caPath,
  };
}
