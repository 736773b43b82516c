/** Hermes' acceptance lines: tables, secrets and operation. */
import { describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { terminalTree } from "../../../preview/report/terminal/tree.ts";
import { changes, problems, type Loose } from "../../support/stack.ts";
import { hermes, key, name, prod, staging, managed, own, deployment, container, credentials } from "./support.ts";

describe("tables, secrets and operation", () => {
  it("hermes 23: a missing Substreams token stops an update with its name and the command that sets it", () => {
    expect(prod.rendering.missing).toContainEqual({
      path: "doks-systems:secrets.hermes.substreamsApiToken",
      fix: "npx pulumi config set --stack prod --secret --path 'secrets.hermes.substreamsApiToken'",
    });
  });

  it("hermes 24: a Job makes both tables before the Deployment, by files that may run again", () => {
    const files = prod.object("ConfigMap", "ipfs-cache-migrations").data;
    const sql: string = files["0001_tables.sql"];
    for (const table of ["ipfs_cache", "meta"]) expect(sql).toContain(`CREATE TABLE IF NOT EXISTS ${table} (`);
    expect(files["migrate.sh"]).toContain("ON_ERROR_STOP=1");
    expect(prod.before("Deployment", name)).toContain("hermes-migrate");
    expect(prod.one("Job", "hermes-migrate").inputs.metadata.name).toMatch(/^ipfs-cache-migrate-[0-9a-f]{8}$/);
    expect(staging.before("Job", "hermes-migrate")).toContain("hermes-postgres-setup");
  });

  it("hermes 27: no secret is in outputs or previews", () => {
    for (const one of [prod, managed]) {
      const shown = JSON.stringify(maskedResources(one.rendering)) + terminalTree(one.rendering);
      const { DATABASE_URL: url = "", POSTGRES_PASSWORD: password = "" } = credentials(one);
      for (const secret of [url, password, "placeholder-for-hermes-substreamsApiToken"])
        expect(shown).not.toContain(secret);
      expect(JSON.stringify(one.rendering.outputs["hermes"])).not.toContain(password);
      expect(one.rendering.secretOutputs).toContain("secrets");
    }
  });

  it("hermes 28: outputs say where everything is", () => {
    const same = {
      namespace: "kafka",
      deployment: name,
      databaseName: "ipfs_cache",
      registry: "registry.digitalocean.com/geo",
    };
    expect(prod.rendering.outputs["hermes"]).toEqual({
      ...same,
      databaseKind: "in-cluster",
      databaseHost: "ipfs-cache-postgres.kafka.svc.cluster.local",
      databasePort: 5432,
      backupBucket: "hermes-backups",
    });
    expect(managed.rendering.outputs["hermes"]).toEqual({
      ...same,
      databaseKind: "managed",
      databaseHost: expect.stringMatching(/^private-/),
      databasePort: 25060,
    });
  });

  it("hermes 29: another image tag changes the Deployment and nothing else", async () => {
    expect(changes(prod, await hermes("prod", { [key]: { imageTag: "1.4.1" } }))).toEqual([`Deployment ${name}`]);
  });

  it("hermes 30: more than one replica is refused, until the service can share its work", async () => {
    const [problem] = problems("prod", own({ replicas: 2 }));
    expect(problem).toMatchObject({ path: `${key}.workloads.${name}.replicas`, value: "2" });
    const range = { autoscaling: { min: 1, max: 2 } };
    expect(problems("prod", own(range))[0]?.path).toBe(`${key}.workloads.${name}.autoscaling`);
    const sharded = await hermes("prod", { [key]: { sharding: true, workloads: { [name]: { replicas: 3 } } } });
    expect(deployment(sharded)).toMatchObject({ replicas: 3, strategy: { type: "RollingUpdate" } });
  });

  it("hermes 31: probes are there exactly when the stack says them", async () => {
    const kinds = ["startupProbe", "livenessProbe", "readinessProbe"];
    for (const probe of kinds) expect(container()).not.toHaveProperty(probe);
    const http = (path: string) => ({ http: { path, port: "health" } });
    const probes = { liveness: { ...http("/live"), periodSeconds: 20 }, readiness: http("/ready") };
    const healthy = container(await hermes("prod", own({ ports: { health: 8080 }, probes })));
    expect(healthy.ports).toEqual([{ name: "health", containerPort: 8080 }]);
    expect(healthy.livenessProbe).toMatchObject({ httpGet: { path: "/live", port: "health" }, periodSeconds: 20 });
    expect(healthy.readinessProbe.httpGet).toEqual({ path: "/ready", port: "health" });
    expect(healthy).not.toHaveProperty("startupProbe");
    expect(problems("prod", own({ probes }))[0]?.path).toBe(`${key}.workloads.${name}.probes.readiness.http.port`);
    const asked = container(await hermes("prod", own({ probes: { liveness: { exec: ["/bin/alive"] } } })));
    expect(asked.livenessProbe.exec).toEqual({ command: ["/bin/alive"] });
  });

  it("hermes: metrics, which the document wants later, bring a port, a Service, a monitor and the cursor's alerts", async () => {
    const measured = await hermes("prod", { [key]: { metrics: { port: 9100 } } });
    expect(container(measured).ports).toEqual([{ name: "metrics", containerPort: 9100 }]);
    expect(measured.object("ServiceMonitor", name).spec.endpoints[0]).toMatchObject({
      port: "metrics",
      path: "/metrics",
    });
    const alerts = (one: typeof prod): string[] =>
      one.object("PrometheusRule", "hermes-alerts").spec.groups[0].rules.map((rule: Loose) => rule.alert);
    expect(alerts(measured)).toEqual(expect.arrayContaining(["HermesCursorStale", "HermesCursorReset"]));
    expect(alerts(prod)).not.toContain("HermesCursorStale");
  });
});
