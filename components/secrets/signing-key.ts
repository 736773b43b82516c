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
}

/**
 * A key pair for signatures that must stay verifiable for years. It is made once and never replaced, because a new pair
 * could not verify old signatures; in production it is protected.
 */
export class SigningKey extends Component {
  /** The private key in PEM, SEC 1 for P-256 and PKCS#1 for RSA; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** The public key in PEM (PKIX); all that is needed to verify a signature. */
  readonly publicKey: pulumi.Output<string>;

  constructor(name: string, args: SigningKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:secrets:SigningKey", name, { kind: args.kind }, args, opts);
    const key = new tls.PrivateKey(
      name,
      args.kind === "P-256" ? { algorithm: "ECDSA", ecdsaCurve: "P256" } : { algorithm: "RSA", rsaBits: 4096 },
      {
        parent: this,
        protect: args.production,
        retainOnDelete: args.production,
        ignoreChanges: ["algorithm", "ecdsaCurve", "rsaBits"],
      },
    );
    this.privateKey = pulumi.secret(key.privateKeyPem);
    this.publicKey = key.publicKeyPem;
    this.registerOutputs({});
  }
}
