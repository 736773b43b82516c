import { storageClasses } from "../../catalogue/doks.ts";
import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import type { RabbitMqSetting } from "../../settings/slices/data-shapes/brokers.ts";
import type { Endpoint } from "../connections/destinations.ts";
import type { RotatingPassword } from "../secrets/rotating-password.ts";
import { ConfigObject, SecretObject } from "../workload/config-objects.ts";
import type { Mount } from "../workload/volumes.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { StatefulWorkload } from "../workload/stateful-workload.ts";
import { brokerConfig, brokerDefinitions, passwordHash } from "./definitions.ts";
import type { RabbitMqArgs } from "./rabbitmq-args.ts";

type Args = RabbitMqArgs & { readonly setting: Extract<RabbitMqSetting, { kind: "in-cluster" }> };

const amqp = 5672;
const folder = "/etc/rabbitmq/conf.d";

/**
 * RabbitMQ as a StatefulSet of one pod. It imports its user, with a salted hash of the password, and its virtual hosts from a
 * file at every start, so a new password restarts the broker.
 *
 * Durable queues are in the claim and survive a restart. The Service has the management port too, but NetworkPolicies let nobody
 * connect to it; `kubectl port-forward` reaches it.
 *
 * @returns the AMQP port, for `connectsTo` of clients; the management port is not part of it
 */
export function inClusterRabbitMq(
  name: string,
  args: Args,
  password: RotatingPassword,
  parent: pulumi.Resource,
): Endpoint {
  const set = statefulSet(name, args, definitionsSecret(name, args, password, parent), parent);
  return { ...set.endpoint, ports: [amqp] };
}

function definitionsSecret(
  name: string,
  args: Args,
  password: RotatingPassword,
  parent: pulumi.Resource,
): SecretObject {
  // A resource, so that the salt stays the same: a new one at each update would restart the broker each time.
  const salt = new random.RandomBytes(`${name}-salt`, { length: 4 }, { parent });
  const json = pulumi.all([password.current, salt.base64]).apply(([plain, bytes]) => {
    const hash = passwordHash(plain, Buffer.from(bytes, "base64"));
    return JSON.stringify(brokerDefinitions(args.user, hash, args.vhosts), null, 2);
  });
  const objectName = `${args.serverName}-definitions`;
  return new SecretObject(
    `${name}-definitions`,
    { ...args, objectName, values: { "definitions.json": json } },
    { parent },
  );
}

function statefulSet(name: string, args: Args, definitions: SecretObject, parent: pulumi.Resource): StatefulWorkload {
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
    { parent },
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
      pod: { containers: [container(args, config, definitions)] },
    },
    { parent },
  );
}

function container(args: Args, config: ConfigObject, definitions: SecretObject): OwnedContainer {
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
