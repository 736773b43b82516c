/**
 * What runs already is taken over by the real engine: the claims, StatefulSets and Services stay the same objects, no pod restarts
 * that the report did not name, and the second preview is empty.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from "vitest";
import { patchOf } from "../../../adopt/agree/suggestion.ts";
import { files, script } from "../../../adopt/report/steps.ts";
import { takeover, type Takeover } from "../../../adopt/takeover.ts";
import { metadataOf, nameOf } from "../../../graph/resource.ts";
import type { ApiObject, Client } from "../../../sandbox/control-plane/client.ts";
import { claims, groundNamespaces, laidOut } from "../../support/ground.ts";
import { noEngine, only, Stage, tail } from "../../support/stage.ts";
import { systemKeys } from "../../support/stack.ts";

const noKubectl = spawnSync("kubectl", ["version", "--client"]).status === 0 ? undefined : "kubectl is not installed";
if (noKubectl !== undefined) console.warn(`skipped: taking over with the engine: ${noKubectl}`);

/** What stays the same object. */
const kinds = [
  ["apps/v1", "statefulsets"],
  ["v1", "services"],
  ["v1", "persistentvolumeclaims"],
  ["apps/v1", "deployments"],
] as const;

describe.skipIf(noEngine !== undefined || noKubectl !== undefined).each(systemKeys)("%s, as it runs", (system) => {
  const namespace = groundNamespaces[system];
  let stage: Stage;
  let client: Client;
  let before: Map<string, string>;
  let pods: Map<string, string>;
  let found: Takeover;

  beforeAll(async () => {
    stage = await Stage.open("local", only(system));
    client = stage.cluster();
    await laidOut(system, client);
    before = await uids(client, namespace);
    pods = await podUids(client, namespace);
    found = await takeover({
      ...{ stack: "local", system, refuse: [], token: undefined, context: undefined },
      kubeconfig: stage.world.env["KUBECONFIG"],
      patch: only(system),
    });
  });
  afterEach(() => {
    vi.unstubAllEnvs();
  });
  afterAll(async () => {
    client.close();
    await stage.close();
  });

  it("would lose no data, and nothing that holds some is made anew", () => {
    const changes = found.review.change?.changes ?? [];
    const gone = changes.filter(({ operation }) => operation === "replace" || operation === "delete");
    expect(gone.map(({ resource, fields }) => [nameOf(resource), fields])).toEqual([]);
    expect(found.review.dangers.filter(({ kind }) => kind === "data")).toEqual([]);
  });

  it("shows no secret, in no file", () => {
    const text = JSON.stringify([
      found.review,
      found.imports,
      found.agreed.suggestions,
      found.preparation,
      found.secrets,
    ]);
    expect(text).not.toContain("canary");
  });

  it("is imported and updated with the same objects, and pods restart that the report names", async () => {
    await stage.rehearsal.configure(patchOf(found.agreed.suggestions, only(system)));
    const folder = stage.world.folder;
    for (const part of ["components", "data", "others"] as const) {
      const file = join(folder, files[part]);
      writeFileSync(file, JSON.stringify(found.imports[part]));
      const protect = `--protect=${part === "data"}`;
      const { code, output } = await stage.run(["import", "--file", file, protect, "--generate-code=false", "--yes"]);
      expect(code, tail(output)).toBe(0);
    }
    expect(await uids(client, namespace)).toEqual(before);
    expect(await podUids(client, namespace)).toEqual(pods);

    const prepare = script("", found.preparation.commands);
    const env = { ...process.env, KUBECONFIG: stage.world.env["KUBECONFIG"] };
    execFileSync("sh", ["-c", prepare], { env, stdio: "pipe" });
    expect(await podUids(client, namespace)).toEqual(pods);

    vi.stubEnv("PULUMI_K8S_ENABLE_PATCH_FORCE", "true");
    await stage.mustUp();
    vi.unstubAllEnvs();

    const after = await uids(client, namespace);
    expect(Object.fromEntries([...before].map(([name]) => [name, after.get(name)]))).toEqual(
      Object.fromEntries(before),
    );
    for (const claim of await claims(client, namespace)) {
      expect(claim.metadata.annotations?.["marker"]).toBe(claim.metadata.name);
    }
    const named = found.review.availability.workloads
      .filter(({ verdict }) => verdict !== "untouched")
      .map(({ resource }) => metadataOf(resource)?.name);
    const restarted = await ownersOfGone(client, namespace, pods);
    expect(restarted.filter((owner) => !named.includes(owner))).toEqual([]);
  });

  it("has an empty preview afterwards, and its neighbours are as they were", async () => {
    expect(await stage.planned()).toEqual([]);
    stage.keepsSecrets();
  });
});

/** UIDs by kind and name. */
async function uids(client: Client, namespace: string): Promise<Map<string, string>> {
  const lists = kinds.map(async ([version, plural]) => {
    const objects = await client.list(version, plural, namespace);
    return objects.map(({ metadata }): [string, string] => [`${plural} ${metadata.name}`, metadata.uid ?? ""]);
  });
  return new Map((await Promise.all(lists)).flat());
}

/** UIDs of the pods by owner and name: those of Deployments have other names after a restart. */
async function podUids(client: Client, namespace: string): Promise<Map<string, string>> {
  const list = await client.list("v1", "pods", namespace);
  return new Map(list.map((pod) => [`${ownerOf(pod)} ${pod.metadata.name}`, pod.metadata.uid ?? ""]));
}

function ownerOf(pod: ApiObject): string {
  const [owner] = (pod.metadata as { ownerReferences?: { name: string }[] }).ownerReferences ?? [];
  return owner?.name.replace(/-[0-9a-f]{8,10}$/, "") ?? pod.metadata.name;
}

/** Names of the workloads that have lost a pod they had. */
async function ownersOfGone(client: Client, namespace: string, pods: ReadonlyMap<string, string>): Promise<string[]> {
  const now = new Set((await podUids(client, namespace)).values());
  return [...new Set([...pods].filter(([, uid]) => !now.has(uid)).map(([key]) => key.split(" ")[0] ?? ""))];
}
