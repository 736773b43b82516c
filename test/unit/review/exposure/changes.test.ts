/** What a change does to what can be reached from outside of the cluster. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../../../graph/render/configuration.ts";
import { maskedResources } from "../../../../graph/masking.ts";
import { kindOf, metadataOf, type Resource } from "../../../../graph/resource.ts";
import { exposureChanges, exposureDangers } from "../../../../preview/review/exposure/changes/changes.ts";
import { exposure } from "../../../../preview/review/exposure/exposure.ts";
import { alone, stack } from "../../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const platform = (settings: Patch): Patch => ({ "doks-systems:platform": settings });
const ingressEdge = platform({ edge: { kind: "ingress", acmeEmail: "ops@bowmark.ca", replicas: null } });
const lines = (before: readonly Resource[], after: readonly Resource[]) =>
  exposureDangers(exposureChanges(before, after)).map(({ level, resource, text }) => `${level} ${resource} ${text}`);

let prod: Resource[];
beforeAll(async () => {
  prod = await rendered("prod");
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
    expect(lines(narrow, wide)).toEqual([
      "look Service caracal/caracal-gateway lets more in to gateway.example.com (203.0.113.0/25 → 203.0.113.0/24)",
    ]);
    expect(lines(wide, narrow)).toEqual([
      "look Service caracal/caracal-gateway lets fewer in to gateway.example.com (203.0.113.0/24 → 203.0.113.0/25)",
    ]);
    expect(lines(narrow, prod)).toEqual([
      "stop Service caracal/caracal-gateway admits the whole internet to gateway.example.com (203.0.113.0/25 → anywhere)",
    ]);
    const open = prod.filter((one) => kindOf(one) !== "DatabaseFirewall");
    expect(lines(prod, open)).toEqual([
      "stop DatabaseCluster gx-postgres-prod admits the whole internet (only the cluster → anywhere)",
    ]);
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
      /^look KubernetesCluster doks-prod is replaced: .*gateway\.example\.com get another address; resolvers keep the old one for up to 300 s$/,
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
