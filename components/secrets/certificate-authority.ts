import * as tls from "@pulumi/tls";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** A certificate and its key, PEM both. */
export interface Certificate {
  readonly certificate: pulumi.Output<string>;
  /** Secret. */
  readonly key: pulumi.Output<string>;
  /** When it ends, RFC 3339. */
  readonly endsAt: pulumi.Output<string>;
}

export interface CertificateAuthorityArgs extends ComponentArgs {
  readonly commonName: string;
  readonly days: number;
  /** Protects the authority's key: with another one, every client must be told. */
  readonly production: boolean;
}

const rsaBits = 4096;
const hoursPerDay = 24;
/** A certificate is renewed by the first update in its last thirty days. */
export const renewalDays = 30;

/**
 * A private certificate authority, and certificates that it signs for servers and clients: RSA 4096 throughout.
 *
 * Everything is renewed by the first update within thirty days of its end. A renewed authority keeps its key, so that
 * certificates of either verify. The authority's key is in Pulumi's state, as a secret, and nowhere else.
 */
export class CertificateAuthority extends Component {
  /** PEM; what clients trust. */
  readonly certificate: pulumi.Output<string>;
  readonly #key: tls.PrivateKey;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:secrets:CertificateAuthority", name, { commonName: args.commonName }, args, opts);
    this.#key = new tls.PrivateKey(
      `${name}-key`,
      { algorithm: "RSA", rsaBits },
      { parent: this, protect: args.production, retainOnDelete: args.production },
    );
    this.certificate = new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: this.#key.privateKeyPem,
        isCaCertificate: true,
        subject: { commonName: args.commonName },
        allowedUses: ["cert_signing", "crl_signing"],
        ...validity(args.days),
      },
      { parent: this },
    ).certPem;
    this.registerOutputs({});
  }

  /** A certificate for a server, valid for these names. */
  server(name: string, args: { commonName: string; dnsNames: readonly string[]; days: number }): Certificate {
    return this.issue(name, { ...args, allowedUses: ["digital_signature", "key_encipherment", "server_auth"] });
  }

  /** A certificate that a client proves itself with. */
  client(name: string, args: { commonName: string; days: number }): Certificate {
    return this.issue(name, { ...args, dnsNames: [], allowedUses: ["digital_signature", "client_auth"] });
  }

  private issue(
    name: string,
    args: { commonName: string; dnsNames: readonly string[]; days: number; allowedUses: string[] },
  ): Certificate {
    const key = new tls.PrivateKey(`${name}-key`, { algorithm: "RSA", rsaBits }, { parent: this });
    const request = new tls.CertRequest(
      `${name}-request`,
      {
        privateKeyPem: key.privateKeyPem,
        dnsNames: [...args.dnsNames],
        subject: { commonName: args.commonName },
      },
      { parent: this },
    );
    const certificate = new tls.LocallySignedCert(
      name,
      {
        caPrivateKeyPem: this.#key.privateKeyPem,
        caCertPem: this.certificate,
        certRequestPem: request.certRequestPem,
        allowedUses: args.allowedUses,
        ...validity(args.days),
      },
      { parent: this },
    );
    return {
      certificate: certificate.certPem,
      key: pulumi.secret(key.privateKeyPem),
      endsAt: certificate.validityEndTime,
    };
  }
}

function validity(days: number) {
  return { validityPeriodHours: days * hoursPerDay, earlyRenewalHours: renewalDays * hoursPerDay };
}
