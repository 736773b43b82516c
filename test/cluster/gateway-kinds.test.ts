/** The program's kinds of Gateway API over those that DOKS brings, in a real API server. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { bundleAnnotation, gatewayBundle, gatewayGroup } from "../../components/addons/owned-kind.ts";
import { ApiError, hasCondition, type ApiObject } from "../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { doksKinds, gatewayChartObjects } from "../../sandbox/control-plane/kinds.ts";
import { hasGo, moduleFolder } from "../../sandbox/tools.ts";
import { stack } from "../support/stack.ts";

const able = hasGo();
if (!able) console.warn("skipped: Gateway API's kinds over those of DOKS, without Go");

const v1 = `${gatewayGroup}/v1`;
const isKind = ({ kind }: ApiObject) => kind === "CustomResourceDefinition";
const plural = ({ metadata }: ApiObject) => metadata.name.split(".")[0] ?? "";

/** What runs on a cluster of DOKS before this program comes: its class, and a customer's routes in the old versions. */
const running: ApiObject[] = [
  {
    apiVersion: v1,
    kind: "GatewayClass",
    metadata: { name: "cilium" },
    spec: { controllerName: "io.cilium/gateway-controller" },
  },
  {
    apiVersion: v1,
    kind: "Gateway",
    metadata: { name: "old", namespace: "default" },
    spec: { gatewayClassName: "cilium", listeners: [{ name: "http", port: 80, protocol: "HTTP" }] },
  },
  {
    apiVersion: `${gatewayGroup}/v1beta1`,
    kind: "HTTPRoute",
    metadata: { name: "old", namespace: "default" },
    spec: { parentRefs: [{ name: "old" }], rules: [{ backendRefs: [{ name: "shop", port: 80 }] }] },
  },
  {
    apiVersion: `${gatewayGroup}/v1alpha2`,
    kind: "TLSRoute",
    metadata: { name: "old", namespace: "default" },
    spec: { hostnames: ["old.example.com"], rules: [{ backendRefs: [{ name: "shop", port: 443 }] }] },
  },
  {
    apiVersion: `${gatewayGroup}/v1beta1`,
    kind: "ReferenceGrant",
    metadata: { name: "old", namespace: "default" },
    spec: {
      from: [{ group: gatewayGroup, kind: "HTTPRoute", namespace: "shop" }],
      to: [{ group: "", kind: "Service" }],
    },
  },
];

describe.skipIf(!able)("Gateway API on a cluster that brings it", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-kinds-"));
  const ours = able ? gatewayChartObjects() : [];
  let plane: ControlPlane;
  let prod: ApiObject[];
  let uids: (string | undefined)[];

  beforeAll(async () => {
    const objects = (await stack("prod")).objects() as ApiObject[];
    prod = objects.filter(({ apiVersion }) => /^gateway\.(networking|envoyproxy)/.test(apiVersion));
    plane = await startControlPlane(join(folder, "control-plane"), [], { kinds: () => [] });
    const { client } = plane;
    const namespaces = new Set(prod.map(({ metadata }) => metadata.namespace ?? "default"));
    const missing = [...namespaces].filter((name) => !["default", "envoy-gateway-system"].includes(name));
    for (const name of missing) await client.apply({ apiVersion: "v1", kind: "Namespace", metadata: { name } });
    for (const kind of doksKinds()) await client.apply(kind, "doks");
    await established(doksKinds());
    for (const object of running) await client.apply(object, "customer");
    uids = await uidsOf(running);
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const uidsOf = async (objects: readonly ApiObject[]) =>
    Promise.all(objects.map(async (object) => (await plane.client.get(object))?.metadata.uid));

  async function established(kinds: readonly ApiObject[]): Promise<void> {
    for (const kind of kinds) {
      await until(async () => {
        const found = await plane.client.get(kind);
        return found !== undefined && hasCondition(found, "Established");
      });
    }
  }

  async function until(holds: () => Promise<boolean>): Promise<void> {
    const deadline = Date.now() + 120_000;
    while (!(await holds())) {
      if (Date.now() > deadline) throw new Error("it did not come about in two minutes");
      await sleep(100);
    }
  }

  /** The refusal of a call that must fail. */
  async function refusal(call: Promise<unknown>): Promise<ApiError> {
    const error: unknown = await call.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    if (error instanceof ApiError) return error;
    throw new Error("it was accepted");
  }

  const applied = (name: string) => {
    const found = ours.find(({ metadata }) => metadata.name === name);
    if (found === undefined) throw new Error(`the chart brings no ${name}`);
    return found;
  };

  it("the chart brings the bundle, the kinds and the versions that preflight compares with", () => {
    const kinds = ours.filter((one) => isKind(one) && one.metadata.name.endsWith(gatewayGroup));
    const brought = kinds.map((one) => [plural(one), one["spec"].versions.map(({ name }: { name: string }) => name)]);
    expect(Object.fromEntries(brought)).toEqual(gatewayBundle.kinds);
    for (const { metadata } of kinds) expect(metadata.annotations?.[bundleAnnotation]).toBe(gatewayBundle.version);
  });

  it("with the cluster's own kinds alone, the Gateway of prod is refused", async () => {
    const gateway = prod.find(({ kind }) => kind === "Gateway");
    if (gateway === undefined) throw new Error("prod has no Gateway");
    expect((await refusal(plane.client.apply(gateway))).message).toContain("allowedListeners");
  });

  it("without force, DOKS's fields are in the way", async () => {
    const kind = applied(`gateways.${gatewayGroup}`);
    const path = `${await plane.client.path(kind)}?fieldManager=pulumi&force=false`;
    const { status, message } = await refusal(plane.client.call("PATCH", path, kind, "application/apply-patch+yaml"));
    expect(status).toBe(409);
    expect(message).toContain('conflicts with "doks"');
    expect(message).toContain(".spec.versions");
  });

  it("the policy that Envoy Gateway's chart left refuses the experimental channel over DOKS's", async () => {
    const policies = ours.filter((one) => !isKind(one));
    expect(policies.map(({ kind }) => kind)).toEqual(["ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding"]);
    for (const policy of policies) await plane.client.apply(policy, "helm");
    const file = `config/crd/experimental/${gatewayGroup}_gateways.yaml`;
    const text = readFileSync(join(moduleFolder("sigs.k8s.io/gateway-api@v1.6.1"), file), "utf8");
    const experimental = parse(text) as ApiObject;
    const tried = async () => {
      const path = `${await plane.client.path(experimental)}?fieldManager=pulumi&force=true&dryRun=All`;
      return plane.client.call("PATCH", path, experimental, "application/apply-patch+yaml");
    };
    // A policy takes effect some moments after it is there.
    await until(async () => (await tried().catch(() => "refused")) === "refused");
    expect((await refusal(tried())).message).toContain(
      "experimental CRDs on top of standard channel CRDs is prohibited",
    );
  });

  it("ours are accepted over them, stored versions and all, and DOKS is told to leave them alone", async () => {
    for (const object of ours) await plane.client.apply(object, "pulumi");
    await established(ours.filter(isKind));
    // The API server lists what a group has some moments later.
    await until(() =>
      plane.client.list(v1, "listenersets").then(
        () => true,
        () => false,
      ),
    );
    for (const kind of doksKinds()) {
      const now = await plane.client.get(kind);
      expect(now?.metadata.annotations, kind.metadata.name).toMatchObject({
        [bundleAnnotation]: gatewayBundle.version,
        "doks.digitalocean.com/install-policy": "external",
      });
    }
    const tlsRoutes = await plane.client.get(applied(`tlsroutes.${gatewayGroup}`));
    expect(tlsRoutes?.["status"].storedVersions).toEqual(["v1alpha2", "v1"]);
  });

  it("what was there is still there, and TLSRoute answers in the version that Cilium's operator watches", async () => {
    expect(await uidsOf(running)).toEqual(uids);
    for (const version of ["v1alpha2", "v1"]) {
      const [route] = await plane.client.list(`${gatewayGroup}/${version}`, "tlsroutes", "default");
      expect(route?.["spec"].hostnames).toEqual(["old.example.com"]);
    }
    expect(await plane.client.list(`${gatewayGroup}/v1beta1`, "referencegrants", "default")).toHaveLength(1);
  });

  it("every route, listener and policy of prod is accepted, without a warning", async () => {
    const kinds = new Set(prod.map(({ kind }) => kind));
    for (const kind of ["GatewayClass", "Gateway", "ListenerSet", "HTTPRoute", "EnvoyProxy", "BackendTrafficPolicy"])
      expect(kinds).toContain(kind);
    plane.client.warnings.length = 0;
    for (const object of prod) await plane.client.apply(object);
    expect(plane.client.warnings).toEqual([]);
    const gateway = await plane.client.get(prod.find(({ kind }) => kind === "Gateway") as ApiObject);
    expect(gateway?.["spec"].allowedListeners).toEqual({ namespaces: { from: "All" } });
  });

  it("applying them again changes nothing", async () => {
    const versions = async () =>
      Promise.all(ours.map(async (one) => (await plane.client.get(one))?.metadata.generation));
    const before = await versions();
    for (const object of ours) await plane.client.apply(object, "pulumi");
    expect(await versions()).toEqual(before);
  });

  it("nobody puts older ones back", async () => {
    for (const kind of doksKinds()) {
      const { message } = await refusal(plane.client.apply(kind, "doks"));
      expect(message, kind.metadata.name).toMatch(/safe-upgrades\.gateway|status\.storedVersions/);
    }
  });

  it("a version that is stored cannot be taken away, so preflight looks for it", async () => {
    const tlsRoutes = applied(`tlsroutes.${gatewayGroup}`);
    const { spec } = tlsRoutes as ApiObject & { spec: { versions: { name: string }[] } };
    const without = { ...tlsRoutes, spec: { ...spec, versions: spec.versions.filter(({ name }) => name === "v1") } };
    expect((await refusal(plane.client.apply(without, "pulumi"))).message).toContain("status.storedVersions");
  });
});
