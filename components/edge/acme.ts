/**
 * The ACME server that issues certificates, and the name of cert-manager's ClusterIssuer for it.
 *
 * Each server has a ClusterIssuer and an account key of its own. A change of the server then changes the issuer's name,
 * on which cert-manager issues every certificate anew (its policy `IncorrectIssuer`); and servers do not know each
 * other's accounts.
 */

/** An ACME server, and the ClusterIssuer that stands for it. */
export interface AcmeIssuer {
  /** `metadata.name` of the ClusterIssuer; the Secret of its account key is named after it. */
  readonly name: string;
  /** Address of the server's directory: `https://acme-v02.api.letsencrypt.org/directory`. */
  readonly directory: string;
}

const letsEncrypt: Readonly<Record<string, AcmeIssuer>> = {
  production: { name: "letsencrypt-prod", directory: "https://acme-v02.api.letsencrypt.org/directory" },
  staging: { name: "letsencrypt-staging", directory: "https://acme-staging-v02.api.letsencrypt.org/directory" },
};

/** Name of the ClusterIssuer of a stack whose outputs do not say it, as those of older versions of this program do not. */
export const defaultIssuer = "letsencrypt-prod";

/**
 * The issuer for a value of the setting `acmeServer`. Pure.
 *
 * @param server `production` or `staging` of Let's Encrypt, or the `https` address of another server's directory
 */
export function acmeIssuer(server: string): AcmeIssuer {
  const address = server.replace(/^https:\/\//, "").toLowerCase();
  const name = address.replaceAll(/[^a-z0-9]+/g, "-").replaceAll(/^-|-$/g, "");
  return letsEncrypt[server] ?? { name: `acme-${name}`, directory: server };
}
