/** What can be reached from outside of the cluster, and by whom. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../../../graph/render/configuration.ts";
import { maskedResources } from "../../../../graph/masking.ts";
import { kindOf, type Resource } from "../../../../graph/resource.ts";
import { exposureSection } from "../../../../preview/report/sections/exposure.ts";
import { exposureChanges } from "../../../../preview/review/exposure/changes/changes.ts";
import { addressOf, hostsOf, type Exposure } from "../../../../preview/review/exposure/entry.ts";
import { exposure } from "../../../../preview/review/exposure/exposure.ts";
import {
  covers,
  isPublic,
  sourcesChange,
  sourcesOf,
  sourcesText,
} from "../../../../preview/review/exposure/sources.ts";
import { cloud, object } from "../../../policy/support.ts";
import { acceptedStacks } from "../../../support/random-stack.ts";
import { ownClusterOnly, stack } from "../../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const platform = (settings: Patch): Patch => ({ "doks-systems:platform": settings });
const ingressEdge = platform({ edge: { kind: "ingress", acmeEmail: "ops@bowmark.ca", replicas: null } });
/** Address and workload of what is public. */
const open = ({ entries }: Exposure) =>
  entries
    .filter(({ from }) => isPublic(from))
    .map((entry) => `${addressOf(entry)} → ${entry.to.map(({ label }) => label).join()}`);

let prod: Resource[];
beforeAll(async () => {
  prod = await rendered("prod");
});

describe("what is public", () => {
  it("is every host of prod with its paths, one load balancer beside the edge, and the API server", () => {
    expect(open(exposure(prod))).toEqual([
      "https://api.gxcoin.com/ → Deployment backend-mainnet/svc-identity",
      "https://app.bowmark.ca/ → Deployment bow-mark/client-deployment",
      "https://app.bowmark.ca/file → Deployment bow-mark/server-deployment",
      "https://app.bowmark.ca/graphql → Deployment bow-mark/server-deployment",
      "https://concrete.bowmark.ca/ → Deployment bow-mark/client-concrete-deployment",
      "https://concrete.bowmark.ca/file → Deployment bow-mark/server-concrete-deployment",
      "https://concrete.bowmark.ca/graphql → Deployment bow-mark/server-concrete-deployment",
      "https://do.example.com/ → Deployment dotdo/dotdo",
      "gateway.example.com:8443 → Deployment caracal/caracal-gateway",
      "https://paving.bowmark.ca/ → Deployment bow-mark/client-deployment",
      "https://paving.bowmark.ca/file → Deployment bow-mark/server-deployment",
      "https://paving.bowmark.ca/graphql → Deployment bow-mark/server-deployment",
      "API server of doks-prod → KubernetesCluster doks-prod",
    ]);
  });

  it("says the certificate, the record and who may come, and what stays closed", () => {
    const { entries, hidden } = exposure(prod);
    const at = (id: string) => entries.find((one) => one.id === id);
    expect(at("api.gxcoin.com/")).toMatchObject({
      ...{ port: 443, protocol: "HTTPS", redirectsHttp: true, dns: { type: "A", ttl: 300 } },
      certificate: {
        kept: "Secret backend-mainnet/api-gxcoin-tls",
        issuer: "acme-v02.api.letsencrypt.org",
        trusted: true,
      },
      ...{ from: { kind: "anywhere" }, front: { kind: "gateway" } },
    });
    expect(at("gateway.example.com:8443")).toMatchObject({
      ...{ protocol: "TLS", certificate: { issuer: "the stack's own authority", trusted: false } },
      front: { text: "load balancer of Service caracal/caracal-gateway" },
    });
    const database = at("DatabaseCluster gx-postgres-prod");
    expect(database && sourcesText(database.from)).toBe("only the cluster");
    expect(hidden.map(({ host, path }) => host + path)).toEqual(["do.example.com/metrics", "api.gxcoin.com/metrics"]);
  });

  it("is the same through an Ingress, whose controller alone knows who may come", async () => {
    const classic = await rendered("prod", ingressEdge);
    expect(open(exposure(classic))).toEqual(open(exposure(prod)));
    expect(
      exposure(classic)
        .hidden.map(({ host, path }) => host + path)
        .toSorted(),
    ).toEqual(["api.gxcoin.com/metrics", "do.example.com/metrics"]);
    const [first] = exposure(classic).entries;
    expect(first).toMatchObject({
      ...{ port: 443, redirectsHttp: true, front: { text: "ingress controller of class nginx" } },
      ...{ from: { kind: "elsewhere" }, certificate: { issuer: "acme-v02.api.letsencrypt.org" } },
    });
  });

  it("is known behind the Gateway of another stack, too, whose load balancer is not ours", async () => {
    const shared = await rendered("staging", {
      "doks-systems:platform": {
        cluster: { source: "stack", stack: "acme/doks-systems/platform", ...ownClusterOnly },
        edge: { kind: "stack", acmeEmail: null, replicas: null },
        registry: { kind: "existing", name: "geo", tier: null },
        pools: null,
      },
    });
    const { entries } = exposure(shared);
    expect(hostsOf(entries)).toEqual(hostsOf(exposure(await rendered("staging")).entries));
    expect(entries[0]).toMatchObject({
      ...{ port: 443, protocol: "HTTPS", certificate: { issuer: "letsencrypt-prod", trusted: undefined } },
      front: { text: "Gateway envoy-gateway-system/edge of another stack", by: undefined },
    });
  });

  it("is nothing on a laptop: the port of its nodes is in its own network", async () => {
    const local = exposure(await rendered("local"));
    expect(open(local)).toEqual([]);
    expect(local.entries.map(({ id, from }) => [id, sourcesText(from)])).toEqual([
      ["node port 30301", "the nodes' own network"],
    ]);
    expect(exposureSection(local).verdict).toEqual({ text: "nothing is public", tone: "plain" });
  });

  it("has each host that any stack serves", async () => {
    for (const { stack: name, patch } of acceptedStacks(6, 11).stacks) {
      const resources = await rendered(name, patch);
      const served = resources.flatMap((one) => {
        const { hostnames = [], rules = [] } = (one.inputs["spec"] ?? {}) as {
          hostnames?: string[];
          rules?: { host?: string }[];
        };
        if (kindOf(one) === "HTTPRoute") return hostnames;
        return kindOf(one) === "Ingress" ? rules.flatMap(({ host }) => host ?? []) : [];
      });
      expect(hostsOf(exposure(resources).entries), JSON.stringify(patch)).toEqual(expect.arrayContaining(served));
      expect(exposureChanges(resources, resources), JSON.stringify(patch)).toEqual([]);
    }
  });

  it("is whatever DigitalOcean lets in by itself", () => {
    const database = cloud("DatabaseCluster", { name: "pg" });
    const allows = (type: string, value: string) =>
      cloud("DatabaseFirewall", { name: `${type} ${value}`, rules: [{ type, value }] }, { dependsOn: [database.urn] });
    const who = (...resources: Resource[]) => exposure(resources).entries.map(({ from }) => sourcesText(from));
    expect(who(database)).toEqual(["anywhere"]);
    expect(who(database, allows("k8s", "id"))).toEqual(["only the cluster"]);
    expect(who(database, allows("ipAddr", "203.0.113.7"))).toEqual(["203.0.113.7"]);
    const firewall = { enabled: true, allowedAddresses: ["198.51.100.0/24"] };
    expect(who(cloud("KubernetesCluster", { name: "c", controlPlaneFirewall: firewall }))).toEqual(["198.51.100.0/24"]);
    expect(who(cloud("SpacesBucket", { name: "b", acl: "private" }))).toEqual([]);
    expect(who(cloud("SpacesBucket", { name: "b", acl: "public-read" }))).toEqual(["anywhere"]);
    const everybody = { Version: "2012-10-17", Statement: { Effect: "Allow", Principal: "*", Action: "s3:GetObject" } };
    const bucket = cloud("SpacesBucket", { name: "b", acl: "private" });
    const policy = cloud("SpacesBucketPolicy", { policy: JSON.stringify(everybody) }, { dependsOn: [bucket.urn] });
    expect(who(bucket, policy)).toEqual(["anywhere"]);
  });

  it("is a load balancer by its own firewall, and a port of the nodes unless DigitalOcean is told to keep it closed", () => {
    const doks = cloud("KubernetesCluster", { name: "c", controlPlaneFirewall: { enabled: true } });
    const who = (type: string, annotations: Record<string, string>, spec: Record<string, unknown> = {}) => {
      const metadata = { name: "web", namespace: "shop", annotations };
      const service = object("Service", "web", {
        metadata,
        spec: { type, ports: [{ port: 80, nodePort: 30080 }], ...spec },
      });
      return exposure([doks, service]).entries.flatMap(({ kind, from }) =>
        kind === "api-server" ? [] : sourcesText(from),
      );
    };
    const prefix = "service.beta.kubernetes.io/do-loadbalancer";
    expect(who("LoadBalancer", {})).toEqual(["anywhere"]);
    expect(who("LoadBalancer", { [`${prefix}-network`]: "INTERNAL" })).toEqual(["only the VPC"]);
    expect(who("LoadBalancer", { [`${prefix}-deny-rules`]: "cidr:198.51.0.0/16" })).toEqual([
      "anywhere but 198.51.0.0/16",
    ]);
    const rules = { [`${prefix}-allow-rules`]: "ip:203.0.113.1,cidr:203.0.113.64/26" };
    expect(who("LoadBalancer", rules)).toEqual(["203.0.113.1, 203.0.113.64/26"]);
    expect(who("LoadBalancer", rules, { loadBalancerSourceRanges: ["192.0.2.0/24"] })).toEqual(["192.0.2.0/24"]);
    expect(who("NodePort", {})).toEqual(["anywhere"]);
    expect(who("NodePort", { "kubernetes.digitalocean.com/firewall-managed": "false" })).toEqual(["only the VPC"]);
    expect(who("ClusterIP", {})).toEqual([]);
  });
});

describe("who may come", () => {
  it("is compared by addresses, not by texts", () => {
    expect(covers(["10.0.0.0/9", "10.128.0.0/9"], "10.0.0.0/8")).toBe(true);
    expect(covers(["10.0.0.0/9", "10.192.0.0/10"], "10.0.0.0/8")).toBe(false);
    expect(covers(["0.0.0.0/0"], "2001:db8::/32")).toBe(false);
    expect(covers(["2001:db8::/32"], "2001:db8:1::1")).toBe(true);
    const ranges = sourcesOf(["203.0.113.0/24"]);
    expect(sourcesChange(ranges, sourcesOf(["203.0.113.0/25", "203.0.113.128/25"]))).toBe("same");
    expect(sourcesChange(ranges, sourcesOf(["203.0.113.0/25"]))).toBe("narrower");
    expect(sourcesChange(ranges, sourcesOf(["198.51.100.0/24"]))).toBe("other");
    expect(sourcesChange(ranges, sourcesOf([]))).toBe("wider");
    expect(sourcesChange(sourcesOf(["0.0.0.0/1", "128.0.0.0/1"]), sourcesOf(["203.0.113.0/24"]))).toBe("narrower");
    expect(sourcesChange(sourcesOf([], ["198.51.100.0/24"]), sourcesOf([]))).toBe("wider");
  });
});

describe("the section", () => {
  it("counts hosts and load balancers, and has a row for each address", () => {
    const section = exposureSection(exposure(prod));
    expect(section.verdict).toEqual({ text: "6 hosts on 2 load balancers, from anywhere", tone: "plain" });
    const rows = section.table?.rows.map((row) => row.map((cell) => (typeof cell === "string" ? cell : cell.text)));
    expect(rows).toContainEqual([
      ...["https://app.bowmark.ca/file, /graphql", "bow-mark/server-deployment", "443 and 80"],
      ...["Let's Encrypt", "A, 300 s", "Gateway edge", "anywhere"],
    ]);
    expect(section.items).toEqual([]);
  });

  it("says what is new and what is gone, and keeps the rows of what is gone", async () => {
    const after = await rendered("prod", { "doks-systems:gx": { exposure: { host: "v2.gxcoin.com" } } });
    const section = exposureSection(exposure(after), { before: exposure(prod), changes: exposureChanges(prod, after) });
    expect(section.verdict).toEqual({ text: "1 host is new, 1 host is gone", tone: "bad" });
    expect(section.table?.head.at(-1)).toBe("change");
    const marked = section.table?.rows.flatMap((row) => {
      const [first, last] = [row[0], row.at(-1)];
      return typeof first === "object" && typeof last === "object" && last.text !== ""
        ? [`${first.text}: ${last.text}`]
        : [];
    });
    expect(marked).toEqual(["https://v2.gxcoin.com/: new", "https://api.gxcoin.com/: gone"]);
    expect(section.items.map(({ tone }) => tone)).toEqual(["bad", "warn"]);
    const unchanged = exposureSection(exposure(prod), { before: exposure(prod), changes: exposureChanges(prod, prod) });
    expect(unchanged.verdict.text).toBe("unchanged: 6 hosts on 2 load balancers, from anywhere");
  });
});
