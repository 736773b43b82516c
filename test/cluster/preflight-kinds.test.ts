/** What preflight says of the kinds in a real cluster, and that the API server agrees. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { parse, stringify } from "yaml";
import { bundleAnnotation, gatewayGroup } from "../../components/addons/owned-kind.ts";
import { checkSurroundings } from "../../preflight/checks.ts";
import { readStackFile } from "../../graph/render/configuration.ts";
import { ApiError, type ApiObject } from "../../sandbox/control-plane/client.ts";
import { startControlPlane, type ControlPlane } from "../../sandbox/control-plane/control-plane.ts";
import { doksKinds, gatewayChartObjects } from "../../sandbox/control-plane/kinds.ts";
import { hasGo } from "../../sandbox/tools.ts";
import { parseSettings } from "../../systems/settings.ts";

const able = hasGo();
if (!able) console.warn("skipped: preflight against a cluster's kinds, without Go");

const key = "doks-systems:platform";
const path = `${key}.addons.envoyGateway`;

describe.skipIf(!able)("preflight, where a cluster has kinds of its own", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-preflight-kinds-"));
  let plane: ControlPlane;

  beforeAll(async () => {
    plane = await startControlPlane(join(folder, "control-plane"), [], { kinds: doksKinds });
  }, 1_200_000);
  afterAll(async () => {
    await plane.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const check = (envoyGateway: string, kubeconfig = plane.kubeconfig) => {
    const patch = {
      cluster: { source: "kubeconfig", path: kubeconfig },
      edge: { kind: "gateway", acmeEmail: "ops@bowmark.ca" },
      domains: { "localhost.example": "external" },
      addons: { envoyGateway, certManager: "existing" },
    };
    const { platform } = parseSettings("local", readStackFile("local", { [key]: patch }));
    return checkSurroundings("local", platform, undefined);
  };
  const kind = (plural: string, from = doksKinds()) => {
    const found = from.find(({ metadata }) => metadata.name === `${plural}.${gatewayGroup}`);
    if (found === undefined) throw new Error(`no kind ${plural}`);
    return found;
  };

  it("an existing Envoy Gateway on DOKS's own kinds is told what is missing, and the way out", async () => {
    const [problem, ...others] = await check("existing");
    expect(others).toEqual([]);
    expect(problem).toMatchObject({ path, value: '"existing"' });
    for (const missing of [
      `listenersets.${gatewayGroup}`,
      `allowedListeners of gateways.${gatewayGroup}`,
      "envoyproxies.gateway.envoyproxy.io",
      "its Gateway API is v1.2.1",
    ])
      expect(problem?.problem).toContain(missing);
    expect(problem?.problem).not.toContain(`httproutes.${gatewayGroup}`);
    expect(problem?.fix).toContain("set it to install");
  });

  it("installing over DOKS's own kinds has nothing in its way", async () => {
    expect(await check("install")).toEqual([]);
  });

  it("asks as the kubeconfig's user: by token, or as a plug-in says", async () => {
    const config = parse(readFileSync(plane.kubeconfig, "utf8")) as { users: { name: string; user: object }[] };
    const { token } = config.users[0]?.user as { token: string };
    const as = (name: string, user: object) => {
      const file = join(folder, name);
      writeFileSync(file, stringify({ ...config, users: config.users.map((one) => ({ ...one, user })) }));
      return file;
    };
    const credential = JSON.stringify({ kind: "ExecCredential", status: { token } });
    const plugin = {
      apiVersion: "client.authentication.k8s.io/v1",
      command: process.execPath,
      args: ["-e", "console.log(process.env.CREDENTIAL)"],
      env: [{ name: "CREDENTIAL", value: credential }],
    };
    expect(await check("existing", as("plugin", { exec: plugin }))).toHaveLength(1);
    // Who may not look is not told what is missing; the engine finds out.
    expect(await check("existing", as("stranger", { token: "wrong" }))).toEqual([]);
  });

  it("a class of the edge's name, of another controller, is in the way", async () => {
    const edge: ApiObject = {
      apiVersion: `${gatewayGroup}/v1`,
      kind: "GatewayClass",
      metadata: { name: "edge" },
      spec: { controllerName: "io.cilium/gateway-controller" },
    };
    await plane.client.apply(edge);
    expect(await check("install")).toEqual([
      expect.objectContaining({ path, problem: expect.stringContaining("io.cilium/gateway-controller") }),
    ]);
    await plane.client.delete(edge);
  });

  it("objects stored in a version that is gone are in the way, until they are stored anew", async () => {
    const routes = kind("grpcroutes");
    const { spec } = routes as ApiObject & { spec: { versions: object[] } };
    const versions = (stored: string) =>
      ["v1", "v1alpha2"].map((name) => ({ ...spec.versions[0], name, storage: name === stored }));
    for (const stored of ["v1alpha2", "v1"])
      await plane.client.apply({ ...routes, spec: { ...spec, versions: versions(stored) } }, "sandbox");
    expect(await check("install")).toEqual([
      expect.objectContaining({ path, problem: expect.stringContaining("stored as v1alpha2") }),
    ]);
    const ours = kind("grpcroutes", gatewayChartObjects());
    await expect(plane.client.apply(ours, "pulumi")).rejects.toThrow(ApiError);
    // What the runbook says to do.
    const merge = "application/merge-patch+json";
    const status = { status: { storedVersions: ["v1"] } };
    await plane.client.call("PATCH", `${await plane.client.path(routes)}/status`, status, merge);
    expect(await check("install")).toEqual([]);
    await plane.client.apply(ours, "pulumi");
  });

  it("with this program's kinds there, both ways are open", async () => {
    for (const object of gatewayChartObjects()) await plane.client.apply(object, "pulumi");
    expect(await check("install")).toEqual([]);
    expect(await check("existing")).toEqual([]);
  });

  it("newer kinds are not put back to older ones", async () => {
    const routes = kind("tlsroutes");
    const patch = { metadata: { annotations: { [bundleAnnotation]: "v1.10.0" } } };
    await plane.client.call("PATCH", await plane.client.path(routes), patch, "application/merge-patch+json");
    expect(await check("install")).toEqual([
      expect.objectContaining({ path, problem: expect.stringContaining(`tlsroutes.${gatewayGroup} is of v1.10.0`) }),
    ]);
    expect(await check("existing")).toEqual([]);
  });

  it("an existing Envoy Gateway must be in the namespace that the edge is made in", async () => {
    const namespace: ApiObject = { apiVersion: "v1", kind: "Namespace", metadata: { name: "envoy-gateway-system" } };
    await plane.client.delete(namespace);
    const deadline = Date.now() + 120_000;
    while ((await plane.client.get(namespace)) !== undefined && Date.now() < deadline) await sleep(200);
    expect(await check("existing")).toEqual([
      expect.objectContaining({ path, problem: "needs the namespace envoy-gateway-system, which is not there" }),
    ]);
  });
});
