/**
 * Which changes replace a resource instead of updating it, for the kinds that the program makes. Sources:
 * pulumi-kubernetes 4.34 (`provider/pkg/provider/diff.go`), pulumi-digitalocean 4.80 (`willReplaceOnChanges`),
 * pulumi-random 4.21, pulumi-tls 5.6.
 */
import { kindOf } from "../../graph/resource.ts";
import type { Resource } from "../../graph/resource.ts";

/** Paths into a resource's inputs; changes anywhere below them count too. */
type Paths = readonly string[];

/** For every Kubernetes object. */
const everyObject: Paths = ["metadata.name", "metadata.namespace"];
const kubernetes: Readonly<Record<string, Paths>> = {
  StatefulSet: [
    ...["podManagementPolicy", "revisionHistoryLimit", "selector", "serviceName", "volumeClaimTemplates"].map(inSpec),
  ],
  Deployment: ["spec.selector"],
  DaemonSet: ["spec.selector"],
  Job: ["completions", "parallelism", "selector", "template"].map(inSpec),
  PersistentVolumeClaim: ["accessModes", "selector", "storageClassName", "volumeName"].map(inSpec),
  Service: ["spec.clusterIP"],
  Secret: ["type"],
  RoleBinding: ["roleRef"],
  ClusterRoleBinding: ["roleRef"],
  StorageClass: ["parameters", "provisioner"],
  // Helm itself cannot rename a release or move it to another namespace.
  Release: ["name", "namespace"],
};
const digitalocean: Readonly<Record<string, Paths>> = {
  KubernetesCluster: ["region", "vpcUuid", "workerSubnetUuid", "clusterSubnet", "serviceSubnet", "nodePool.size"],
  KubernetesNodePool: ["clusterId", "size"],
  Vpc: ["region", "ipRange"],
  DatabaseCluster: ["engine", "name", "privateNetworkUuid", "projectId"],
  DatabaseDb: ["clusterId", "name"],
  DatabaseUser: ["clusterId", "name"],
  DatabaseFirewall: ["clusterId"],
  DatabaseConnectionPool: ["clusterId", "dbName", "mode", "size", "name", "user"],
  ContainerRegistry: ["name", "region"],
  ContainerRegistryDockerCredentials: ["registryName"],
  SpacesBucket: ["region", "name"],
  SpacesBucketPolicy: ["bucket", "region"],
  Domain: ["name", "ipAddress"],
  DnsRecord: ["domain", "type"],
  ProjectResources: ["project"],
};
/** Providers that replace a resource on a change of any input. */
const alwaysReplacing: ReadonlySet<string> = new Set(["random", "tls"]);

/** Those of the changed paths that replace the resource; empty if the provider updates it. */
export function replacing({ type, replaceOnChanges }: Resource, changed: readonly string[]): string[] {
  const [provider = ""] = type.split(":");
  if (alwaysReplacing.has(provider)) return [...changed];
  const kind = kindOf({ type });
  // Another cluster, and with it every object.
  if (provider === "pulumi") return changed.filter((path) => path === "clusterIdentifier");
  const own = provider === "kubernetes" ? [...everyObject, ...(kubernetes[kind] ?? [])] : (digitalocean[kind] ?? []);
  const paths = [...own, ...replaceOnChanges];
  return changed.filter((path) =>
    paths.some((one) => path === one || path.startsWith(`${one}.`) || path.startsWith(`${one}[`)),
  );
}

function inSpec(field: string): string {
  return `spec.${field}`;
}
