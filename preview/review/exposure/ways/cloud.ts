/**
 * What DigitalOcean itself lets in: managed databases, public buckets, the cluster's API server. Sources: DigitalOcean, "How
 * to Secure PostgreSQL Managed Database Clusters" (without trusted sources everybody may connect), "Spaces Bucket
 * Policies", "How to Add a Control Plane Firewall". Pure.
 */
import { label, nameOf, type Resource } from "../../../../graph/resource.ts";
import { admitsEverybody } from "../../../../policy/rules/digitalocean.ts";
import type { ClusterView } from "../cluster-view.ts";
import { linkTo, type Entry, type Front } from "../entry.ts";
import { sourcesOf, type Sources } from "../sources.ts";

/** Ways in that no object of the cluster opens. */
export function cloudEntries(view: ClusterView): Entry[] {
  return [
    ...view.of("DatabaseCluster").map((one) => databaseEntry(view, one)),
    ...view.of("SpacesBucket").flatMap((one) => bucketEntry(view, one) ?? []),
    ...view.of("KubernetesCluster").map((one) => apiServerEntry(view, one)),
  ];
}

const digitalocean: Front = {
  ...{ id: "digitalocean", kind: "digitalocean", text: "DigitalOcean", by: undefined, madeOf: [] },
};

function entry(
  view: ClusterView,
  resource: Resource,
  own: Pick<Entry, "kind" | "port" | "protocol" | "from"> & { readonly id?: string },
): Entry {
  return {
    ...{ id: label(resource), host: undefined, path: undefined, redirectsHttp: false, certificate: undefined },
    ...{ by: linkTo(resource), owner: view.ownerOf(resource), to: [linkTo(resource)] },
    ...{ dns: undefined, front: digitalocean, ...own },
  };
}

function databaseEntry(view: ClusterView, database: Resource): Entry {
  const firewalls = view.following(database.urn, "DatabaseFirewall");
  const rules = firewalls.flatMap(({ inputs }) => (inputs["rules"] ?? []) as { type?: string; value?: string }[]);
  const addresses = rules.filter(({ type }) => type === "ipAddr").map(({ value = "" }) => value);
  const known = firewalls.length > 0 && firewalls.some(({ unknown = [] }) => unknown.includes("rules"));
  const from: Sources =
    rules.length === 0 && !known
      ? { kind: "anywhere", denied: [] }
      : addresses.length > 0
        ? sourcesOf(addresses)
        : { kind: "private", text: names(rules) };
  return entry(view, database, { kind: "database", port: undefined, protocol: "TLS", from });
}

function names(rules: readonly { type?: string }[]): string {
  const words: Readonly<Record<string, string>> = {
    k8s: "the cluster",
    droplet: "a Droplet",
    app: "an app",
    tag: "a tag",
  };
  const kinds = [...new Set(rules.map(({ type = "" }) => words[type] ?? type))];
  return `only ${kinds.join(", ") || "those that its firewall names"}`;
}

/** A bucket that everybody may list; undefined for others, which need a key. */
function bucketEntry(view: ClusterView, bucket: Resource): Entry | undefined {
  const { acl } = bucket.inputs;
  const policies = view.following(bucket.urn, "SpacesBucketPolicy");
  const open =
    (typeof acl === "string" && acl.startsWith("public-")) ||
    policies.some(({ inputs }) => admitsEverybody(inputs["policy"]));
  if (!open) return undefined;
  const from: Sources = { kind: "anywhere", denied: [] };
  return entry(view, bucket, { kind: "bucket", port: 443, protocol: "HTTPS", from });
}

function apiServerEntry(view: ClusterView, cluster: Resource): Entry {
  const { enabled, allowedAddresses = [] } = (cluster.inputs["controlPlaneFirewall"] ?? {}) as {
    enabled?: boolean;
    allowedAddresses?: readonly string[];
  };
  const closed: Sources = { kind: "private", text: "nobody" };
  const from = enabled !== true ? sourcesOf([]) : allowedAddresses.length === 0 ? closed : sourcesOf(allowedAddresses);
  const own = { kind: "api-server", port: 443, protocol: "HTTPS", from } as const;
  return { ...entry(view, cluster, { ...own, id: `API server of ${nameOf(cluster)}` }) };
}
