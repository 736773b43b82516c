/**
 * The ACME server that certificates come from, as cert-manager's ClusterIssuer.
 *
 * Each server has an issuer and an account key of its own: cert-manager issues a certificate anew when its issuer's name
 * changes (its policy `IncorrectIssuer`), and an account of one server is unknown to the others.
 */

export interface AcmeIssuer {
  /** `metadata.name` of the ClusterIssuer. */
  readonly name: string;
  /** The server's directory. */
  readonly directory: string;
}

const letsEncrypt: Readonly<Record<string, AcmeIssuer>> = {
  production: { name: "letsencrypt-prod", directory: "https://acme-v02.api.letsencrypt.org/directory" },
  staging: { name: "letsencrypt-staging", directory: "https://acme-staging-v02.api.letsencrypt.org/directory" },
};

/** The issuer of a stack that says nothing else. */
export const usualIssuer = "letsencrypt-prod";

/**
 * What the setting means. Pure.
 *
 * @param server `production`, `staging`, or a directory's address
 */
export function acmeIssuer(server: string): AcmeIssuer {
  const address = server.replace(/^https:\/\//, "").toLowerCase();
  const name = address.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return letsEncrypt[server] ?? { name: `acme-${name}`, directory: server };
}
