import { createPublicKey } from "node:crypto";
import * as tls from "@pulumi/tls";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** Arguments of `SigningKey`. */
export interface SigningKeyArgs extends ComponentArgs {
  /**
   * Algorithm: `P-256` for ECDSA signatures, `RSA-4096` for JSON web tokens. A change is ignored: the key is never
   * replaced.
   */
  readonly kind: "P-256" | "RSA-4096";
  /** Protects the key against deletion, and retains it. */
  readonly production: boolean;
  /**
   * The private key (PEM) that something running signs with already. It is known only as long as it is given: taken away, a new
   * pair is made. @default - a pair is made
   */
  readonly taken?: pulumi.Output<string> | undefined;
}

/**
 * A key pair for signatures that must stay verifiable for years. It is made once and never replaced, because a new pair
 * could not verify old signatures; in production it is protected.
 */
export class SigningKey extends Component {
  /** The private key in PEM, SEC 1 for P-256 and PKCS#1 for RSA unless it was taken over; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** The public key in PEM (PKIX); all that is needed to verify a signature. */
  readonly publicKey: pulumi.Output<string>;

  constructor(name: string, args: SigningKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    const { kind, taken } = args;
    const shown = taken === undefined ? { kind } : { kind, taken: true };
    super("doks-systems:secrets:SigningKey", name, shown, args, opts);
    if (taken === undefined) {
      const key = this.make(name, args);
      this.privateKey = pulumi.secret(key.privateKeyPem);
      this.publicKey = key.publicKeyPem;
    } else {
      this.privateKey = pulumi.secret(taken);
      this.publicKey = pulumi.unsecret(taken.apply(publicHalf));
    }
    this.registerOutputs({});
  }

  private make(name: string, { kind, production }: SigningKeyArgs): tls.PrivateKey {
    return new tls.PrivateKey(
      name,
      kind === "P-256" ? { algorithm: "ECDSA", ecdsaCurve: "P256" } : { algorithm: "RSA", rsaBits: 4096 },
      {
        parent: this,
        protect: production,
        retainOnDelete: production,
        ignoreChanges: ["algorithm", "ecdsaCurve", "rsaBits"],
      },
    );
  }
}

/** The public key of a private one, both in PEM. A preview without an engine has a placeholder in place of a secret. */
function publicHalf(privateKey: string): string {
  if (!pulumi.runtime.hasEngine() && !privateKey.startsWith("-----BEGIN")) return `public half of ${privateKey}`;
  return createPublicKey(privateKey).export({ type: "spki", format: "pem" }).toString();
}
