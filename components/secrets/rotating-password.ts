import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** Bytes of a generated password; 64 characters as hexadecimal, which is safe in every URL. */
const passwordBytes = 32;

/**
 * A generated password with its past. Raising `version` adds a new one; the earlier ones stay known, because a server
 * that still has one of them must be logged in to before it can be given the new.
 */
export class RotatingPassword extends Component {
  /** 64 lower-case hexadecimal characters; secret. */
  readonly current: pulumi.Output<string>;
  /** Every password so far, newest first; secret. */
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
