/** Where data is, and what a change does to it, in sentences. What a control plane does with claims: test/cluster/claims. */
import { beforeAll, describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import type { Patch } from "../../../graph/render/configuration.ts";
import type { Resource } from "../../../graph/resource.ts";
import { dataDangers } from "../../../preview/review/data/dangers.ts";
import { dataFates, unchanged, type DataFate } from "../../../preview/review/data/fates.ts";
import { dataPlaces } from "../../../preview/review/data/places.ts";
import { exposure } from "../../../preview/review/exposure/exposure.ts";
import { difference } from "../../../preview/review/difference.ts";
import { dataSection } from "../../../preview/report/sections/data.ts";
import { stack } from "../../support/stack.ts";

const rendered = async (name: string, patch: Patch = {}) => maskedResources((await stack(name, patch)).rendering);
const managed = { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 1, storage: null };

/** That there is a comparison is all that the section asks of it. */
const change = {
  base: { reference: "main", resources: [] },
  ...{ changes: [], costs: [], exposure: [] },
  exposed: exposure([]),
};

describe("data", () => {
  const base: Record<string, Resource[]> = {};
  beforeAll(async () => {
    for (const name of ["prod", "staging"]) base[name] = await rendered(name);
  }, 300_000);

  const fatesOf = async (name: string, patch: Patch) => {
    const before = base[name] ?? [];
    const after = await rendered(name, patch);
    return dataFates(before, after, difference(before, after));
  };
  const moving = (fates: readonly DataFate[]) =>
    fates.flatMap(({ place, fate, text }) => (text === undefined ? [] : [`${fate}: ${place.label} ${text}`]));

  it("is named by system, with what becomes of it when its resource goes", () => {
    const words = dataPlaces(base["prod"] ?? []).map(({ system, what, outlives }) => `${system}: ${what}; ${outlives}`);
    expect(words).toEqual(
      expect.arrayContaining([
        "bow-mark: 1 volume of 10Gi: claim postgres-data-postgres-0 in namespace bow-mark, class do-block-storage; the claims outlive the StatefulSet, and the volumes go with the claims",
        "caracal: 3 volumes of 20Gi: claims kafka-data-caracal-kafka-0 to -2 in namespace caracal, class do-block-storage-retain; the claims outlive the StatefulSet, and the volumes outlive the claims",
        "gx: managed PostgreSQL gx-postgres-prod: 2 × db-s-1vcpu-2gb, with DigitalOcean's backups of seven days; kept at DigitalOcean",
        "dotdo: bucket dotdo-objects in nyc3, every version of an object; kept at DigitalOcean",
        "platform: 1 volume of 50Gi, of chart prometheus in namespace monitoring, class do-block-storage-retain; the claims outlive the chart",
        "caracal: private key caracal-merkle of signatures that others verify; only in Pulumi's state",
      ]),
    );
    // A server's key is made anew with its certificate.
    expect(words.join()).not.toContain("caracal-ca-gateway-key");
    expect(dataSection({ data: unchanged(base["prod"] ?? []), change: undefined })?.verdict.text).toBe(
      "13 volumes, 6 buckets, 1 managed server, 3 private keys",
    );
  });

  it("that nothing happens to is all that a harmless change has to say", async () => {
    const fates = await fatesOf("prod", { "doks-systems:gx": { imageTag: "2.0.1" } });
    expect(moving(fates)).toEqual([]);
    expect(dataDangers(fates)).toEqual([]);
    expect(dataSection({ data: fates, change })?.verdict).toEqual({ text: "all of it stays", tone: "good" });
  });

  const takenAlong =
    "leave gx.database as it is and write the new one as gx.database.beside, with the next generation and step: copy; " +
    "everything is then copied into it before it serves";

  const storage: Patch = { "doks-systems:bowmark": { database: { kind: "in-cluster", storage: "20Gi" } } };

  it("of a StatefulSet that is made anew comes back with its claims, which stay as large as they are", async () => {
    const fates = await fatesOf("staging", storage);
    expect(moving(fates)).toEqual([
      "comes back: StatefulSet bow-mark/postgres is made anew and takes claim postgres-data-postgres-0 in namespace bow-mark again, " +
        "with all that is in it; size and class of what is there stay: a template counts for claims that are yet to be made",
    ]);
    expect(dataDangers(fates)).toMatchObject([
      {
        ...{ kind: "data", level: "look", page: "docs/runbooks/volumes.md" },
        reason: "spec.volumeClaimTemplates[0].spec.resources.requests.storage",
      },
    ]);
  });

  it("that is protected stops the update, and the sentence says what would happen without", async () => {
    expect(dataDangers(await fatesOf("prod", storage))).toMatchObject([
      {
        ...{ level: "stop", resource: "StatefulSet bow-mark/postgres", page: "docs/runbooks/volumes.md" },
        text: expect.stringMatching(
          /^is protected, so the update is refused; unprotected, it is made anew and takes claim postgres-data-postgres-0/,
        ) as string,
      },
    ]);
  });

  it("of a system that is switched off goes with its namespace, keys included", async () => {
    const found = moving(await fatesOf("staging", { "doks-systems:caracal": null }));
    expect(found).toHaveLength(7);
    expect(found.every((line) => line.startsWith("lost: "))).toBe(true);
    expect(found).toContain(
      "lost: StatefulSet caracal/caracal-kafka loses claims kafka-data-caracal-kafka-0 to -2 in namespace caracal: " +
        "the namespace goes, and the volumes with it",
    );
    expect(found.join("\n")).toContain("PrivateKey caracal-merkle is forgotten: what it signed");
  });

  it("stays behind in the cluster where a managed server takes its place, which starts empty", async () => {
    const fates = await fatesOf("staging", { "doks-systems:gx": { database: managed } });
    expect(moving(fates)).toEqual([
      "starts empty: StatefulSet backend-testnet/postgres is deleted; claim data-postgres-0 in namespace backend-testnet stays " +
        "with all that is in it, used by nobody; DatabaseCluster gx-postgres-staging takes its place, and starts empty",
    ]);
    expect(dataDangers(fates)).toMatchObject([
      { level: "stop", page: "docs/runbooks/moving/to-managed.md", fix: takenAlong },
    ]);
    expect(fates.filter(({ fate }) => fate === "new").map(({ place }) => place.label)).toContain(
      "DatabaseCluster gx-postgres-staging",
    );
  });

  it("that would start empty elsewhere has the page of its move, and the setting that takes it along", async () => {
    const inCluster = { kind: "in-cluster", size: null, nodes: null };
    const [managedGone] = dataDangers(await fatesOf("prod", { "doks-systems:gx": { database: inCluster } }));
    expect(managedGone).toMatchObject({ resource: "DatabaseCluster gx-postgres-prod", fix: takenAlong });
    expect(managedGone?.page).toBe("docs/runbooks/moving/to-cluster.md");
    const next = { database: { generation: 2 } };
    expect(dataDangers(await fatesOf("staging", { "doks-systems:gx": next }))).toMatchObject([
      { page: "docs/runbooks/moving/postgres-version.md", fix: takenAlong },
    ]);
    const version = await fatesOf("staging", { "doks-systems:gx": { database: { version: "17" } } });
    expect(dataDangers(version)).toMatchObject([
      {
        ...{ level: "stop", page: "docs/runbooks/moving/postgres-version.md", fix: takenAlong },
        text: "keeps its volume, which PostgreSQL 16 wrote and 17 cannot read: the server does not start, and the update ends in an error",
      },
    ]);
    const other = { database: { kind: "in-cluster", storageClass: "do-block-storage-retain" } };
    expect(dataDangers(await fatesOf("prod", { "doks-systems:bowmark": other }))).toMatchObject([
      { level: "stop", page: "docs/runbooks/moving/storage-class.md" },
    ]);
    const region = await fatesOf("prod", { "doks-systems:platform": { region: "sfo3" } });
    const pages = new Set(dataDangers(region).map(({ page }) => page));
    expect([...pages]).toEqual(["docs/runbooks/moving/region.md"]);
  });

  it("of a server that has been moved from is refused until it is released, and then stays as a claim that nobody uses", async () => {
    const now = { kind: "managed", generation: 2, size: "db-s-1vcpu-2gb", nodes: 1, storage: null, version: "16" };
    const beside = { kind: "in-cluster", generation: 1, storage: "20Gi" };
    const gx = (step: string | null): Patch => ({
      "doks-systems:gx": { database: { ...now, beside: step === null ? null : { ...beside, step } } },
    });
    const [kept, released, gone] = await Promise.all(
      ["keep", "release", null].map((step) => rendered("prod", gx(step))),
    );
    const fates = (before: Resource[] = [], after: Resource[] = []) =>
      dataFates(before, after, difference(before, after));
    expect(dataDangers(fates(kept, released))).toEqual([]);
    expect(dataDangers(fates(kept, gone))).toMatchObject([
      {
        ...{
          level: "stop",
          resource: "StatefulSet backend-mainnet/postgres",
          page: "docs/runbooks/moving/to-managed.md",
        },
        fix: "set gx.database.beside.step to release first, in an update of its own",
      },
    ]);
    expect(moving(fates(released, gone))).toEqual([
      "stays unmanaged: StatefulSet backend-mainnet/postgres is deleted; claim data-postgres-0 in namespace backend-mainnet stays " +
        "with all that is in it, used by nobody",
    ]);
  });

  it("of a bucket with another name stays in the old one, and the new one starts empty", async () => {
    const other: Patch = { "doks-systems:bowmark": { bucket: { name: "bow-mark-other" } } };
    const [staging] = moving(await fatesOf("staging", other));
    expect(staging).toMatch(/^starts empty: SpacesBucket bow-mark-files-staging is made anew and starts empty/);
    expect(staging).toMatch(/the update ends in an error, because only an empty bucket is deleted$/);
    const [prod] = moving(await fatesOf("prod", other));
    expect(prod).toMatch(
      /^refused: .* unprotected, it is made anew and starts empty; the old one stays at DigitalOcean/,
    );
    expect(prod).not.toContain("error");
  });

  it("of a cluster that goes takes its volumes along in staging, and leaves them at DigitalOcean in production", async () => {
    const elsewhere: Patch = { "doks-systems:platform": { region: "sfo3" } };
    const [staging, prod] = [moving(await fatesOf("staging", elsewhere)), moving(await fatesOf("prod", elsewhere))];
    expect(staging).toContain(
      "lost: StatefulSet caracal/caracal-kafka loses its volumes: KubernetesCluster doks-staging goes, and takes them along",
    );
    expect(prod).toContain(
      "refused: StatefulSet caracal/caracal-kafka is protected, so the update is refused; unprotected, it starts empty in another " +
        "cluster: KubernetesCluster doks-prod goes, and the old volumes stay at DigitalOcean, bound to nothing",
    );
    // The database on the server is not said again.
    expect(prod.filter((line) => line.includes("Database")).length).toBe(1);
  });

  it("is listed with what a change does to each, the worst first", async () => {
    const patch = { ...storage, "doks-systems:gx": { database: managed } };
    const section = dataSection({ data: await fatesOf("staging", patch), change });
    expect(section?.verdict).toEqual({ text: "1 starts empty, 1 comes back", tone: "bad" });
    expect(section?.items.map(({ what, tone }) => `${what ?? ""} ${tone}`)).toEqual([
      "starts empty bad",
      "comes back warn",
    ]);
    expect(section?.table?.rows.map((row) => row.at(-1)).slice(0, 3)).toEqual([
      { text: "starts empty", tone: "bad" },
      { text: "comes back", tone: "warn" },
      { text: "new", tone: "good" },
    ]);
  });
});
