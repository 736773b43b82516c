import { storageClasses } from "../../catalogue/doks.ts";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { RabbitMqSetting } from "../../settings/slices/data-services.ts";
import type { Endpoint } from "../connections/destinations.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Mount } from "../workload/volumes.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { StatefulWorkload } from "../workload/stateful-workload.ts";
import { brokerConfig, brokerDefinitions, passwordHash } from "./definitions.ts";

/** Arguments of `RabbitMq`. */
export interface RabbitMqArgs extends Place, ComponentArgs {
  /** Size of the volume, lines of rabbitmq.conf and version of the password: `rabbitmq` in the system's settings. */
  readonly setting: RabbitMqSetting;
  /** `metadata.name` of the StatefulSet, its Service and the Secret that clients read. */
  readonly serverName: string;
  /** User that all clients log in as; an administrator with every permission on each virtual host. */
  readonly user: string;
  /** Names of the virtual hosts to make. One that is taken away here is not deleted in the broker. */
  readonly vhosts: readonly string[];
  /** Content of the Secret beside `user`, `password`, `host` and `port`, by key. @default - nothing */
  readonly secretValues?: Record<string, string>;
}

const amqp = 5672;
const folder = "/etc/rabbitmq/conf.d";

/**
 * RabbitMQ as a StatefulSet of one pod. It imports its user, with a salted hash of the password, and its virtual hosts from a
 * file at every start, so a new password restarts the broker.
 *
 * Durable queues are in the claim and survive a restart. The Service has the management port too, but NetworkPolicies let nobody
 * connect to it; `kubectl port-forward` reaches it.
 */
export class RabbitMq extends Component {
  /** The AMQP port, for `connectsTo` of clients; the management port is not part of it. */
  readonly endpoint: Endpoint;
  /** Secret with `user`, `password`, `host` and `port`, named like the StatefulSet. */
  readonly secret: SecretObject;
  /** Password of the user, for operators; secret. */
  readonly password: pulumi.Output<string>;

  constructor(name: string, args: RabbitMqArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:messaging:RabbitMq", name, { vhosts: args.vhosts }, args, opts);
    const password = new RotatingPassword(
      `${name}-password`,
      { version: args.setting.passwordVersion },
      { parent: this },
    );
    this.password = password.current;
    this.secret = new SecretObject(
      `${name}-connection`,
      {
        ...args,
        objectName: args.serverName,
        values: {
          user: args.user,
          password: password.current,
          host: args.serverName,
          port: String(amqp),
          ...args.secretValues,
        },
      },
      { parent: this },
    );
    const definitions = this.definitions(name, args, password);
    const set = this.statefulSet(name, args, definitions);
    this.endpoint = { ...set.endpoint, ports: [amqp] };
    this.registerOutputs({});
  }

  private definitions(name: string, args: RabbitMqArgs, password: RotatingPassword): SecretObject {
    // A resource, so that the salt stays the same: a new one at each update would restart the broker each time.
    const salt = new random.RandomBytes(`${name}-salt`, { length: 4 }, { parent: this });
    const json = pulumi.all([password.current, salt.base64]).apply(([plain, bytes]) => {
      const hash = passwordHash(plain, Buffer.from(bytes, "base64"));
      return JSON.stringify(brokerDefinitions(args.user, hash, args.vhosts), null, 2);
    });
    const objectName = `${args.serverName}-definitions`;
    return new SecretObject(
      `${name}-definitions`,
      { ...args, objectName, values: { "definitions.json": json } },
      { parent: this },
    );
  }

  private statefulSet(name: string, args: RabbitMqArgs, definitions: SecretObject): StatefulWorkload {
    const { site, namespace, setting, serverName } = args;
    const config = new ConfigObject(
      `${name}-config`,
      {
        site,
        namespace,
        objectName: `${serverName}-config`,
        data: {
          "load_definitions.conf": "load_definitions = /etc/rabbitmq/definitions/definitions.json\n",
          "90-doks-systems.conf": brokerConfig(namespace.shape(serverName).resources.limits.memory, setting.config),
        },
      },
      { parent: this },
    );

    return new StatefulWorkload(
      name,
      {
        site,
        namespace,
        workloadName: serverName,
        replicas: 1,
        ports: [
          { name: "amqp", port: amqp, targetPort: amqp },
          { name: "management", port: 15672, targetPort: 15672 },
        ],
        claim: {
          name: `${serverName}-data`,
          size: setting.storage,
          storageClass: site.storageClass(storageClasses.deleted),
        },
        pod: { containers: [this.container(args, config, definitions)] },
      },
      { parent: this },
    );
  }

  private container(args: RabbitMqArgs, config: ConfigObject, definitions: SecretObject): OwnedContainer {
    // Each file is mounted by itself, because a mount of the whole folder would hide the defaults that the image has in it.
    const file = (subPath: string): Mount => ({
      path: `${folder}/${subPath}`,
      subPath,
      volume: { kind: "files", name: "config", from: config },
    });
    return {
      name: "rabbitmq",
      image: args.site.images.rabbitmq,
      mounts: [
        { path: "/var/lib/rabbitmq", volume: { kind: "claim", name: `${args.serverName}-data` } },
        file("load_definitions.conf"),
        file("90-doks-systems.conf"),
        {
          path: "/etc/rabbitmq/definitions",
          volume: { kind: "files", name: "definitions", from: definitions },
        },
      ],
    };
  }
}
