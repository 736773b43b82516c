/** Two PostgreSQL servers of one system, while data moves from one to the other: in which order an update does what. */
import { beforeAll, describe, expect, it } from "vitest";
import type { Patch } from "../../graph/render/configuration.ts";
import { kindOf } from "../../graph/resource.ts";
import { alone, changes, env, problems, type RenderedStack, type SystemKey } from "../support/stack.ts";

const inCluster = { kind: "in-cluster", storage: "20Gi", size: null, nodes: null };
const managed = { kind: "managed", generation: 2, size: "db-s-1vcpu-2gb", nodes: 2, storage: null };
const beside = (one: object, step?: string) => {
  const plain = Object.fromEntries(Object.entries(one).filter(([, value]) => value !== null));
  const numbered = { generation: 1, ...plain };
  return step === undefined ? numbered : { ...numbered, step };
};

/** The stack file of each step of docs/runbooks/moving/to-managed.md, and what is there before and after. */
const steps = {
  before: inCluster,
  beside: { ...inCluster, beside: beside(managed) },
  copy: { ...inCluster, beside: beside(managed, "copy") },
  swapped: { ...managed, beside: beside(inCluster) },
  released: { ...managed, beside: beside(inCluster, "release") },
  after: managed,
} as const;

interface Moved {
  readonly system: SystemKey;
  readonly server: string;
  readonly secret: string;
  /** Deployments that open connections to PostgreSQL. */
  readonly writers: readonly string[];
  readonly others: readonly string[];
  readonly over?: object;
}

const systems: readonly Moved[] = [
  {
    ...{ system: "gx", server: "postgres", secret: "backend-secrets", others: [] },
    writers: ["outbox-submitter", "projector", "svc-identity"],
  },
  {
    ...{ system: "hermes", server: "ipfs-cache-postgres", secret: "ipfs-cache-db-credentials", others: [] },
    writers: ["hermes-ipfs-cache"],
    over: { imageSupports: { databaseTls: true } },
  },
  {
    ...{ system: "bowmark", server: "postgres", secret: "postgres" },
    writers: ["server", "worker", "consumer"].flatMap((one) => [`${one}-deployment`, `${one}-concrete-deployment`]),
    others: ["client-deployment", "client-concrete-deployment"],
  },
  {
    ...{ system: "caracal", server: "caracal-postgres", secret: "caracal-secrets" },
    writers: ["gateway", "mcp-adapter", "ledger-writer", "audit-logger"].map((one) => `caracal-${one}`),
    others: ["caracal-metrics-aggregator", "caracal-schema-registry"],
  },
];

describe.each(systems)(
  "$system moves to a managed server",
  ({ system, server, secret, writers, others, over = {} }) => {
    const at: Partial<Record<keyof typeof steps, RenderedStack>> = {};
    beforeAll(async () => {
      for (const [step, database] of Object.entries(steps)) {
        const patch: Patch = { [`doks-systems:${system}`]: { ...over, database } };
        at[step as keyof typeof steps] = await alone(system)("prod", patch);
      }
    }, 300_000);
    const step = (which: keyof typeof steps): RenderedStack => {
      const found = at[which];
      if (found === undefined) throw new Error(`${which} was not rendered`);
      return found;
    };
    const move = (stack: RenderedStack) => {
      const [one, ...more] = stack.all("Job").filter(({ name }) => name === `${prefix}-postgres-move`);
      if (one === undefined || more.length > 0) throw new Error(`${more.length} more than one Job`);
      return one;
    };
    const prefix = system === "bowmark" ? "bow-mark" : system;
    const waitsFor = (stack: RenderedStack, kind: string, name: string) =>
      stack.waitsFor(stack.one(kind, name)).map((one) => `${kindOf(one)} ${one.name}`);
    const job = `Job ${prefix}-postgres-move`;

    it("without a change of the old server, from the first step until it is taken away", () => {
      const was = step("before").object("StatefulSet", server);
      for (const which of ["beside", "copy", "swapped", "released"] as const)
        expect(step(which).object("StatefulSet", server), which).toEqual(was);
      expect(step("after").names("StatefulSet")).not.toContain(server);
    });

    it("first has the new server beside the old one, and no workload changes", () => {
      const changed = changes(step("before"), step("beside"));
      expect(
        changed
          .filter((one) => /^(Deployment|StatefulSet|CronJob|HorizontalPodAutoscaler) /.test(one))
          .filter((one) => one !== "Deployment svc-identity"),
      ).toEqual([]);
      for (const name of writers) {
        const [before, now] = [step("before"), step("beside")].map((one) => one.podSpec("Deployment", name) as object);
        expect(now).toEqual(before);
      }
    });

    it("copies only after the new server is ready and every workload that opens connections has no pods", () => {
      const stack = step("copy");
      const before = stack.waitsFor(move(stack)).map((one) => `${kindOf(one)} ${one.name}`);
      for (const name of writers) {
        expect(stack.object("Deployment", name).spec.replicas, name).toBe(0);
        expect(before).toContain(`Deployment ${stack.one("Deployment", name).name}`);
        // So that they stop no sooner than there is somewhere to copy to.
        expect(waitsFor(stack, "Deployment", name)).toContain(`Job ${prefix}-postgres-2-grant`);
        // Still the old server's: whoever starts one by hand meets the old data.
        expect(stack.containers("Deployment", name)).toEqual(step("before").containers("Deployment", name));
      }
      expect(others.map((name) => stack.object("Deployment", name).spec.replicas)).toEqual(
        others.map((name) => step("before").object("Deployment", name).spec.replicas as number),
      );
      expect(
        stack.names("HorizontalPodAutoscaler").filter((name) => writers.some((one) => name.startsWith(one))),
      ).toEqual([]);
      const container = stack.podTemplates().find(({ owner }) => owner.startsWith(`Job/${server}-move-`))?.template.spec
        .containers[0];
      expect(env(container, "STEP")).toBe("copy");
      expect(env(container, "FROM_SSLMODE")).toBe("disable");
      expect(env(container, "TO_SSLMODE")).toBe("require");
      expect(env(container, "TO_SSLROOTCERT")).toBe("/to/ca.crt");
    });

    it("lets no workload know the new server before a Job has seen that the data is there", () => {
      const stack = step("swapped");
      expect(waitsFor(stack, "Secret", secret)).toContain(job);
      for (const name of writers) {
        expect(waitsFor(stack, "Deployment", name)).toContain(job);
        expect(stack.object("Deployment", name).spec.replicas, name).toBeGreaterThan(0);
      }
      for (const [name, host] of hostsIn(stack))
        expect(waitsFor(stack, "ConfigMap", name), `${name} has ${host}`).toContain(job);
      // Migrations are the first who write to it.
      for (const task of stack.all("Job").filter(({ name }) => /migrate/.test(name)))
        expect(stack.waitsFor(task).map(({ name }) => name)).toContain(`${prefix}-postgres-move`);
    });

    it("keeps both protected until the old one is released, and then takes nothing away but that", () => {
      const isProtected = (which: keyof typeof steps, kind: string, name: string) =>
        step(which).one(kind, name).protect;
      for (const which of ["beside", "copy", "swapped"] as const) {
        expect(isProtected(which, "StatefulSet", server), which).toBe(true);
        expect(
          step(which)
            .all("DatabaseCluster")
            .map((one) => one.protect),
        ).toEqual([true]);
      }
      expect(isProtected("released", "StatefulSet", server)).toBe(false);
      expect(
        step("released")
          .all("DatabaseCluster")
          .map((one) => one.protect),
      ).toEqual([true]);
      // Taken away is never done to claims: the set keeps them.
      expect(step("released").object("StatefulSet", server).spec.persistentVolumeClaimRetentionPolicy.whenDeleted).toBe(
        "Retain",
      );
      // The other way round: a managed server that leaves stays at DigitalOcean, and behind its firewall.
      expect(
        step("after")
          .names("Job")
          .filter((name) => name.includes("-move-")),
      ).toEqual([]);
    });

    it("has the same backups, of the server that serves", () => {
      const cron = (which: keyof typeof steps) =>
        step(which)
          .all("CronJob")
          .filter(({ name }) => name === `${prefix}-backup`)[0];
      expect(
        step("copy")
          .waitsFor(cron("copy") as never)
          .map(({ name }) => name),
      ).not.toContain(`${prefix}-postgres-move`);
      expect(
        step("swapped")
          .waitsFor(cron("swapped") as never)
          .map(({ name }) => name),
      ).toContain(`${prefix}-postgres-move`);
    });
  },
);

/** ConfigMaps in which the address of the new server stands, by name. */
function hostsIn(stack: RenderedStack): [string, string][] {
  return stack.objects().flatMap(({ kind, metadata, ...rest }) => {
    const data = Object.values((rest["data"] ?? {}) as Record<string, string>);
    const host = data.find((value) => /^\S*postgres-2\S*\.db\.ondigitalocean\.com/.test(value));
    return kind === "ConfigMap" && host !== undefined ? [[metadata.name, host]] : [];
  });
}

describe("a server of another generation", () => {
  const next = { ...inCluster, generation: 2, version: "17", storageClass: "do-block-storage" };

  it("in the cluster has its own names, labels, Secret, class and version, and shares the settings of `workloads`", async () => {
    const stack = await alone("caracal")("prod", {
      "doks-systems:caracal": {
        database: {
          kind: "in-cluster",
          beside: { kind: "in-cluster", generation: 2, version: "17", storageClass: "other", storage: "5Gi" },
        },
        workloads: { "caracal-postgres": { resources: { limits: { memory: "3Gi" } } } },
      },
    });
    const [old, now] = ["caracal-postgres", "caracal-postgres-2"].map((name) => stack.object("StatefulSet", name).spec);
    expect(now.selector).not.toEqual(old.selector);
    expect(now.volumeClaimTemplates[0].spec).toMatchObject({
      storageClassName: "other",
      resources: { requests: { storage: "5Gi" } },
    });
    expect(now.template.spec.containers[0].image).toMatch(/^postgres:17/);
    for (const one of [old, now]) expect(one.template.spec.containers[0].resources.limits.memory).toBe("3Gi");
    expect(env(now.template.spec.containers[0], "POSTGRES_PASSWORD")).toBe("caracal-postgres-2/password");
    // The Service of each leads to its own pods alone.
    for (const [name, spec] of [
      ["caracal-postgres", old],
      ["caracal-postgres-2", now],
    ])
      expect(stack.object("Service", name).spec.selector).toEqual(spec.selector.matchLabels);
  });

  it("that serves has no Secret in a circle: it starts before the workloads learn where it is", async () => {
    const stack = await alone("gx")("prod", {
      "doks-systems:gx": { database: { ...next, beside: beside(inCluster) } },
    });
    const set = stack.one("StatefulSet", "postgres-2");
    expect(stack.waitsFor(set).map(({ name }) => name)).not.toContain("gx-postgres-move");
    expect(stack.waitsFor(stack.one("Secret", "backend-secrets")).map(({ name }) => name)).toContain(
      "gx-postgres-move",
    );
    expect(stack.object("Secret", "backend-secrets").stringData.DATABASE_URL).toContain(
      "@postgres-2.backend-mainnet.svc.cluster.local:5432/",
    );
  });

  it("is refused with the number of the other one, older than what is copied, or as a second one with a password to give", () => {
    const said = (database: object) =>
      problems("prod", { "doks-systems:gx": { database } }).map(
        ({ path, problem }) => `${path.replace("doks-systems:", "")} ${problem}`,
      );
    expect(said({ ...inCluster, beside: { ...beside(managed), generation: 1 } })).toEqual([
      "gx.database.beside.generation is the number of `database` too",
    ]);
    const older = { kind: "in-cluster", generation: 2, storage: "20Gi", version: "15", step: "copy" };
    expect(said({ ...inCluster, beside: older })).toEqual([
      "gx.database.beside.version is older than the server that is copied, 16: an older PostgreSQL cannot read it",
    ]);
    const existing = { kind: "existing", host: "db.example.com", user: "gx" };
    expect(said({ ...existing, size: null, nodes: null, beside: { ...existing, generation: 2 } })).toContain(
      "gx.database.beside.kind would need a second password: `databasePassword` is one server's",
    );
  });
});
