/** What can be reached from outside of the cluster, and what a change does to it. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../../graph/render/configuration.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { kindOf, metadataOf, type Resource } from "../../../graph/resource.ts";
import { exposureSection } from "../../../preview/report/sections/exposure.ts";
import { exposureChanges, exposureDangers } from "../../../preview/review/exposure/changes/changes.ts";
import { addressOf, hostsOf, type Exposure } from "../../../preview/review/exposure/entry.ts";
import { exposure } from "../../../preview/review/exposure/exposure.ts";
import { covers, isPublic, sourcesChange, sourcesOf, sourcesText } from "../../../preview/review/exposure/sources.ts";
import { cloud, object } from "../../policy/support.ts";
import { acceptedStacks } from "../../support/random-stack.ts";
import { alone, ownClusterOnly, stack } from "../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const platform = (settings: Patch): Patch => ({ "doks-systems:platform": settings });
const ingressEdge = platform({ edge: { kind: "ingress", acmeEmail: "ops@bowmark.ca", replicas: null } });
/** Address and workload of what is public. */
const open = ({ entries }: Exposure) =>
  entries
    .filter(({ from }) => isPublic(from))
    .map((entry) => `${addressOf(entry)} → ${entry.to.map(({ label }) => label).join()}`);
const lines = (before: readonly Resource[], after: readonly Resource[]) =>
  exposureDangers(exposureChanges(before, after)).map(({ level, resource, text }) => `${level} ${resource} ${text}`);

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
  }, 120_000);

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

describe("a change of what is public", () => {
  it("that takes the edge is one danger, whatever was behind it", async () => {
    const gx = alone("gx");
    const one = async (patch: Patch) => maskedResources((await gx("prod", patch)).rendering);
    const closed = {
      ...platform({ edge: null, domains: null }),
      "doks-systems:gx": { exposure: { kind: "none", host: null } },
    };
    const [before, after] = [await one({}), await one(closed)];
    expect(lines(before, after)).toEqual([
      "stop Gateway envoy-gateway-system/edge is removed: api.gxcoin.com can no longer be reached",
    ]);
    const without = prod.filter((resource) => !/Gateway|HTTPRoute/.test(kindOf(resource)));
    expect(lines(prod, without)).toEqual([
      "stop Gateway envoy-gateway-system/edge is removed: 5 hosts can no longer be reached: " +
        "api.gxcoin.com, app.bowmark.ca, concrete.bowmark.ca, do.example.com and paving.bowmark.ca",
    ]);
  });

  it("that takes a system, a host or a load balancer names the hosts that are gone", async () => {
    expect(lines(prod, await rendered("prod", { "doks-systems:dotdo": null }))).toEqual([
      "stop HTTPRoute dotdo/dotdo is removed with do.example.com: it can no longer be reached",
    ]);
    const fewer = await rendered("prod", { "doks-systems:bowmark": { hosts: { paving: ["app.bowmark.ca"] } } });
    expect(lines(prod, fewer)).toEqual([
      "stop HTTPRoute bow-mark/ingress-service-paving no longer serves paving.bowmark.ca: it can no longer be reached",
    ]);
    const [danger] = exposureDangers(exposureChanges(prod, fewer));
    expect(danger?.setting).toBe("bowmark.hosts");
    const inside = await rendered("prod", { "doks-systems:caracal": { exposure: { kind: "cluster-ip" } } });
    expect(lines(prod, inside)).toEqual([
      "stop Service caracal/caracal-gateway has no load balancer any more: gateway.example.com can no longer be reached",
    ]);
    // And what comes back is new, and to be looked at.
    expect(lines(inside, prod)).toEqual([
      "look Service caracal/caracal-gateway opens gateway.example.com to the internet, which is new: " +
        "TLS, certificate from the stack's own authority, from anywhere",
    ]);
  });

  it("of who may come is judged by whom it lets in", async () => {
    const ranged = (...sourceRanges: string[]) =>
      rendered("prod", { "doks-systems:caracal": { exposure: { kind: "load-balancer", sourceRanges } } });
    const [narrow, wide] = [await ranged("203.0.113.0/25"), await ranged("203.0.113.0/24")];
    expect(lines(narrow, wide)).toEqual(["look Service caracal/caracal-gateway lets more in to gateway.example.com"]);
    expect(lines(wide, narrow)).toEqual(["look Service caracal/caracal-gateway lets fewer in to gateway.example.com"]);
    expect(lines(narrow, prod)).toEqual([
      "stop Service caracal/caracal-gateway admits the whole internet to gateway.example.com",
    ]);
    const open = prod.filter((one) => kindOf(one) !== "DatabaseFirewall");
    expect(lines(prod, open)).toEqual(["stop DatabaseCluster gx-postgres-prod admits the whole internet"]);
  });

  it("to certificates that browsers refuse is said once for all hosts", async () => {
    const [danger, ...more] = exposureDangers(
      exposureChanges(prod, await rendered("prod", platform({ edge: { acmeServer: "staging" } }))),
    );
    expect(more).toEqual([]);
    expect(danger).toMatchObject({ level: "stop", kind: "exposure", setting: "platform.edge" });
    expect(`${danger?.resource ?? ""} ${danger?.text ?? ""}`).toBe(
      "ClusterIssuer letsencrypt-staging gives api.gxcoin.com, app.bowmark.ca, concrete.bowmark.ca, do.example.com and " +
        "paving.bowmark.ca certificates from acme-staging-v02.api.letsencrypt.org instead of " +
        "acme-v02.api.letsencrypt.org: browsers refuse them",
    );
  });

  it("to another load balancer says that the address is another one, and whose records follow", async () => {
    const classic = await rendered("prod", ingressEdge);
    expect(lines(prod, classic)[0]).toMatch(
      /^look Gateway envoy-gateway-system\/edge is removed: api\.gxcoin\.com, .* move to the ingress controller of class nginx/,
    );
    const external = platform({
      domains: { "gxcoin.com": "external" },
      ...(ingressEdge["doks-systems:platform"] as Patch),
    });
    const moved = exposureDangers(
      exposureChanges(
        await rendered("prod", platform({ domains: { "gxcoin.com": "external" } })),
        await rendered("prod", external),
      ),
    );
    expect(moved.find(({ text }) => text.includes("api.gxcoin.com"))).toMatchObject({
      level: "stop",
      fix: "the stack writes no DNS record for api.gxcoin.com: point yours at the new address",
    });
    // Another region is another cluster, and every load balancer with it.
    const elsewhere = lines(prod, await rendered("prod", platform({ region: "sfo3" })));
    expect(elsewhere).toHaveLength(1);
    expect(elsewhere[0]).toMatch(
      /^look KubernetesCluster doks-prod is replaced: .*gateway\.example\.com get another address$/,
    );
  });

  it("that shows what was hidden, or drops a record, stops", async () => {
    const own = { kind: "load-balancer", host: "api.gxcoin.com", certificateName: "api" };
    expect(lines(prod, await rendered("prod", { "doks-systems:gx": { exposure: own } }))).toContain(
      "stop Service backend-mainnet/svc-identity-public shows api.gxcoin.com/metrics to everybody, which was hidden",
    );
    expect(lines(prod, await rendered("prod", platform({ domains: { "gxcoin.com": "external" } })))).toEqual([
      "stop DnsRecord api is removed: nobody finds api.gxcoin.com until you write a record of your own",
    ]);
  });

  it("that takes anything on the way to a host is found", () => {
    const { entries } = exposure(prod);
    const targets = new Set(entries.flatMap(({ host, to }) => (host === undefined ? [] : to.map(({ urn }) => urn))));
    const services = prod.filter((one) => {
      const { selector = {} } = (one.inputs["spec"] ?? {}) as { selector?: Record<string, string> };
      const isIn = (owner: Resource) => metadataOf(owner)?.namespace === metadataOf(one)?.namespace;
      const labels = (owner: Resource) =>
        (owner.inputs["spec"] as { template: { metadata: { labels: Record<string, string> } } }).template.metadata
          .labels;
      return (
        kindOf(one) === "Service" &&
        !one.name.endsWith("-2") &&
        prod.some(
          (owner) =>
            targets.has(owner.urn) &&
            isIn(owner) &&
            Object.entries(selector).every(([key, value]) => labels(owner)[key] === value),
        )
      );
    });
    const kinds = [
      "Gateway",
      "HTTPRoute",
      "ListenerSet",
      "Certificate",
      "ClusterIssuer",
      "DnsRecord",
      "DatabaseFirewall",
    ];
    const onTheWay = prod.filter(
      (one) =>
        kinds.includes(kindOf(one)) ||
        targets.has(one.urn) ||
        (kindOf(one) === "HTTPRouteFilter" && one.name.endsWith("-hidden")) ||
        (kindOf(one) === "NetworkPolicy" &&
          one.parent?.includes("doks-systems:network:") === true &&
          !one.name.endsWith("-challenges")),
    );
    expect(services.length).toBeGreaterThanOrEqual(7);
    expect(onTheWay.length).toBeGreaterThanOrEqual(30);
    const unnoticed = [...onTheWay, ...services].filter(
      (gone) =>
        exposureChanges(
          prod,
          prod.filter((one) => one !== gone),
        ).length === 0,
    );
    expect(unnoticed.map(({ urn }) => urn)).toEqual([]);
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
      ...["https://app.bowmark.ca/file, /graphql", "Deployment bow-mark/server-deployment", "443, 80 redirects"],
      ...["acme-v02.api.letsencrypt.org", "A, 300 s", "load balancer of Gateway envoy-gateway-system/edge", "anywhere"],
    ]);
    expect(section.items).toEqual([]);
  });

  it("says what is new and what is gone, and keeps the rows of what is gone", async () => {
    const after = await rendered("prod", { "doks-systems:gx": { exposure: { host: "v2.gxcoin.com" } } });
    const section = exposureSection(exposure(after), { before: exposure(prod), changes: exposureChanges(prod, after) });
    expect(section.verdict).toEqual({ text: "1 host is new, 1 host is gone", tone: "bad" });
    expect(section.table?.head.at(-1)).toBe("Change");
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
