import * as tls from "@pulumi/tls";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

export interface SigningKeyArgs extends ComponentArgs {
  /** `P-256` for signatures over elliptic curves, `RSA-4096` for tokens. */
  readonly kind: "P-256" | "RSA-4096";
  readonly production: boolean;
}

/**
 * A key whose signatures outlive it: what it signed verifies with its public half alone. It is made once and never
 * replaced; in production it is protected, and stays in state when its resource goes.
 */
export class SigningKey extends Component {
  /** PEM, SEC 1 for elliptic curves and PKCS#1 for RSA; secret. */
  readonly privateKey: pulumi.Output<string>;
  /** PEM (PKIX). */
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
