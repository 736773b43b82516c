/** Hermes' acceptance lines: its database, managed (option A) and in the cluster (option B). */
import { describe, expect, it } from "vitest";
import { changes, env, type Loose } from "../../support/stack.ts";
import { hermes, key, name, prod, staging, onManaged, managed, credentials } from "./support.ts";

describe("option A: a managed database", () => {
  it("hermes 14: DatabaseCluster ipfs-cache is PostgreSQL 16 in nyc1 on one db-s-1vcpu-1gb node", () => {
    expect(managed.one("DatabaseCluster", "ipfs-cache").inputs).toMatchObject({
      engine: "pg",
      version: "16",
      region: "nyc1",
      size: "db-s-1vcpu-1gb",
      nodeCount: 1,
    });
  });

  it("hermes 15: database and user ipfs_cache exist, only the cluster gets in, and there is no StatefulSet", () => {
    expect(managed.names("DatabaseDb")).toEqual(["ipfs_cache"]);
    expect(managed.names("DatabaseUser")).toEqual(["ipfs_cache"]);
    const [firewall] = managed.all("DatabaseFirewall");
    const { clusterId } = managed.rendering.outputs["platform"] as Loose;
    expect(firewall?.inputs["rules"]).toEqual([{ type: "k8s", value: clusterId }]);
    expect(managed.all("StatefulSet")).toEqual([]);
  });

  it("hermes 16: DATABASE_URL has the private host, the reported port, the database and TLS", () => {
    const url = new URL(credentials(managed)["DATABASE_URL"] ?? "");
    expect(url.hostname).toMatch(/^private-/);
    expect(url.port).toBe("25060");
    expect(url.pathname).toBe("/ipfs_cache");
    expect(url.searchParams.get("sslmode")).toBe("require");
  });

  it("hermes 32: in production the database is protected from deletion", () => {
    expect(managed.one("DatabaseCluster", "ipfs-cache")).toMatchObject({ protect: true, retainOnDelete: true });
    expect(managed.one("DatabaseDb", "ipfs_cache")).toMatchObject({ protect: true, retainOnDelete: true });
  });

  it("hermes: a connection pool, which the document wants later, is in session mode and only the service's", async () => {
    const pooled = await hermes("prod", {
      [key]: { ...onManaged, database: { ...onManaged.database, connectionPool: { size: 20 } } },
    });
    const pool = pooled.one("DatabaseConnectionPool", "ipfs_cache_pool").inputs;
    expect(pool).toMatchObject({ mode: "session", size: 20, dbName: "ipfs_cache", user: "ipfs_cache" });
    const url = new URL(credentials(pooled)["DATABASE_URL"] ?? "");
    expect([url.port, url.pathname]).toEqual(["25061", "/ipfs_cache_pool"]);
    const [migrate] = pooled.one("Job", "hermes-migrate").inputs.spec.template.spec.containers;
    expect(env(migrate, "PGPORT")).toBe("25060");
    const { egress } = pooled.object("NetworkPolicy", name).spec;
    expect(egress[1].ports.map(({ port }: Loose) => port)).toEqual([25060, 25061]);
  });
});

describe("option B: a database in the cluster", () => {
  const set = (): Loose => staging.object("StatefulSet", "ipfs-cache-postgres").spec;
  const postgres = (): Loose => set().template.spec.containers[0];

  it("hermes 17: StatefulSet ipfs-cache-postgres is one PostgreSQL 16 on 5432 with database ipfs_cache", () => {
    expect(set()).toMatchObject({ replicas: 1, serviceName: "ipfs-cache-postgres" });
    expect(set().template.metadata.labels).toEqual({ app: "ipfs-cache-postgres" });
    expect(postgres().image).toMatch(/^postgres:16(\.|$)/);
    expect(postgres().ports).toEqual([{ name: "postgres", containerPort: 5432 }]);
    expect(env(postgres(), "POSTGRES_DB")).toBe("ipfs_cache");
    for (const variable of ["POSTGRES_USER", "POSTGRES_PASSWORD"]) {
      expect(env(postgres(), variable)).toBe(`ipfs-cache-db-credentials/${variable}`);
    }
  });

  it("hermes 18: PGDATA is a folder below the mount, which may hold lost+found", () => {
    expect(env(postgres(), "PGDATA")).toBe("/var/lib/postgresql/data/pgdata");
    expect(postgres().volumeMounts).toContainEqual({ name: "data", mountPath: "/var/lib/postgresql/data" });
    expect(set().template.spec.securityContext).toMatchObject({ runAsUser: 999, runAsGroup: 999, fsGroup: 999 });
  });

  it("hermes 19: the claim is data, 10Gi, ReadWriteOnce, of a class that keeps volumes where data matters", async () => {
    const claim = (storageClassName: string) => [
      {
        metadata: { name: "data" },
        spec: { accessModes: ["ReadWriteOnce"], storageClassName, resources: { requests: { storage: "10Gi" } } },
      },
    ];
    expect(set().volumeClaimTemplates).toEqual(claim("do-block-storage"));
    const kept = await hermes("prod", { [key]: { database: { storage: null } } });
    const inProduction = kept.object("StatefulSet", "ipfs-cache-postgres").spec;
    expect(inProduction.volumeClaimTemplates).toEqual(claim("do-block-storage-retain"));
  });

  it("hermes 20: Service ipfs-cache-postgres is headless on 5432, and DATABASE_URL names it without TLS", () => {
    const { spec } = staging.object("Service", "ipfs-cache-postgres");
    expect(spec.clusterIP).toBe("None");
    expect(spec.ports).toMatchObject([{ name: "postgres", port: 5432 }]);
    const url = new URL(credentials(staging)["DATABASE_URL"] ?? "");
    expect(url.host).toBe("ipfs-cache-postgres.kafka.svc.cluster.local:5432");
    expect(url.search).toBe("?sslmode=disable");
  });

  it("hermes 21: the Secret holds the URL, the user and the password", () => {
    const { DATABASE_URL: url, ...rest } = credentials(staging);
    expect(Object.keys(rest).toSorted()).toEqual(["POSTGRES_PASSWORD", "POSTGRES_USER"]);
    expect(new URL(url ?? "").password).toBe(rest["POSTGRES_PASSWORD"]);
    expect(rest["POSTGRES_USER"]).toBe("ipfs_cache");
  });

  it("hermes 22: the generated password has 32 characters and more, safe in a URL, and is secret in state", () => {
    const password = credentials(staging)["POSTGRES_PASSWORD"] ?? "";
    expect(password.length).toBeGreaterThanOrEqual(32);
    expect(encodeURIComponent(password)).toBe(password);
    const secret = staging.one("kubernetes:core/v1:Secret", "ipfs-cache-db-credentials");
    expect(secret.secretPaths).toContainEqual(["stringData"]);
  });

  it("hermes 25: the database has readiness and liveness probes with pg_isready", () => {
    const command = ["pg_isready", "-U", "ipfs_cache", "-d", "ipfs_cache"];
    expect(postgres().readinessProbe).toMatchObject({ exec: { command }, initialDelaySeconds: 5, periodSeconds: 10 });
    expect(postgres().livenessProbe).toMatchObject({ exec: { command }, initialDelaySeconds: 30, failureThreshold: 5 });
  });

  it("hermes 26: 5432 is open to declared pods and named readers only, and the cache to nobody", async () => {
    const processor = { kind: "pods", labels: { app: "hermes-processor" } };
    const read = await hermes("staging", {
      [key]: { workloads: { "ipfs-cache-postgres": { reachedBy: { processor } } } },
    });
    const admitted = read
      .all("NetworkPolicy")
      .map(({ inputs }) => (inputs as Loose).spec)
      .filter((spec) => spec.podSelector.matchLabels?.app === "ipfs-cache-postgres")
      .flatMap((spec) => (spec.ingress ?? []).flatMap((rule: Loose) => rule.from))
      .map((peer: Loose) => Object.values(peer.podSelector.matchLabels as Record<string, string>)[0]);
    expect(admitted.toSorted()).toEqual([
      "hermes-ipfs-cache",
      "hermes-processor",
      "ipfs-cache-backup",
      "ipfs-cache-migrate",
      "ipfs-cache-postgres-setup",
    ]);
    const own = read.object("NetworkPolicy", name).spec;
    expect(own.policyTypes).toContain("Ingress");
    expect(own).not.toHaveProperty("ingress");
  });

  it("hermes 33: a daily dump goes to a bucket of its own", () => {
    const { spec, metadata } = staging.object("CronJob", "ipfs-cache-backup");
    expect(metadata.namespace).toBe("kafka");
    expect(spec.schedule).toMatch(/^\S+ \S+ \* \* \*$/);
    const [dump, upload] = staging.containers("CronJob", "ipfs-cache-backup");
    expect(env(dump, "DATABASES")).toBe("ipfs_cache");
    expect(env(upload, "SPACES_NAME")).toBe("ipfs-cache-backup-spaces/name");
    expect(staging.names("SpacesBucket")).toEqual(["hermes-backups-staging"]);
  });

  it("hermes 34: another kind of database shows as a removal, which production refuses, and as a new one", () => {
    expect(prod.one("StatefulSet", "ipfs-cache-postgres").protect).toBe(true);
    expect(changes(prod, managed)).toEqual(
      expect.arrayContaining([
        "StatefulSet ipfs-cache-postgres",
        "DatabaseCluster ipfs-cache",
        "Service ipfs-cache-postgres",
      ]),
    );
  });
});
