/** The kinds that no committed stack uses: each has the same face and keeps the same promises. Databases, buckets, Redis. */
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { alone, env, type Loose } from "../../support/stack.ts";
import { bowmark, bowmarkKey, clusterId } from "./support.ts";

describe("managed PostgreSQL", () => {
  const managed = () =>
    bowmark("prod", { [bowmarkKey]: { database: { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 2 } } });

  it("is in the stack's VPC, open to the cluster only, protected and kept", async () => {
    const rendered = await managed();
    const cluster = rendered.one("DatabaseCluster", "bow-mark-postgres-prod");
    expect(cluster.inputs).toMatchObject({ engine: "pg", version: "16", nodeCount: 2, region: "nyc1" });
    expect(cluster.inputs.privateNetworkUuid).toEqual(expect.any(String));
    expect(cluster).toMatchObject({ protect: true, retainOnDelete: true });
    const rules = rendered.one("DatabaseFirewall", "bow-mark-postgres").inputs.rules;
    expect(rules).toEqual([{ type: "k8s", value: clusterId(rendered) }]);
    const databases = rendered.all("DatabaseDb").map(({ inputs }) => inputs["name"]);
    expect(databases).toEqual(["bowmark_reports_concrete", "bowmark_reports_paving"]);
  });

  it("has the same Secret keys, over TLS, and no StatefulSet", async () => {
    const rendered = await managed();
    const { stringData } = rendered.object("Secret", "postgres");
    expect(Object.keys(stringData).toSorted()).toEqual(["dbConcrete", "dbPaving", "host", "password", "port", "user"]);
    expect(stringData.host).toContain("private-");
    expect(stringData.port).toBe("25060");
    for (const app of ["paving", "concrete"]) {
      const [migrate] = rendered.one("Job", `bow-mark-migrate-${app}`).inputs.spec.template.spec.containers;
      expect(env(migrate, "DATABASE_URL")).toBe(`pg-migrate-${app}-url/DATABASE_URL`);
      const { DATABASE_URL: url } = rendered.object("Secret", `pg-migrate-${app}-url`).stringData;
      expect(new URL(url).searchParams.get("sslmode")).toBe("require");
    }
    expect(rendered.names("StatefulSet")).toEqual(["rabbitmq"]);
  });

  it("is reached inside the VPC only, after the admin has granted", async () => {
    const rendered = await managed();
    const { egress } = rendered.object("NetworkPolicy", "consumer-deployment").spec;
    expect(egress).toContainEqual({
      to: [{ ipBlock: { cidr: "10.20.0.0/20" } }],
      ports: [{ protocol: "TCP", port: 25060 }],
    });
    const before = rendered.waitsFor(rendered.one("Deployment", "consumer-deployment")).map(({ name }) => name);
    expect(before).toEqual(expect.arrayContaining(["bow-mark-postgres-grant", "bow-mark-postgres"]));
    for (const { owner, template } of rendered.podTemplates()) {
      expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
  });
});

describe("an existing PostgreSQL", () => {
  it("is used as it is: Secret and connections, no server, no database of ours", async () => {
    const database = { kind: "existing", host: "db.example.com", user: "reports", tls: "verify-full" };
    const rendered = await bowmark("prod", { [bowmarkKey]: { database } });
    expect(rendered.object("Secret", "postgres").stringData).toMatchObject({
      host: "db.example.com",
      user: "reports",
      password: "placeholder-for-bowmark-databasePassword",
    });
    expect(rendered.names("StatefulSet")).toEqual(["rabbitmq"]);
    // Its tables are the application's to migrate; nobody sets it up.
    const jobs = rendered.names("Job").map((name) => name.replace(/-[0-9a-f]{8}$/, ""));
    expect(jobs).toEqual(["pg-migrate-concrete", "pg-migrate-paving"]);
    for (const kind of ["DatabaseCluster", "DatabaseDb", "DatabaseUser"]) expect(rendered.all(kind)).toEqual([]);
    expect(rendered.rendering.missing.map(({ path }) => path)).toContain(
      "doks-systems:secrets.bowmark.databasePassword",
    );
  });
});

describe("an existing PostgreSQL in a private network", () => {
  it("is reached in the range that the settings name, and nowhere else", async () => {
    const database = {
      kind: "existing",
      host: "db.internal.example",
      user: "reports",
      where: { kind: "private", addresses: ["10.116.0.0/20"] },
    };
    const rendered = await bowmark("prod", { [bowmarkKey]: { database } });
    const { egress } = rendered.object("NetworkPolicy", "consumer-deployment").spec;
    expect(egress).toContainEqual({
      to: [{ ipBlock: { cidr: "10.116.0.0/20" } }],
      ports: [{ protocol: "TCP", port: 5432 }],
    });
  });
});

describe("an existing bucket", () => {
  it("is used with the key of the secrets, at its own endpoint", async () => {
    const bucket = { kind: "existing", name: "elsewhere", region: "eu-1", endpoint: "https://s3.example.com:9000" };
    const rendered = await bowmark("prod", { [bowmarkKey]: { backup: { bucket } } });
    expect(rendered.names("SpacesBucket")).toEqual(["bow-mark-files"]);
    const [, upload] = rendered.containers("CronJob", "pg-backup");
    expect(env(upload, "SPACES_ENDPOINT")).toBe("https://s3.example.com:9000");
    const { egress } = rendered.object("NetworkPolicy", "pg-backup").spec;
    expect(egress.at(-1).ports).toEqual([{ protocol: "TCP", port: 9000 }]);
    expect(rendered.object("Secret", "spaces-backup").stringData).toMatchObject({ name: "elsewhere", region: "eu-1" });
  });
});

describe("the restore drill of a server elsewhere", () => {
  it("has a volume of 20 GiB, or as the settings say", async () => {
    const database = { kind: "existing", host: "db.example.com", user: "reports" };
    for (const [backup, size] of [
      [{}, "20Gi"],
      [{ drillStorage: "500Gi" }, "500Gi"],
    ] as const) {
      const rendered = await bowmark("prod", { [bowmarkKey]: { database, backup } });
      const { volumes } = rendered.podSpec("CronJob", "pg-backup-drill");
      const { ephemeral } = volumes.find(({ name }: Loose) => name === "restored");
      expect(ephemeral.volumeClaimTemplate.spec.resources).toEqual({ requests: { storage: size } });
    }
  });
});

describe("Redis", () => {
  const gx = alone("gx");
  const gxKey = "doks-systems:gx";

  /** Both are over TLS, which GX's published image refuses. */
  const imageSupports = { redisTls: true };

  it("managed: DigitalOcean's Valkey, kept, in the VPC, over TLS", async () => {
    const redis = { kind: "managed", size: "db-s-1vcpu-1gb" };
    const rendered = await gx("prod", { [gxKey]: { redis, imageSupports } });
    const cluster = rendered.one("DatabaseCluster", "gx-redis-prod");
    expect(cluster.inputs).toMatchObject({ engine: "valkey", evictionPolicy: "noeviction" });
    expect(cluster).toMatchObject({ protect: true, retainOnDelete: true });
    const urls = Object.values(rendered.object("Secret", "backend-secrets").stringData as Record<string, string>);
    expect(urls.filter((url) => url.startsWith("rediss://"))).toHaveLength(1);
  });

  it("existing: its address, with the password of the secrets, and no server", async () => {
    const redis = { kind: "existing", host: "redis.example.com", tls: true };
    const rendered = await gx("prod", { [gxKey]: { redis, imageSupports } });
    expect(rendered.names("DatabaseCluster")).toEqual(["gx-postgres-prod"]);
    expect(rendered.names("StatefulSet")).toEqual([]);
    const urls = Object.values(rendered.object("Secret", "backend-secrets").stringData as Record<string, string>);
    expect(urls).toContainEqual(
      expect.stringMatching(/^rediss:.*placeholder-for-gx-redisPassword@redis\.example\.com/),
    );
    expect(rendered.rendering.missing.map(({ path }) => path)).toContain("doks-systems:secrets.gx.redisPassword");
  });
});
