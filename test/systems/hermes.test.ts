/** Hermes' acceptance lines. The stacks have their database in the cluster (option B); option A is for images that speak TLS. */
import { describe, expect, it } from "vitest";
import { maskedResources } from "../../graph/masking.ts";
import { terminalTree } from "../../preview/report/terminal.ts";
import { alone, changes, env, problems, type Loose } from "../support/stack.ts";

const hermes = alone("hermes");
const key = "doks-systems:hermes";
const name = "hermes-ipfs-cache";
const prod = await hermes("prod");
const staging = await hermes("staging");
/** Option A, as DigitalOcean backs it up. */
const onManaged = {
  database: { kind: "managed", size: "db-s-1vcpu-1gb", storage: null },
  imageSupports: { databaseTls: true },
  backup: false,
};
const managed = await hermes("prod", { [key]: onManaged });
const own = (settings: object) => ({ [key]: { workloads: { [name]: settings } } });

const deployment = (one = prod): Loose => one.object("Deployment", name).spec;
const container = (one = prod): Loose => one.podSpec("Deployment", name).containers[0];
const credentials = (one = prod): Record<string, string> =>
  one.object("Secret", "ipfs-cache-db-credentials").stringData;

describe("namespace and Deployment", () => {
  it("hermes 1: namespace kafka is created and kept, or neither created nor deleted where it is adopted", async () => {
    expect(prod.one("kubernetes:core/v1:Namespace", "kafka")).toMatchObject({ protect: true, retainOnDelete: true });
    const adopted = await hermes("prod", { [key]: { namespace: { create: false } } });
    expect(adopted.names("kubernetes:core/v1:Namespace")).not.toContain("kafka");
    expect(adopted.object("Deployment", name).metadata.namespace).toBe("kafka");
    const selectors = adopted.all("NetworkPolicy").map(({ inputs }) => (inputs as Loose).spec.podSelector);
    for (const selector of selectors) expect(Object.keys(selector.matchLabels ?? {})).not.toEqual([]);
  });

  it("hermes 2: Deployment hermes-ipfs-cache has exactly one replica and strategy Recreate", () => {
    expect(deployment()).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(prod.object("Deployment", name).metadata.namespace).toBe("kafka");
  });

  it("hermes 3: selector and pod label are app: hermes-ipfs-cache", () => {
    expect(deployment().selector).toEqual({ matchLabels: { app: name } });
    expect(deployment().template.metadata.labels).toEqual({ app: name });
  });

  it("hermes 4: the image is the registry's, with a tag that does not move in production", () => {
    expect(container().image).toBe("registry.digitalocean.com/geo/hermes-ipfs-cache:1.4.0");
    expect(problems("prod", { [key]: { imageTag: "latest" } }).map(({ path }) => path)).toEqual([`${key}.imageTag`]);
  });

  it("hermes 4: a digest is an image too", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const pinned = await hermes("prod", { [key]: { imageTag: digest } });
    expect(container(pinned).image).toBe(`registry.digitalocean.com/geo/hermes-ipfs-cache@${digest}`);
  });

  it("hermes 5: the pod pulls with regcred, which opens registry.digitalocean.com", () => {
    expect(deployment().template.spec.imagePullSecrets).toEqual([{ name: "regcred" }]);
    const secret = prod.object("Secret", "regcred");
    expect(secret.type).toBe("kubernetes.io/dockerconfigjson");
    expect(Object.keys(JSON.parse(secret.stringData[".dockerconfigjson"]).auths)).toEqual([
      "registry.digitalocean.com",
    ]);
  });

  it("hermes 6: requests and limits are the document's", () => {
    expect(container().resources).toEqual({
      requests: { memory: "256Mi", cpu: "250m" },
      limits: { memory: "1Gi", cpu: "1000m" },
    });
  });

  it("hermes 7 and 8: database and Substreams come from their Secrets", () => {
    expect(env(container(), "DATABASE_URL")).toBe("ipfs-cache-db-credentials/DATABASE_URL");
    for (const variable of ["SUBSTREAMS_ENDPOINT", "SUBSTREAMS_API_TOKEN"]) {
      expect(env(container(), variable)).toBe(`substreams-credentials/${variable}`);
    }
    const { SUBSTREAMS_ENDPOINT: endpoint } = prod.object("Secret", "substreams-credentials").stringData;
    expect(endpoint).toBe("https://mainnet.eth.streamingfast.io");
  });

  it("hermes 9: IPFS_GATEWAY is the public gateway unless the stack has another, and ends with a slash", async () => {
    expect(env(container(), "IPFS_GATEWAY")).toBe("https://gateway.ipfs.io/ipfs/");
    const other = await hermes("prod", { [key]: { ipfsGateway: "https://ipfs.example.com/ipfs/" } });
    expect(env(container(other), "IPFS_GATEWAY")).toBe("https://ipfs.example.com/ipfs/");
    const [problem] = problems("prod", { [key]: { ipfsGateway: "https://ipfs.example.com/ipfs" } });
    expect(problem?.fix).toBe("end it with a slash");
  });

  it("hermes 10 and 35: block range, log level and further variables are the stack's to set", async () => {
    expect(env(container(), "START_BLOCK")).toBe("0");
    expect(env(container(), "END_BLOCK")).toBe("0");
    expect(env(container(), "RUST_LOG")).toBe("info,hermes_ipfs_cache=debug");
    const other = container(
      await hermes("prod", {
        [key]: {
          startBlock: 19_000_000,
          endBlock: 20_000_000,
          logLevel: "warn",
          variableNames: { ipfsGateway: "IPFS_GATEWAY_URL", startBlock: "SUBSTREAMS_START_BLOCK" },
          workloads: { [name]: { env: { MODULE: "map_events" } } },
        },
      }),
    );
    expect(env(other, "SUBSTREAMS_START_BLOCK")).toBe("19000000");
    expect(env(other, "START_BLOCK")).toBeUndefined();
    expect(env(other, "END_BLOCK")).toBe("20000000");
    expect(env(other, "IPFS_GATEWAY_URL")).toBe("https://gateway.ipfs.io/ipfs/");
    expect(env(other, "RUST_LOG")).toBe("warn");
    expect(env(other, "MODULE")).toBe("map_events");
  });

  it("hermes 11: the pod has no port and no Service selects it", () => {
    expect(container()).not.toHaveProperty("ports");
    const selectors = prod.all("kubernetes:core/v1:Service").map(({ inputs }) => (inputs as Loose).spec.selector);
    expect(selectors).toEqual([{ app: "ipfs-cache-postgres" }]);
    expect(managed.names("kubernetes:core/v1:Service")).toEqual([]);
  });

  it("hermes 12: the pod runs as user 1001 with every capability dropped", () => {
    const { spec } = deployment().template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001 });
    expect(container().securityContext).toMatchObject({
      capabilities: { drop: ["ALL"] },
      allowPrivilegeEscalation: false,
    });
  });

  it("hermes 13: a change in either Secret restarts the pod", async () => {
    const annotations = (one = prod) => deployment(one).template.metadata.annotations;
    const checksums = ["ipfs-cache-db-credentials", "substreams-credentials"].map(
      (secret) => `checksum.doks-systems/${secret}`,
    );
    expect(Object.keys(annotations())).toEqual(checksums);
    const other = await hermes("prod", { [key]: { substreamsEndpoint: "https://other.example.com" } });
    expect(annotations(other)[checksums[1] ?? ""]).not.toBe(annotations()[checksums[1] ?? ""]);
    expect(annotations(other)[checksums[0] ?? ""]).toBe(annotations()[checksums[0] ?? ""]);
  });
});

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

describe("tables, secrets and operation", () => {
  it("hermes 23: a missing Substreams token stops an update with its name and the command that sets it", () => {
    expect(prod.rendering.missing).toContainEqual({
      path: "doks-systems:secrets.hermes.substreamsApiToken",
      fix: "pulumi config set --secret --path 'secrets.hermes.substreamsApiToken'",
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
