import { connectionText } from "../../../graph/resource.ts";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { changes, env, type Loose } from "../../support/stack.ts";
import { prod, bowmark, key, workers, consumers, eight, admittedCallers } from "./support.ts";

const staging = await bowmark("staging");

describe("backup and nightly restart", () => {
  it("bow-mark 27: CronJob pg-backup dumps both databases to pg-backups/ every day at 08:00 UTC", () => {
    const { spec } = prod.object("CronJob", "pg-backup");
    expect(spec).toMatchObject({ schedule: "0 8 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    expect(spec).toMatchObject({ successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 3 });
    expect(spec.jobTemplate.spec.backoffLimit).toBe(2);
    const pod = spec.jobTemplate.spec.template.spec;
    // Both begin anew, in another pod: one that is restarted alone would find the other gone.
    expect(pod.restartPolicy).toBe("Never");
    const [dump, upload] = pod.containers;
    for (const step of [dump, upload]) {
      expect(env(step, "DATABASES")).toBe("bowmark_reports_paving bowmark_reports_concrete");
    }
    expect(env(dump, "PGHOST")).toBe("postgres");
    expect(env(upload, "SPACES_KEY")).toBe("spaces-backup/key");
    const scripts = prod.object("ConfigMap", "pg-backup-scripts").data;
    expect(scripts["upload.sh"]).toContain("key=pg-backups/$database/$name");
  });

  it("bow-mark 28: dumps older than 30 days go, and the bucket's only rule is 35 days on pg-backups/", () => {
    const [, upload] = prod.containers("CronJob", "pg-backup");
    expect(env(upload, "RETENTION_DAYS")).toBe("30");
    const rules = prod.one("SpacesBucket", "bow-mark-backups").inputs.lifecycleRules;
    expect(rules).toEqual([
      expect.objectContaining({ prefix: "pg-backups/", enabled: true, expiration: { days: 35 } }),
    ]);
    expect(prod.one("SpacesBucket", "bow-mark-files").inputs.lifecycleRules).toEqual([]);
  });

  it("bow-mark 29: a Job made from the CronJob has all it needs: scripts, databases, bucket and key", () => {
    const pod = prod.object("CronJob", "pg-backup").spec.jobTemplate.spec.template.spec;
    const scripts = prod.object("ConfigMap", "pg-backup-scripts").data;
    const commands = pod.containers.map(({ command }: Loose) => command);
    expect(commands).toEqual([
      ["bash", "/scripts/dump.sh"],
      ["bash", "/scripts/upload.sh"],
    ]);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["dump.sh", "upload.sh", "pipes.sh", "spaces.sh"]));
    // Nothing on the node's disk grows with the database: the folder that both share holds two parts.
    expect(Number(env(pod.containers[1], "PART_BYTES"))).toBe(128 * 1024 ** 2);
    expect(pod.volumes).toContainEqual({ name: "dumps", emptyDir: { sizeLimit: "320Mi" } });
    const grants = prod.one("SpacesKey", "bow-mark-backups").inputs.grants;
    expect(grants).toEqual([{ bucket: "bow-mark-backups", permission: "readwrite" }]);
    const reached = prod.all("ScheduledTask").find(({ name }) => name === "bow-mark-backup")?.connectsTo;
    expect(reached?.map(connectionText)).toEqual(["postgres:5432", "outside/spaces:443"]);
  });

  it("bow-mark 30: a drill restores the newest dump every week", () => {
    const { spec } = prod.object("CronJob", "pg-backup-drill");
    expect(spec.schedule).toBe("0 10 * * 0");
    const pod = spec.jobTemplate.spec.template.spec;
    const commands = pod.containers.map(({ command }: Loose) => command);
    expect(commands).toEqual([
      ["bash", "/scripts/fetch.sh"],
      ["bash", "/scripts/drill.sh"],
    ]);
    // As large as the server's, and of the class that deletes it with its claim.
    const { ephemeral } = pod.volumes.find(({ name }: Loose) => name === "restored");
    expect(ephemeral.volumeClaimTemplate.spec).toEqual({
      accessModes: ["ReadWriteOnce"],
      storageClassName: "do-block-storage",
      resources: { requests: { storage: "10Gi" } },
    });
    const drill = prod.all("ScheduledTask").find(({ name }) => name === "bow-mark-backup-drill");
    expect(drill?.connectsTo.map(connectionText)).toEqual(["outside/spaces:443"]);
  });

  it("bow-mark 31: CronJob nightly-worker-restart restarts exactly the four Deployments at 07:00 UTC", () => {
    const { spec } = prod.object("CronJob", "nightly-worker-restart");
    expect(spec).toMatchObject({ schedule: "0 7 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    const kubectl = spec.jobTemplate.spec.template.spec.containers[0];
    expect(kubectl.args).toEqual([
      "rollout",
      "restart",
      ...[...workers, ...consumers].map((name) => `deployment/${name}`),
    ]);
  });

  it("bow-mark 32: its ServiceAccount may patch those four and nothing else; no other account may do anything", () => {
    expect(prod.names("Role")).toEqual(["deployment-manager"]);
    expect(prod.object("Role", "deployment-manager").rules).toEqual([
      {
        apiGroups: ["apps"],
        resources: ["deployments"],
        resourceNames: [...workers, ...consumers],
        verbs: ["get", "patch"],
      },
    ]);
    expect(prod.object("RoleBinding", "deployment-manager").subjects).toEqual([
      { kind: "ServiceAccount", name: "nightly-restart", namespace: "bow-mark" },
    ]);
    expect(prod.all("ClusterRoleBinding")).toEqual([]);
    const withToken = prod.podTemplates().filter(({ template }) => template.spec.automountServiceAccountToken);
    expect(withToken.map(({ owner }) => owner)).toEqual(["CronJob/nightly-worker-restart"]);
    for (const { template } of prod.podTemplates()) expect(template.spec.serviceAccountName).not.toBe("default");
  });

  it("bow-mark 33: ConfigMap pg-migrations holds every migration, and a new one is run for both apps, restarting nobody", async () => {
    const folder = "systems/bowmark/migrations";
    const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
    const { data } = prod.object("ConfigMap", "pg-migrations");
    expect(Object.keys(data)).toEqual(files.toSorted());
    for (const file of files) expect(data[file]).toBe(readFileSync(`${folder}/${file}`, "utf8"));

    const more = await bowmark("prod", { [key]: { migrations: "test/systems/two-migrations" } });
    expect(changes(prod, more).map((line) => line.replace(/-[0-9a-f]{8}$/, ""))).toEqual([
      "ConfigMap pg-migrations",
      "Job pg-migrate-concrete",
      "Job pg-migrate-paving",
    ]);
  });

  it("bow-mark 43: a preview after a nightly restart shows no change, because the program says nothing of its annotation", () => {
    for (const { template } of prod.podTemplates()) {
      expect(template.metadata.annotations ?? {}).not.toHaveProperty(["kubectl.kubernetes.io/restartedAt"]);
    }
    // Server-side apply leaves fields alone that the program does not state.
    expect(prod.one("pulumi:providers:kubernetes", "platform").inputs.enableServerSideApply).toBe("true");
  });
});

describe("changes and outputs", () => {
  it("bow-mark 37: backfill Jobs exist only with runBackfill, each with its own database", async () => {
    expect(prod.names("Job").filter((name) => name.startsWith("backfill"))).toEqual([]);
    const filling = await bowmark("prod", { [key]: { runBackfill: true } });
    for (const app of ["paving", "concrete"]) {
      const { spec } = filling.one("Job", `bow-mark-backfill-${app}`).inputs.spec.template;
      const [backfill] = spec.containers;
      expect(backfill.command).toEqual(["node", "dist/scripts/backfill-postgres.js"]);
      expect(backfill.image).toBe("itsdevin/bow-mark-server:3f9c2e1");
      expect(spec).toMatchObject({ restartPolicy: "Never" });
      expect(backfill.env.map((variable: Loose) => variable.name).toSorted()).toEqual([
        "MONGO_URI",
        "NODE_ENV",
        "POSTGRES_DB",
        "POSTGRES_HOST",
        "POSTGRES_PASSWORD",
        "POSTGRES_PORT",
        "POSTGRES_USER",
      ]);
      expect(env(backfill, "POSTGRES_DB")).toBe(`bowmark_reports_${app}`);
      expect(env(backfill, "MONGO_URI")).toBe(`${app}/mongoURI`);
    }
  });

  it("bow-mark 38: a new imageTag changes the eight Deployments and nothing else", async () => {
    const next = await bowmark("prod", { [key]: { imageTag: "0a1b2c3" } });
    expect(changes(prod, next)).toEqual(eight.map((name) => `Deployment ${name}`).toSorted());
  });

  it("bow-mark 40: buckets are private; buckets, StatefulSets and the claims' namespace are protected in production", () => {
    for (const bucket of prod.all("SpacesBucket")) {
      expect(bucket).toMatchObject({ protect: true, retainOnDelete: true, replaceOnChanges: ["name"] });
      expect(bucket.inputs).toMatchObject({ acl: "private", versioning: { enabled: true }, forceDestroy: false });
    }
    for (const set of prod.all("StatefulSet")) {
      expect(set.protect).toBe(true);
      const retention = { whenDeleted: "Retain", whenScaled: "Retain" };
      expect((set.inputs as Loose).spec.persistentVolumeClaimRetentionPolicy).toEqual(retention);
    }
    expect(prod.one("Namespace", "bow-mark")).toMatchObject({ protect: true, retainOnDelete: true });
    expect(staging.rendering.resources.filter(({ protect }) => protect)).toEqual([]);
  });

  it("bow-mark 42: 5432 and 5672 are open to those who need them, 15672 to nobody", () => {
    const data = ["consumer", "consumer-concrete", "server", "server-concrete", "worker", "worker-concrete"];
    const components = data.map((name) => `component=${name}`);
    const tasks = ["pg-backup", "pg-migrate-concrete", "pg-migrate-paving", "postgres-setup"];
    expect(admittedCallers("postgres", 5432)).toEqual([...components, ...tasks.map((name) => `task=${name}`)]);
    expect(admittedCallers("rabbitmq", 5672)).toEqual(components);
    expect(admittedCallers("rabbitmq", 15672)).toEqual([]);
  });

  it("bow-mark 42: a backfill may reach PostgreSQL", async () => {
    const filling = await bowmark("prod", { [key]: { runBackfill: true } });
    expect(admittedCallers("postgres", 5432, filling)).toEqual(
      expect.arrayContaining(["task=backfill-concrete", "task=backfill-paving"]),
    );
  });

  it("bow-mark 44: outputs are URLs, buckets, pools and namespace, and nothing secret in clear text", () => {
    const { outputs, secretOutputs } = prod.rendering;
    expect(outputs["bowmark"]).toEqual({
      urls: {
        "app.bowmark.ca": "https://app.bowmark.ca",
        "paving.bowmark.ca": "https://paving.bowmark.ca",
        "concrete.bowmark.ca": "https://concrete.bowmark.ca",
      },
      namespace: "bow-mark",
      bucket: "bow-mark-files",
      backupBucket: "bow-mark-backups",
      pools: ["dedicated-cpu-optimized", "default-pool"],
    });
    expect(secretOutputs).toEqual(["secrets"]);
    const clear = JSON.stringify({ ...outputs, secrets: undefined });
    for (const name of ["postgres", "rabbitmq"]) {
      expect(clear).not.toContain(prod.object("Secret", name).stringData.password);
    }
  });
});
