/** Kubeconfigs for a DOKS cluster that do not expire. Pure. */
import { stringify } from "yaml";

/** Where the API server of a cluster is, and how clients verify it. */
export interface ClusterAddress {
  /** Name of the cluster, and of its context in a kubeconfig. */
  readonly name: string;
  /** Address of the API server: `https://….k8s.ondigitalocean.com`. */
  readonly endpoint: string;
  /** Certificate of the cluster's authority: PEM in Base64, as DigitalOcean's API and kubeconfigs have it. */
  readonly caCertificate: string;
}

/**
 * A kubeconfig for the program, with DigitalOcean's API token as its credential. DOKS accepts that token, and it does not
 * expire with the cluster's own credentials, which DigitalOcean issues for seven days.
 */
export function tokenKubeconfig(cluster: ClusterAddress, token: string): string {
  return kubeconfig(cluster, { token });
}

/** A kubeconfig for people. It holds no credential: `kubectl` runs `doctl` to fetch one at each use. */
export function execKubeconfig(cluster: ClusterAddress, clusterId: string): string {
  const args = ["kubernetes", "cluster", "kubeconfig", "exec-credential", "--version=v1beta1", clusterId];
  const exec = {
    apiVersion: "client.authentication.k8s.io/v1beta1",
    command: "doctl",
    args,
    interactiveMode: "IfAvailable",
  };
  return kubeconfig(cluster, { exec });
}

function kubeconfig(cluster: ClusterAddress, user: object): string {
  const { name } = cluster;
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{ name, cluster: { server: cluster.endpoint, "certificate-authority-data": cluster.caCertificate } }],
    users: [{ name, user }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    "current-context": name,
  });
}
