import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** Random bytes of a password. Written as 64 hexadecimal characters, which need no escaping in a URL. */
const passwordBytes = 32;

/**
 * A generated password and all of its predecessors. Raising `version` generates a new password. The earlier ones are kept,
 * because whoever sets the new one on a server must first log in to it with an old one.
 */
export class RotatingPassword extends Component {
  /** The password of the current version: 64 lower-case hexadecimal characters; secret. */
  readonly current: pulumi.Output<string>;
  /** Passwords of all versions, newest first, the current one included; secret. */
  readonly history: pulumi.Output<string>[];

  constructor(name: string, args: ComponentArgs & { version: number }, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:secrets:RotatingPassword", name, { version: args.version }, args, opts);
    const password = (version: number) =>
      pulumi.secret(new random.RandomBytes(`${name}-${version}`, { length: passwordBytes }, { parent: this }).hex);
    this.current = password(args.version);
    const earlier = Array.from({ length: args.version - 1 }, (_, i) => password(args.version - 1 - i));
    this.history = [this.current, ...earlier];
    this.registerOutputs({});
  }
}
