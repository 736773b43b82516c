/** Caracal's keys and certificates: the gateway's, its clients', and the keys that sign tokens and the ledger. */
import type * as pulumi from "@pulumi/pulumi";
import { CertificateAuthority, type Certificate } from "../../components/secrets/certificate-authority.ts";
import { SigningKey } from "../../components/secrets/signing-key.ts";
import type { Secrets } from "../../settings/secrets.ts";
import type { CaracalSecrets, CaracalSetting } from "./settings.ts";

/** All keys and certificates, by where they go. */
export interface Keys {
  /** Content of Secret `caracal-tls`. */
  readonly tls: Record<"server.crt" | "server.key" | "ca.crt" | "jwt_public.pem", pulumi.Input<string>>;
  /** Content of Secret `caracal-merkle-keys`. */
  readonly merkle: Record<"merkle_signing_key.pem", pulumi.Output<string>>;
  /** When the gateway's certificate expires (RFC 3339); undefined for a certificate from the secrets. */
  readonly serverEndsAt: pulumi.Output<string> | undefined;
  /** Certificates and public keys for clients and auditors, for the stack's outputs. */
  readonly public: Record<string, pulumi.Input<string> | undefined>;
  /** Private keys of clients and of whoever issues tokens, for operators; secret. */
  readonly private: Record<string, pulumi.Output<string> | undefined>;
}

/**
 * Makes the keys and certificates that the secrets do not give.
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
  const identity = gatewayIdentity(name, settings, secrets, { production, gatewayNames }, own);
  const jwt =
    settings.jwtPublicKey === undefined
      ? new SigningKey(`${name}-jwt`, { kind: "RSA-4096", production }, own)
      : undefined;
  const merkle =
    secrets.merkleSigningKey === undefined
      ? new SigningKey(`${name}-merkle`, { kind: "P-256", production }, own)
      : undefined;
  const merkleKey = secrets.merkleSigningKey ?? merkle?.privateKey;
  const jwtPublicKey = settings.jwtPublicKey ?? jwt?.publicKey;
  if (merkleKey === undefined || jwtPublicKey === undefined)
    throw new Error(`${name}: a key is neither given nor made`);
  const { server, authority, client } = identity;
  return {
    tls: {
      "server.crt": server.certificate,
      "server.key": server.key,
      "ca.crt": authority,
      "jwt_public.pem": jwtPublicKey,
    },
    merkle: { "merkle_signing_key.pem": merkleKey },
    serverEndsAt: server.endsAt,
    public: {
      caCertificate: authority,
      clientCertificate: client?.certificate,
      jwtPublicKey,
      merklePublicKey: merkle?.publicKey,
    },
    private: { "jwt-private-key": jwt?.privateKey, "client-key": client?.key },
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
  { certificates: files }: Secrets<CaracalSecrets>,
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
    { commonName: "caracal-ca", days: authorityDays, production },
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
