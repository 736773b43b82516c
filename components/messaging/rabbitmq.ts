import { storageClasses } from "../../catalogue/doks.ts";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { RabbitMqSetting } from "../../settings/slices/data-services.ts";
import type { Endpoint } from "../connections/destinations.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import type { Mount } from "../workload/pod.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { StatefulWorkload } from "../workload/stateful-workload.ts";
import { brokerConfig, brokerDefinitions, passwordHash } from "./definitions.ts";

export interface RabbitMqArgs extends Place, ComponentArgs {
  readonly setting: RabbitMqSetting;
  /** Name of the StatefulSet, its Service and the Secret that clients use. */
  readonly serverName: string;
  readonly user: string;
  readonly vhosts: readonly string[];
  /** What the Secret holds beside `user`, `password`, `host` and `port`. @default nothing */
  readonly secretValues?: Record<string, string>;
}

const amqp = 5672;
const folder = "/etc/rabbitmq/conf.d";

/**
 * RabbitMQ as a StatefulSet of one. Users and virtual hosts come from definitions that hold the password's salted hash;
 * they are imported at every start, so the program is their only writer, and a new password restarts the broker.
 *
 * Durable queues survive a restart with the claim. The management port is in the Service and open to nobody.
 */
export class RabbitMq extends Component {
  /** AMQP; the management port is not part of it. */
  readonly endpoint: Endpoint;
  readonly secret: SecretObject;
  /** For operators; secret. */
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
    // Kept in state: a fresh salt at each run would be a change, and a restart, at each run.
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
    // Single files: the image keeps its own defaults in the same folder.
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
