/** `retired`: what is left of each system, and that it is the same as before. */
import { beforeAll, describe, expect, it } from "vitest";
import { dataHolders } from "../../../graph/data.ts";
import { podsOf } from "../../../graph/pods.ts";
import { kindOf, type Resource } from "../../../graph/resource.ts";
import { byUrn, systemOf } from "../../../graph/stack.ts";
import { stack, systemKeys, type RenderedStack, type SystemKey } from "../../support/stack.ts";

/** Every system of production, retired so far. */
function all(retired: (key: SystemKey) => unknown): Promise<RenderedStack> {
  const patches = systemKeys.map((key) => [`doks-systems:${key}`, { retired: retired(key) }]);
  return stack("prod", Object.fromEntries(patches) as Record<string, object>);
}

/** Resources of the systems alone, without the platform's. */
function own({ rendering: { resources } }: RenderedStack): Resource[] {
  const known = byUrn(resources);
  return resources.filter((one) => one.custom && systemOf(one, known) !== "platform");
}

const kinds = (resources: readonly Resource[]) => [...new Set(resources.map(kindOf))].toSorted();

let running: RenderedStack;
beforeAll(async () => {
  running = await stack("prod");
});

describe("all five systems, retired", () => {
  let retired: RenderedStack;
  beforeAll(async () => {
    retired = await all(() => true);
  });

  it("have no pod left, nothing that starts one, and nothing that leads to one", () => {
    expect(podsOf(own(retired)).map(({ replicas }) => replicas.max)).toEqual(podsOf(own(retired)).map(() => 0));
    expect(podsOf(own(retired)).length).toBeGreaterThan(0);
    expect(kinds(own(retired))).toEqual([
      ...["CertRequest", "DatabaseCluster", "DatabaseDb", "DatabaseFirewall", "DatabaseUser", "LocallySignedCert"],
      ...["Namespace", "NetworkPolicy", "PrivateKey", "ProjectResources", "RandomBytes", "Secret", "SelfSignedCert"],
      ...["SpacesBucket", "SpacesKey", "StatefulSet"],
    ]);
    expect(retired.names("NetworkPolicy").filter((name) => name !== "deny-all")).toEqual(
      retired
        .all("NetworkPolicy")
        .filter((one) => !own(retired).includes(one))
        .map(({ name }) => name),
    );
  });

  it("keep everything that holds data under the same URN, as protected as it was", () => {
    const held = dataHolders(running.rendering.resources);
    const before = own(running).filter(({ urn }) => held.has(urn));
    const after = byUrn(retired.rendering.resources);
    const guarded = ({ urn, protect, retainOnDelete }: Resource) => ({ urn, protect, retainOnDelete });
    expect(before.map((one) => guarded(after.get(one.urn) as Resource))).toEqual(before.map(guarded));
    expect(kinds(before)).toEqual([
      "DatabaseCluster",
      "DatabaseDb",
      "Namespace",
      "PrivateKey",
      "SpacesBucket",
      "StatefulSet",
    ]);
  });

  it("keep every generated password and key, and the Secrets that hold them", () => {
    const generated = (of: RenderedStack, kind: string) => own(of).filter((one) => kindOf(one) === kind);
    for (const kind of ["RandomBytes", "PrivateKey"]) {
      const urns = generated(running, kind).map(({ urn }) => urn);
      expect(
        generated(retired, kind).map(({ urn }) => urn),
        kind,
      ).toEqual(urns);
    }
    const content = (of: RenderedStack) =>
      Object.fromEntries(
        generated(of, "Secret")
          .filter(({ inputs }) => inputs["type"] !== "kubernetes.io/dockerconfigjson")
          .map(({ urn, inputs }) => [urn, inputs["stringData"]]),
      );
    expect(content(retired)).toEqual(content(running));
  });

  it("change nothing of a StatefulSet but its number of pods, so that coming back takes the same claims", () => {
    const without = (set: Resource) => {
      const { replicas: _replicas, ...spec } = set.inputs["spec"] as Record<string, unknown>;
      const { annotations: _annotations, ...metadata } = set.inputs["metadata"] as Record<string, unknown>;
      return { ...set.inputs, spec, metadata };
    };
    for (const set of own(retired).filter((one) => kindOf(one) === "StatefulSet")) {
      const before = byUrn(running.rendering.resources).get(set.urn) as Resource;
      expect(without(set), set.name).toEqual(without(before));
    }
  });

  it("let no dump expire, for none takes its place", () => {
    const rules = (of: RenderedStack) => of.one("SpacesBucket", "gx-backups").inputs.lifecycleRules as unknown[];
    expect(rules(running)).toHaveLength(1);
    expect(rules(retired)).toEqual([]);
  });

  it("tell no address that leads nowhere", () => {
    const { outputs } = retired.rendering;
    expect(outputs["gx"]).toEqual({
      retired: true,
      namespace: "backend-mainnet",
      databaseHost: expect.any(String) as string,
      backupBucket: "gx-backups",
    });
    expect(outputs["systems"]).toMatchObject({ gx: { presence: "retired", protected: true } });
    expect((running.rendering.outputs["systems"] as { gx: object }).gx).toEqual({
      presence: "running",
      protected: true,
    });
  });

  it("let another system have the host, and the pool be gone", async () => {
    const host = "api.gxcoin.com";
    const patched = await stack("prod", {
      "doks-systems:gx": { retired: true, pool: "gone" },
      "doks-systems:dotdo": { ingress: { host } },
    });
    expect(patched.one("ListenerSet", "dotdo").inputs.spec.listeners).toMatchObject([{ hostname: host }]);
  });
});

describe("a last dump of a retired system", () => {
  const dumping = (key: SystemKey) => (key === "dotdo" ? true : { lastBackup: true });

  it("runs its PostgreSQL, what prepares that, and one Job that dumps; nothing else", async () => {
    const rendered = await all(dumping);
    const pods = podsOf(own(rendered)).filter(({ replicas }) => replicas.max > 0);
    expect(pods.map(({ owner }) => `${kindOf(owner)} ${owner.name}`).toSorted()).toEqual([
      ...["Job bow-mark-backup-last", "Job bow-mark-postgres-setup"],
      ...["Job caracal-backup-last", "Job caracal-postgres-setup"],
      ...["Job gx-backup-last", "Job gx-postgres-grant"],
      ...["Job hermes-backup-last", "Job hermes-postgres-setup"],
      ...["StatefulSet bow-mark-postgres", "StatefulSet caracal-postgres", "StatefulSet hermes-postgres"],
    ]);
    expect(rendered.before("Job", "gx-backup-last")).toContain("gx-postgres-grant");
  });

  it("dumps what the nightly backup dumps, with the same containers", async () => {
    const rendered = await all(dumping);
    const nightly = running.one("CronJob", "gx-backup").inputs.spec.jobTemplate.spec.template.spec
      .containers as unknown;
    expect(rendered.one("Job", "gx-backup-last").inputs.spec.template.spec.containers).toEqual(nightly);
  });

  it("may be reached by the dump alone", async () => {
    const rendered = await all(dumping);
    const policies = own(rendered).filter((one) => kindOf(one) === "NetworkPolicy" && one.name.startsWith("hermes"));
    expect(policies.map(({ name }) => name).toSorted()).toEqual([
      ...["hermes-backup-last", "hermes-backup-last-to-ipfs-cache-postgres", "hermes-namespace-deny-all"],
      ...["hermes-postgres", "hermes-postgres-setup", "hermes-postgres-setup-to-ipfs-cache-postgres"],
    ]);
  });
});

describe("data that is given up", () => {
  let given: RenderedStack;
  beforeAll(async () => {
    given = await all((key) => ({ dataGoes: key, withoutBackup: key === "dotdo" }));
  });

  it("may be deleted, buckets with what is in them; the dumps stay at DigitalOcean", () => {
    const kept = own(given).filter(({ protect, retainOnDelete }) => protect || retainOnDelete === true);
    const stays = ["bow-mark-backup-bucket", "caracal-backup-bucket", "gx-backup-bucket", "hermes-backup-bucket"];
    expect(kept.map(({ name, protect }) => [name, protect]).toSorted()).toEqual(stays.map((name) => [name, false]));
    const emptied = given.all("SpacesBucket").filter(({ inputs }) => inputs["forceDestroy"] === true);
    expect(emptied.map(({ name }) => name).toSorted()).toEqual(["bow-mark-bucket", "dotdo-bucket"]);
  });

  it("takes the claims along, also in a namespace that stays", () => {
    for (const { inputs } of own(given).filter((one) => kindOf(one) === "StatefulSet"))
      expect(inputs["spec"]).toMatchObject({ persistentVolumeClaimRetentionPolicy: { whenDeleted: "Delete" } });
  });
});
