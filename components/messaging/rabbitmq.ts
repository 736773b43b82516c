import type * as pulumi from "@pulumi/pulumi";
import { Component } from "../site/component.ts";
import { existingServer, type ServerEndpoint } from "../connections/destinations.ts";
import { RotatingPassword } from "../secrets/rotating-password.ts";
import { ExistingSecret, SecretObject, type SecretSource } from "../workload/config-objects.ts";
import { hostService } from "../workload/stateful-workload.ts";
import { inClusterRabbitMq } from "./in-cluster-rabbitmq.ts";
import type { RabbitMqArgs } from "./rabbitmq-args.ts";

const amqp = 5672;

/**
 * RabbitMQ of any kind: a StatefulSet, or a broker that exists already. Both have the same properties, so that a system need not
 * know which kind it uses. In a broker that exists already nothing is made: user and virtual hosts must be there.
 *
 * @throws {Error} if the broker exists already and its password is not given
 */
export class RabbitMq extends Component {
  /** The broker, for `connectsTo` of clients. */
  readonly endpoint: ServerEndpoint;
  /** Secret with `user`, `password`, `host` and `port`. */
  readonly secret: SecretSource;
  /** Generated password of the user, for operators; undefined for one from the settings. Secret. */
  readonly password: pulumi.Output<string> | undefined;

  constructor(name: string, args: RabbitMqArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:messaging:RabbitMq", name, { vhosts: args.vhosts }, args, opts);
    const { setting, serverName } = args;
    if (setting.kind === "existing") {
      const { host, port, user, where } = setting;
      const { existingPassword: password, existingSecret } = args;
      if (password === undefined && existingSecret === undefined)
        throw new Error(`${name}: an existing broker needs its password`);
      this.secret = this.connection(name, args, { user, password, host, port: String(port) });
      this.endpoint = existingServer(serverName, [port], where, args.namespace);
    } else {
      const { passwordVersion: version } = setting;
      const password = new RotatingPassword(
        `${name}-password`,
        { version, taken: args.existingPassword },
        { parent: this },
      );
      this.password = password.current;
      const { user } = args;
      const values = {
        user,
        password: password.current,
        host: hostService(args.namespace, serverName),
        port: String(amqp),
      };
      this.secret = this.connection(name, args, values);
      this.endpoint = inClusterRabbitMq(name, { ...args, setting }, password, this);
    }
    this.registerOutputs({});
  }

  private connection(
    name: string,
    args: RabbitMqArgs,
    values: Record<"user" | "password" | "host" | "port", pulumi.Input<string> | undefined>,
  ): SecretSource {
    if (args.existingSecret !== undefined) return new ExistingSecret(args.existingSecret);
    return new SecretObject(
      `${name}-connection`,
      { ...args, objectName: args.serverName, values: { ...values, ...args.secretValues } },
      { parent: this },
    );
  }
}
