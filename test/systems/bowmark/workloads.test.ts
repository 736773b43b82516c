import { describe, expect, it } from "vitest";
import { env, type Loose } from "../../support/stack.ts";
import {
  prod,
  key,
  servers,
  workers,
  consumers,
  six,
  eight,
  deployment,
  container,
  settingsOf,
  secretValue,
} from "./support.ts";

describe("pools", () => {
  const pool = (name: string) => prod.one("KubernetesNodePool", name).inputs;

  it("bow-mark 1: pool dedicated-cpu-optimized is c-2, autoscaled 4 to 6", () => {
    const expected = { size: "c-2", autoScale: true, minNodes: 4, maxNodes: 6 };
    expect(pool("dedicated-cpu-optimized")).toMatchObject(expected);
  });

  it("bow-mark 2: pool default-pool is s-1vcpu-2gb, autoscaled 4 to 6", () => {
    expect(pool("default-pool")).toMatchObject({ size: "s-1vcpu-2gb", autoScale: true, minNodes: 4, maxNodes: 6 });
  });

  it("bow-mark 3: a node count changed by the autoscaler gives no diff, because no count is stated", () => {
    for (const name of ["dedicated-cpu-optimized", "default-pool"]) expect(pool(name)).not.toHaveProperty("nodeCount");
  });
});

describe("workloads", () => {
  it("bow-mark 4: eight Deployments have the document's names and replicas", () => {
    expect(prod.names("Deployment")).toEqual(eight.toSorted());
    for (const name of eight) expect(deployment(name).replicas).toBe(servers.includes(name) ? 2 : 1);
  });

  it("bow-mark 5: servers select dedicated-cpu-optimized, everything else default-pool", () => {
    const poolOf = (kind: string, name: string): string =>
      prod.podSpec(kind, name).nodeSelector["doks.digitalocean.com/node-pool"];
    for (const name of eight) {
      expect(poolOf("Deployment", name)).toBe(servers.includes(name) ? "dedicated-cpu-optimized" : "default-pool");
    }
    for (const name of ["postgres", "rabbitmq"]) expect(poolOf("StatefulSet", name)).toBe("default-pool");
    expect(poolOf("CronJob", "pg-backup")).toBe("default-pool");
  });

  it("bow-mark 6: images are the document's, all with the stack's tag", () => {
    for (const name of six) expect(container(name).image).toBe("itsdevin/bow-mark-server:3f9c2e1");
    expect(container("client-deployment").image).toBe("itsdevin/bow-mark-client:3f9c2e1");
    expect(container("client-concrete-deployment").image).toBe("itsdevin/bow-mark-concrete-client:3f9c2e1");
  });

  it("bow-mark 6: latest is refused in production", () => {
    expect(() => {
      settingsOf("prod", { [key]: { imageTag: "latest" } });
    }).toThrow(/doks-systems:bowmark\.imageTag \("latest"\)/);
  });

  /** The container of the Job that migrates a consumer's database. */
  const migration = (consumer: string): Loose => {
    const app = consumer.includes("concrete") ? "concrete" : "paving";
    const job = prod.one("Job", `bow-mark-migrate-${app}`);
    expect(prod.waitsFor(prod.one("Deployment", consumer))).toContain(job);
    return job.inputs.spec.template.spec.containers[0];
  };

  it("bow-mark 7: consumers run the consumer, after a Job of dbmate has migrated", () => {
    for (const name of consumers) {
      expect(container(name).command).toEqual(["node", "dist/consumer/index.js"]);
      const image: unknown = expect.stringMatching(/^ghcr\.io\/amacneil\/dbmate:2/);
      expect(migration(name)).toMatchObject({ name: "migrate", image });
      expect(migration(name).args).toEqual(expect.arrayContaining(["--migrations-dir", "/migrations", "up"]));
    }
  });

  it("bow-mark 8: before each consumer its own reporting database is migrated, and the consumer writes there", () => {
    for (const name of consumers) {
      const url = new URL(secretValue(env(migration(name), "DATABASE_URL")) ?? "");
      expect(url.searchParams.get("sslmode")).toBe("disable");
      const database = `bowmark_reports_${name.includes("concrete") ? "concrete" : "paving"}`;
      expect(url.pathname).toBe(`/${database}`);
      expect(secretValue(env(container(name), "POSTGRES_DB"))).toBe(database);
    }
  });

  it("bow-mark 9: RABBITMQ_VHOST is bowmark in paving pods, bowmark-concrete in concrete pods", () => {
    for (const name of six) {
      const expected = name.includes("concrete") ? "bowmark-concrete" : "bowmark";
      expect(secretValue(env(container(name), "RABBITMQ_VHOST"))).toBe(expected);
    }
  });

  it("bow-mark 10: paving pods read MONGO_URI from Secret paving, concrete pods from concrete", () => {
    for (const name of six) {
      const secret = name.includes("concrete") ? "concrete" : "paving";
      expect(env(container(name), "MONGO_URI")).toBe(`${secret}/mongoURI`);
    }
  });

  it("bow-mark 34: servers have readiness probes and roll without a surge pod", () => {
    for (const name of servers) {
      expect(container(name).readinessProbe).toMatchObject({ tcpSocket: { port: 8080 }, failureThreshold: 6 });
      const rollingUpdate = { maxSurge: 0, maxUnavailable: 1 };
      expect(deployment(name).strategy).toEqual({ type: "RollingUpdate", rollingUpdate });
    }
  });

  it("bow-mark 35: workers and consumers never run two pods at once during an update", () => {
    for (const name of [...workers, ...consumers]) {
      expect(deployment(name).strategy).toEqual({ type: "Recreate" });
      expect(deployment(name).replicas).toBe(1);
    }
    expect(() => {
      settingsOf("prod", { [key]: { workloads: { "worker-deployment": { replicas: 2 } } } });
    }).toThrow(/workloads\.worker-deployment\.replicas \(2\): is more than one pod/);
  });

  it("bow-mark 36: StatefulSets are ready before any consumer, worker or server is created", () => {
    for (const name of six) {
      const before = prod.waitsFor(prod.one("Deployment", name)).map((resource) => `${resource.type} ${resource.name}`);
      for (const set of ["postgres", "rabbitmq"]) {
        expect(before).toContain(`kubernetes:apps/v1:StatefulSet bow-mark-${set}`);
      }
      expect(before).toContain("kubernetes:batch/v1:Job bow-mark-postgres-setup");
    }
  });
});
