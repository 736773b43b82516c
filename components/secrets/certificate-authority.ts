import * as tls from "@pulumi/tls";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";

/** A certificate that an authority signed, and its private key. */
export interface Certificate {
  /** The certificate in PEM, without the authority's. */
  readonly certificate: pulumi.Output<string>;
  /** The private key in PEM (PKCS#1); secret. */
  readonly key: pulumi.Output<string>;
  /** Time at which the certificate expires, RFC 3339: `2027-01-31T12:00:00Z`. */
  readonly endsAt: pulumi.Output<string>;
}

/** Arguments of `CertificateAuthority`. */
export interface CertificateAuthorityArgs extends ComponentArgs {
  /** Subject of the authority's certificate, `caracal-ca`; clients see it as the issuer. */
  readonly commonName: string;
  /** Days that the authority's certificate is valid; it is renewed within its last thirty. */
  readonly days: number;
  /**
   * Protects and retains the authority's key: after a loss of the key every client must be given a new certificate to
   * trust.
   */
  readonly production: boolean;
  /**
   * Certificate and private key (PEM) of an authority that clients trust already. It signs what is made here, and is renewed by
   * whoever gave it. @default - an authority is made
   */
  readonly taken?: { readonly certificate: pulumi.Output<string>; readonly key: pulumi.Output<string> } | undefined;
}

const rsaBits = 4096;
const hoursPerDay = 24;
/** Days before its expiry from which on an update renews a certificate. */
export const renewalDays = 30;

/**
 * A private certificate authority, and certificates that it signs for servers and clients; all keys are RSA 4096.
 *
 * The first `pulumi up` within thirty days of a certificate's expiry renews it. A renewed authority keeps its key, so that
 * certificates it signed before and after verify alike. That key is in Pulumi's state, as a secret, and nowhere else.
 */
export class CertificateAuthority extends Component {
  /** The authority's certificate in PEM, for clients to trust. */
  readonly certificate: pulumi.Output<string>;
  readonly #key: pulumi.Output<string>;

  constructor(name: string, args: CertificateAuthorityArgs, opts?: pulumi.ComponentResourceOptions) {
    const { commonName, taken } = args;
    const shown = taken === undefined ? { commonName } : { commonName, taken: true };
    super("doks-systems:secrets:CertificateAuthority", name, shown, args, opts);
    if (taken === undefined) {
      this.#key = this.makeKey(name, args);
      this.certificate = this.makeCertificate(name, args);
    } else {
      this.#key = pulumi.secret(taken.key);
      this.certificate = pulumi.unsecret(taken.certificate);
    }
    this.registerOutputs({});
  }

  private makeKey(name: string, { production }: CertificateAuthorityArgs): pulumi.Output<string> {
    return new tls.PrivateKey(
      `${name}-key`,
      { algorithm: "RSA", rsaBits },
      { parent: this, protect: production, retainOnDelete: production },
    ).privateKeyPem;
  }

  private makeCertificate(name: string, { commonName, days }: CertificateAuthorityArgs): pulumi.Output<string> {
    return new tls.SelfSignedCert(
      name,
      {
        privateKeyPem: this.#key,
        isCaCertificate: true,
        subject: { commonName },
        allowedUses: ["cert_signing", "crl_signing"],
        ...validity(days),
      },
      { parent: this },
    ).certPem;
  }

  /** A certificate that a server presents. */
  server(
    name: string,
    args: {
      /** Subject of the certificate; clients verify `dnsNames` instead. */
      commonName: string;
      /** DNS names that clients connect to; a connection by any other name fails verification. */
      dnsNames: readonly string[];
      /** Days that the certificate is valid. */
      days: number;
    },
  ): Certificate {
    return this.issue(name, { ...args, allowedUses: ["digital_signature", "key_encipherment", "server_auth"] });
  }

  /** A certificate with which a client authenticates itself (mutual TLS). */
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
        caPrivateKeyPem: this.#key,
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
