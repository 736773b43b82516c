/** Kubeconfigs that do not expire. Pure. */
import { stringify } from "yaml";

export interface ClusterAddress {
  readonly name: string;
  readonly endpoint: string;
  /** Base64, as DigitalOcean gives it. */
  readonly caCertificate: string;
}

/**
 * A kubeconfig for the program: DigitalOcean's API token is valid at the cluster itself, while the credential that comes
 * with a cluster dies after seven days.
 */
export function tokenKubeconfig(cluster: ClusterAddress, token: string): string {
  return kubeconfig(cluster, { token });
}

/** A kubeconfig for people: holds no credential, `doctl` fetches one at each use. */
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
