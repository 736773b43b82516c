/** Caracal's keys and certificates: the gateway's, its clients', and the keys that sign tokens and the ledger. */
import type * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, type Certificate } from "../../components/secrets/certificate-authority.ts";
import { SigningKey } from "../../components/secrets/signing-key.ts";
import type { Values } from "../../components/workload/config-objects.ts";
import type { Secrets } from "../../settings/secrets.ts";
import type { CaracalSecrets, CaracalSetting } from "./settings.ts";

/** All keys and certificates, by where they go. */
export interface Keys {
  /** Content of Secret `caracal-tls`; nothing where somebody else keeps that. */
  readonly tls: Values;
  /** Content of Secret `caracal-merkle-keys`; nothing where somebody else keeps that. */
  readonly merkle: Values;
  /** When the gateway's certificate expires (RFC 3339); undefined for a certificate from the secrets. */
  readonly serverEndsAt: pulumi.Output<string> | undefined;
  /** Certificates and public keys for clients and auditors, for the stack's outputs. */
  readonly public: Record<string, pulumi.Input<string> | undefined>;
  /** Private keys of clients and of whoever issues tokens, for operators; secret. */
  readonly private: Record<string, pulumi.Output<string> | undefined>;
}

/**
 * Makes the keys and certificates that neither the secrets of the stack nor Secrets of others give.
 *
 * @throws {Error} if certificates are to be given and are not
 */
export function createKeys(
  name: string,
  settings: CaracalSetting,
  secrets: Secrets<CaracalSecrets>,
  { production, gatewayNames }: { production: boolean; gatewayNames: readonly string[] },
  parent: pulumi.Resource,
): Keys {
  const own = { parent };
  const { "caracal-tls": theirTls, "caracal-merkle-keys": theirMerkle } = settings.existingSecrets;
  const tls =
    theirTls === undefined ? gatewayKeys(name, settings, secrets, { production, gatewayNames }, own) : undefined;
  const merkle =
    theirMerkle === undefined
      ? new SigningKey(`${name}-merkle`, { kind: "P-256", production, taken: secrets.merkleSigningKey }, own)
      : undefined;
  return {
    tls: tls?.values ?? {},
    merkle: { "merkle_signing_key.pem": merkle?.privateKey },
    serverEndsAt: tls?.serverEndsAt,
    public: {
      caCertificate: tls?.values["ca.crt"],
      clientCertificate: tls?.client?.certificate,
      jwtPublicKey: tls?.values["jwt_public.pem"],
      merklePublicKey: merkle?.publicKey,
    },
    private: { "jwt-private-key": tls?.jwtPrivateKey, "client-key": tls?.client?.key },
  };
}

/** What the gateway mounts: its certificate, the authority of its clients, and the key that verifies tokens. */
function gatewayKeys(
  name: string,
  settings: CaracalSetting,
  secrets: Secrets<CaracalSecrets>,
  made: { production: boolean; gatewayNames: readonly string[] },
  own: pulumi.ComponentResourceOptions,
) {
  const { server, authority, client } = gatewayIdentity(name, settings, secrets, made, own);
  const jwt =
    settings.jwtPublicKey === undefined
      ? new SigningKey(
          `${name}-jwt`,
          { kind: "RSA-4096", production: made.production, taken: secrets.jwtPrivateKey },
          own,
        )
      : undefined;
  const jwtPublicKey = settings.jwtPublicKey ?? jwt?.publicKey;
  if (jwtPublicKey === undefined) throw new Error(`${name}: the key of tokens is neither given nor made`);
  return {
    values: {
      "server.crt": server.certificate,
      "server.key": server.key,
      "ca.crt": authority,
      "jwt_public.pem": jwtPublicKey,
    },
    ...{ serverEndsAt: server.endsAt, client, jwtPrivateKey: jwt?.privateKey },
  };
}

interface Identity {
  readonly server: Omit<Certificate, "endsAt"> & { readonly endsAt: pulumi.Output<string> | undefined };
  readonly authority: pulumi.Output<string>;
  /** Certificate and key of one client, to try the gateway with; undefined if the certificates are given. */
  readonly client: Certificate | undefined;
}

function gatewayIdentity(
  name: string,
  { certificates }: CaracalSetting,
  { certificates: files, authority: taken }: Secrets<CaracalSecrets>,
  { production, gatewayNames }: { production: boolean; gatewayNames: readonly string[] },
  own: pulumi.ComponentResourceOptions,
): Identity {
  if (certificates.kind === "given") {
    if (files === undefined) throw new Error(`${name}: the certificates are missing`);
    const server = { certificate: files.server, key: files.serverKey, endsAt: undefined };
    return { server, authority: files.authority, client: undefined };
  }
  const { authorityDays, serverDays, clientDays, furtherNames } = certificates;
  const authority = new CertificateAuthority(
    `${name}-ca`,
    { commonName: "caracal-ca", days: authorityDays, production, taken },
    own,
  );
  return {
    server: authority.server(`${name}-ca-gateway`, {
      commonName: "caracal-gateway",
      dnsNames: [...gatewayNames, ...furtherNames],
      days: serverDays,
    }),
    authority: authority.certificate,
    client: authority.client(`${name}-ca-client`, { commonName: "caracal-client", days: clientDays }),
  };
}
