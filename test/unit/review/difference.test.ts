/** What would change between two renderings: found, explained, judged. */
import { execFileSync, spawnSync } from "node:child_process";
import fc from "fast-check";
import { beforeAll, describe, expect, it, vi } from "vitest";
import { BaseError, renderBase } from "../../../graph/render/revision.ts";
import { kindOf } from "../../../graph/resource.ts";
import { difference } from "../../../preview/review/difference.ts";
import type { Change } from "../../../preview/review/change.ts";
import { differenceReport } from "../../../preview/report/terminal/difference.ts";
import { differenceHeadline } from "../../../preview/report/words.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { resourceOf, type Resource } from "../../../graph/resource.ts";
import { main } from "../../../preview/main.ts";
import { stack } from "../../support/stack.ts";
import type { Patch } from "../../../graph/render/configuration.ts";

const rendered = async (patch: Patch = {}, name = "prod") => maskedResources((await stack(name, patch)).rendering);
const brief = (changes: readonly Change[]) =>
  changes.map(({ operation, resource, data }) =>
    [operation, kindOf(resource), resource.name, ...(data === undefined ? [] : [data])].join(" "),
  );

describe("the difference", () => {
  let prod: Resource[];
  beforeAll(async () => {
    prod = await rendered();
  });
  const against = async (patch: Patch) => difference(prod, await rendered(patch));

  it("of a stack with itself is nothing", async () => {
    expect(await against({})).toEqual([]);
    expect(differenceHeadline([])).toBe("nothing changes");
  });

  it("of any part of a stack with the whole creates the rest, and the other way round deletes it", () => {
    fc.assert(
      fc.property(fc.subarray(prod.filter(({ type }) => !type.startsWith("doks-systems:"))), (part) => {
        const rest = new Set(prod.filter((one) => !part.includes(one)).map(({ urn }) => urn));
        const made = difference(part, prod).map(({ resource }) => resource.urn);
        const gone = difference(prod, part).map(({ resource }) => resource.urn);
        expect(made.every((urn) => rest.has(urn))).toBe(true);
        expect(gone.toSorted()).toEqual(made.toSorted());
      }),
      { numRuns: 20 },
    );
  });

  it("names the field, by the name of its container", async () => {
    const [change] = (await against({ "doks-systems:dotdo": { image: { tag: "0.9.2" } } })).filter(
      ({ resource }) => resource.name === "dotdo-pods",
    );
    expect(change?.operation).toBe("update");
    const [field] = change?.fields.filter(({ path }) => path.endsWith(".image")) ?? [];
    expect(field).toMatchObject({ path: "spec.template.spec.containers[dotdo].image", replaces: false });
    expect(String(field?.after)).toMatch(/:0\.9\.2$/);
  });

  it("says what is replaced, why, and what becomes of the data", async () => {
    const changes = await against({
      "doks-systems:bowmark": { database: { kind: "in-cluster", storage: "20Gi" }, bucket: { name: "elsewhere" } },
      "doks-systems:platform": { pools: { general: { size: "g-4vcpu-16gb" } } },
    });
    expect(brief(changes).filter((line) => line.startsWith("replace"))).toEqual([
      "replace StatefulSet bow-mark-postgres refused",
      "replace SpacesBucket bow-mark-bucket refused",
      "replace KubernetesNodePool platform-general refused",
    ]);
    const reasons = changes.flatMap(({ fields }) => fields.filter(({ replaces }) => replaces).map(({ path }) => path));
    expect(reasons).toContain("size");
    expect(reasons.some((path) => path.startsWith("spec.volumeClaimTemplates"))).toBe(true);
    const report = differenceReport("prod", "main", changes);
    expect(report).toContain("protected: the update is refused");
    expect(report).toContain("makes a new one");
  });

  it("says that data is lost where nothing protects it", async () => {
    const staging = await rendered({}, "staging");
    const without = await rendered({ "doks-systems:caracal": null }, "staging");
    const lost = brief(difference(staging, without)).filter((line) => line.endsWith(" lost"));
    expect(lost).toEqual(
      expect.arrayContaining(["delete StatefulSet caracal-kafka lost", "delete Namespace caracal-namespace lost"]),
    );
    expect(differenceHeadline(difference(staging, without))).toMatch(/^\d+ to delete; data lost with \d+$/);
  });

  it("says that protection goes when a stack is no longer production, which the engine says nothing of", async () => {
    const changes = await against({ "doks-systems:platform": { environment: "staging" } });
    const bare = changes.filter(({ data }) => data === "unprotected").map(({ resource }) => resource.name);
    expect(bare).toEqual(expect.arrayContaining(["platform", "platform-vpc", "gx-postgres", "bow-mark-bucket"]));
    const headline = differenceHeadline(changes);
    expect(headline).toMatch(/; \d+ lose their protection$/);
    expect(differenceReport("prod", "main", changes)).toContain("LOSES ITS PROTECTION");
  });

  describe("of options alone", () => {
    const bucket = (options: Partial<Resource> = {}) =>
      resourceOf({ urn: "urn:b", type: "digitalocean:index/spacesBucket:SpacesBucket", name: "b", ...options });
    const kept = bucket({ protect: true, retainOnDelete: true });

    it("names what protection goes, as a danger before everything else", () => {
      const claim = (name: string, options: Partial<Resource>) =>
        resourceOf({ urn: `urn:a:${name}`, type: "kubernetes:core/v1:ConfigMap", name, ...options });
      const before = [kept, claim("gone", {}), claim("grows", { inputs: { data: { a: "1" } } })];
      const changes = difference(before, [bucket({ protect: true }), claim("grows", { inputs: { data: { a: "2" } } })]);
      expect(brief(changes)).toEqual([
        "options SpacesBucket b unprotected",
        "delete ConfigMap gone",
        "update ConfigMap grows",
      ]);
      expect(changes[0]?.fields).toEqual([{ path: "(retainOnDelete)", before: true, after: false, replaces: false }]);
      expect(differenceHeadline(changes)).toBe(
        "1 to delete, 1 to update, 1 with other options; 1 lose their protection",
      );
    });

    it("names what protection comes, and what is ignored, which no later update loses anything by", () => {
      expect(brief(difference([bucket()], [kept]))).toEqual(["options SpacesBucket b"]);
      const ignoring = bucket({ ignoreChanges: ["acl"] });
      expect(difference([bucket()], [ignoring])[0]?.fields.map(({ path }) => path)).toEqual(["(ignoreChanges)"]);
    });

    it("says nothing of protection that a replaced resource would lose: the engine refuses it", () => {
      const renamed = bucket({ inputs: { name: "other" } });
      expect(brief(difference([{ ...kept, inputs: { name: "one" } }], [renamed]))).toEqual([
        "replace SpacesBucket b refused",
      ]);
    });
  });

  describe("of what is replaced", () => {
    const vpcRange: Patch = { "doks-systems:platform": { cluster: { vpcRange: "10.40.0.0/20" } } };

    it("names what was made with its id, and everything in a cluster that is another one", async () => {
      const changes = await against(vpcRange);
      const replaced = (kind: string) =>
        changes.filter(({ operation, resource }) => operation === "replace" && kindOf(resource) === kind);
      expect(replaced("Vpc")).toHaveLength(1);
      expect(replaced("KubernetesCluster")[0]).toMatchObject({
        data: "refused",
        fields: [{ path: "vpcUuid", after: "known after the update", replaces: true }],
      });
      expect(replaced("DatabaseCluster").map(({ data }) => data)).toEqual(["refused"]);
      expect(replaced("DatabaseDb")[0]?.fields.map(({ path }) => path)).toEqual(["clusterId"]);
      const [kafka] = replaced("StatefulSet").filter(({ resource }) => resource.name === "caracal-kafka");
      expect(kafka?.fields.map(({ path }) => path)).toEqual(["(provider)"]);
      // Buckets, keys and the registry are not in the VPC.
      expect([...replaced("SpacesBucket"), ...replaced("RandomBytes"), ...replaced("ContainerRegistry")]).toEqual([]);
    });

    it("takes certificates along with the key of their authority", () => {
      const key = (algorithm: string) =>
        resourceOf({ urn: "urn:k", type: "tls:index/privateKey:PrivateKey", name: "k", inputs: { algorithm } });
      const request = resourceOf({
        ...{ urn: "urn:r", type: "tls:index/certRequest:CertRequest", name: "r" },
        ...{ inputs: { privateKeyPem: "[secret]" }, inputsFrom: { privateKeyPem: ["urn:k"] }, dependsOn: ["urn:k"] },
      });
      const signed = resourceOf({
        ...{ urn: "urn:s", type: "tls:index/locallySignedCert:LocallySignedCert", name: "s" },
        ...{ inputs: { certRequestPem: "[secret]" }, inputsFrom: { certRequestPem: ["urn:r"] } },
      });
      const rest = [request, signed];
      expect(brief(difference([key("RSA"), ...rest], [key("ECDSA"), ...rest]))).toEqual([
        "replace PrivateKey k",
        "replace CertRequest r",
        "replace LocallySignedCert s",
      ]);
    });

    it("leaves what knows of it only what was given, such as its name", async () => {
      const changes = await against({ "doks-systems:platform": { storageRegion: "fra1" } });
      const credentials = changes.filter(({ resource }) => kindOf(resource).startsWith("ContainerRegistry"));
      expect(brief(credentials)).toEqual(["replace ContainerRegistry platform-registry refused"]);
    });

    it("takes nothing along that a new one changes nothing of", () => {
      const job = (image: string) =>
        resourceOf({ urn: "urn:j", type: "kubernetes:batch/v1:Job", name: "j", inputs: { spec: { template: image } } });
      const waiting = resourceOf({
        ...{ urn: "urn:d", type: "kubernetes:apps/v1:Deployment", name: "d", dependsOn: ["urn:j"] },
        inputs: { spec: {} },
      });
      expect(brief(difference([job("1"), waiting], [job("2"), waiting]))).toEqual(["replace Job j"]);
    });
  });

  it("replaces what the program replaces by choice", () => {
    const budget = (minAvailable: number) =>
      resourceOf({
        ...{ urn: "urn:p", type: "kubernetes:policy/v1:PodDisruptionBudget", name: "p" },
        ...{ inputs: { spec: { minAvailable } }, replaceOnChanges: ["spec.minAvailable"] },
      });
    expect(brief(difference([budget(1)], [budget(2)]))).toEqual(["replace PodDisruptionBudget p"]);
    const plain = { ...budget(2), replaceOnChanges: [] };
    expect(brief(difference([budget(1)], [plain]))).toEqual(["update PodDisruptionBudget p"]);
  });

  it.each<[string, Patch, Patch, string]>([
    [
      "a smaller managed database",
      {},
      { "doks-systems:gx": { database: { size: "db-s-1vcpu-1gb", nodes: 1 } } },
      "a managed database never shrinks",
    ],
    [
      "an older version of one",
      {},
      { "doks-systems:gx": { database: { version: "15" } } },
      "a version is never lowered",
    ],
    [
      "a control plane that is no longer highly available",
      {},
      { "doks-systems:platform": { cluster: { ha: false } } },
      "a highly available control plane stays one",
    ],
  ])("says that DigitalOcean refuses %s", async (_what, base, patch, reason) => {
    const changes = difference(await rendered(base), await rendered({ ...base, ...patch }));
    expect(changes.map(({ impossible }) => impossible)).toContain(reason);
    expect(differenceHeadline(changes)).toMatch(/; 1 that the provider refuses$/);
  });

  it("a larger database is only an update", async () => {
    const [change] = (await against({ "doks-systems:gx": { database: { size: "db-s-2vcpu-4gb" } } })).filter(
      ({ resource }) => kindOf(resource) === "DatabaseCluster",
    );
    expect(change).toMatchObject({ operation: "update", data: undefined });
    expect(change?.impossible).toBeUndefined();
  });

  it("does not count what the program ignores", () => {
    const cluster = prod.find(({ type }) => type.endsWith(":KubernetesCluster"));
    if (cluster === undefined) throw new Error("no cluster");
    const patched = { ...cluster, inputs: { ...cluster.inputs, version: "1.36.9-do.0" } };
    expect(difference([patched], [cluster])).toEqual([]);
  });

  it("knows a resource by its alias, and its children by their parent's", () => {
    const urn = (types: string, name: string) => `urn:pulumi:prod::doks-systems::${types}::${name}`;
    const resource = (types: string, name: string, more: object = {}): Resource => {
      const [type = ""] = types.split("$").slice(-1);
      return resourceOf({ urn: urn(types, name), type, name, ...more });
    };
    const inside = "doks-systems:x:X$kubernetes:core/v1:Secret";
    const before = [resource("doks-systems:x:X", "old"), resource(inside, "old-secret")];
    const renamed = resource("doks-systems:x:X", "new", { aliases: [urn("doks-systems:x:X", "old")] });
    const child = resource(inside, "new-secret", { parent: renamed.urn });
    expect(difference(before, [renamed, child])).toEqual([]);
    expect(brief(difference(before, [{ ...renamed, aliases: [] }, child]))).toEqual([
      "delete Secret old-secret",
      "create Secret new-secret",
    ]);
  });

  it("shows no secret", async () => {
    const changes = await against({ "doks-systems:secrets": { dotdo: { tursoToken: "canary-new" } } });
    expect(JSON.stringify(changes)).not.toContain("canary-new");
  });
});

const inGit = spawnSync("git", ["rev-parse", "--verify", "HEAD"]).status === 0;
if (!inGit) console.warn("skipped: the difference against a commit, outside of a git checkout");

describe.skipIf(!inGit)("npm run preview -- --base", () => {
  it("takes a commit, renders it once, and says so when there is none", async () => {
    const log = vi.spyOn(console, "log").mockImplementation(() => undefined);
    const error = vi.spyOn(console, "error").mockImplementation(() => undefined);
    try {
      const head = execFileSync("git", ["rev-parse", "HEAD"], { encoding: "utf8" }).trim();
      const first = await renderBase("staging", head);
      expect(first.length).toBeGreaterThan(100);
      expect(await renderBase("staging", "HEAD")).toEqual(first);
      expect(await renderBase("no-such-stack", "HEAD")).toEqual([]);
      await expect(renderBase("staging", "no-such-branch")).rejects.toThrow(BaseError);
      expect(await main(["staging", "--base", "no-such-branch"])).toBe(1);
      expect(await main(["staging", "--fail-on-data-loss"])).toBe(2);
      expect(error.mock.calls.flat().join("\n")).toContain("--fail-on-data-loss needs --base");
    } finally {
      log.mockRestore();
      error.mockRestore();
    }
  });
});
