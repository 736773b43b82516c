import * as random from "@pulumi/random";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** Random bytes of a password. Written as 64 hexadecimal characters, which need no escaping in a URL. */
const passwordBytes = 32;

/** Arguments of `RotatingPassword`. */
export interface RotatingPasswordArgs extends ComponentArgs {
  /** Which password is in use, from 1 on. */
  readonly version: number;
  /**
   * The password that a running server has already, of any characters but line breaks: version 1. It stays in the history, so
   * that version 2 can be set with it. It is known only as long as it is given: taken away while the version is 1, another one is
   * generated that the server does not know. @default - version 1 is generated as well
   */
  readonly taken?: pulumi.Output<string> | undefined;
}

/**
 * A generated password and all of its predecessors. Raising `version` generates a new password. The earlier ones are kept,
 * because whoever sets the new one on a server must first log in to it with an old one.
 */
export class RotatingPassword extends Component {
  /** The password of the current version: 64 lower-case hexadecimal characters unless it was taken over; secret. */
  readonly current: pulumi.Output<string>;
  /** Passwords of all versions, newest first, the current one included; secret. */
  readonly history: pulumi.Output<string>[];

  constructor(name: string, args: RotatingPasswordArgs, opts?: pulumi.ComponentResourceOptions) {
    const { version, taken } = args;
    // Whether it is taken over, not what: the review warns when that changes.
    const shown = taken === undefined ? { version } : { version, taken: true };
    super("doks-systems:secrets:RotatingPassword", name, shown, args, opts);
    const password = (which: number) =>
      which === 1 && taken !== undefined
        ? pulumi.secret(taken)
        : pulumi.secret(new random.RandomBytes(`${name}-${which}`, { length: passwordBytes }, { parent: this }).hex);
    this.current = password(version);
    const earlier = Array.from({ length: version - 1 }, (_, i) => password(version - 1 - i));
    this.history = [this.current, ...earlier];
    this.registerOutputs({});
  }
}
