/** GX Protocol's workloads, their secrets and configuration, and Fabric beside them. Production has a managed database, staging its own in the cluster. */
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { terminalTree } from "../../../preview/report/terminal.ts";
import { changes, env, problems, type Loose } from "../../support/stack.ts";
import { gx, key, prod, staging, workers, all, deployment, container, secrets } from "./support.ts";

/** With more than one outbox-submitter, as the document has it. */
const several = await gx("prod", {
  [key]: { acceptDuplicateCommands: true, workloads: { "outbox-submitter": { replicas: 4 } } },
});

describe("namespace and workloads", () => {
  it("gx 1: namespace backend-mainnet enforces restricted", () => {
    const { labels } = prod.object("kubernetes:core/v1:Namespace", "backend-mainnet").metadata;
    expect(labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  });

  it("gx 2: every pod template satisfies restricted", () => {
    for (const one of [prod, staging]) {
      expect(one.podTemplates().length).toBeGreaterThan(4);
      for (const { owner, template } of one.podTemplates())
        expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
  });

  it("gx 3: svc-identity listens on 3001 and its replicas are the autoscaler's", () => {
    expect(container("svc-identity").ports).toEqual([{ name: "http", containerPort: 3001 }]);
    expect(deployment("svc-identity").template.metadata.labels).toEqual({
      app: "svc-identity",
      component: "api",
      tier: "backend",
    });
    expect(deployment("svc-identity")).not.toHaveProperty("replicas");
  });

  it("gx 4: svc-identity-hpa keeps 3 to 10 pods at 70 % CPU and 80 % memory", () => {
    const { spec } = prod.object("HorizontalPodAutoscaler", "svc-identity-hpa");
    expect(spec).toMatchObject({ minReplicas: 3, maxReplicas: 10 });
    expect(spec.scaleTargetRef).toEqual({ apiVersion: "apps/v1", kind: "Deployment", name: "svc-identity" });
    const targets = spec.metrics.map(({ resource }: Loose) => [resource.name, resource.target.averageUtilization]);
    expect(targets).toEqual([
      ["cpu", 70],
      ["memory", 80],
    ]);
    expect(spec.behavior.scaleDown).toMatchObject({ stabilizationWindowSeconds: 300, selectPolicy: "Min" });
  });

  it("gx 5: outbox-submitter is one, replaced whole; more, and one by one, where commands may run twice", () => {
    expect(deployment("outbox-submitter")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(deployment("outbox-submitter").selector).toEqual({ matchLabels: { app: "outbox-submitter" } });
    expect(deployment("outbox-submitter", several)).toMatchObject({
      replicas: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  it("gx 6: projector is one, replaced whole; a second is refused and no autoscaler has it", () => {
    expect(deployment("projector")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(deployment("projector").selector).toEqual({ matchLabels: { app: "projector" } });
    for (const [field, value] of Object.entries({ replicas: 2, autoscaling: { min: 1, max: 2 } })) {
      const found = problems("prod", { [key]: { workloads: { projector: { [field]: value } } } });
      expect(found.map(({ path }) => path)).toEqual([`${key}.workloads.projector.${field}`]);
    }
    expect(prod.names("HorizontalPodAutoscaler")).toEqual(["svc-identity-hpa"]);
  });

  it("gx 7: every image of ours is the registry's, with a tag that does not move", () => {
    for (const name of all) expect(container(name).image).toBe(`registry.digitalocean.com/geo/${name}:2.0.0`);
    expect(problems("prod", { [key]: { imageTag: "latest" } })[0]?.path).toBe(`${key}.imageTag`);
  });

  it("gx 8 and 9: the Services map their ports", () => {
    expect(prod.object("Service", "svc-identity").spec).toMatchObject({
      type: "ClusterIP",
      selector: { app: "svc-identity" },
      ports: [{ name: "http", port: 80, targetPort: 3001 }],
    });
    const metrics = { "outbox-submitter": 9090, projector: 9091 };
    for (const [name, port] of Object.entries(metrics)) {
      const { spec } = prod.object("Service", `${name}-metrics`);
      expect(spec).toMatchObject({ selector: { app: name }, ports: [{ name: "metrics", port, targetPort: port }] });
    }
  });

  it("gx 10: svc-identity has its three probes on 3001, or those that the stack says", async () => {
    const { livenessProbe, readinessProbe, startupProbe } = container("svc-identity");
    expect([livenessProbe, readinessProbe, startupProbe].map(({ httpGet }) => httpGet.path)).toEqual([
      "/livez",
      "/readyz",
      "/health",
    ]);
    for (const probe of [livenessProbe, readinessProbe, startupProbe]) expect(probe.httpGet.port).toBe("http");
    const probes = { readiness: { http: { path: "/health" } }, liveness: { tcp: "http" }, startup: "off" };
    const other = container("svc-identity", await gx("prod", { [key]: { workloads: { "svc-identity": { probes } } } }));
    expect(other.readinessProbe).toEqual({ ...readinessProbe, httpGet: { path: "/health", port: "http" } });
    expect(other.livenessProbe).toMatchObject({ tcpSocket: { port: "http" }, failureThreshold: 3 });
    expect(other.livenessProbe).not.toHaveProperty("httpGet");
    expect(other).not.toHaveProperty("startupProbe");
  });

  it("gx 11: both workers are probed at their metrics port, the projector at its /health", () => {
    for (const probe of ["livenessProbe", "readinessProbe"]) {
      expect(container("projector")[probe].httpGet).toEqual({ path: "/health", port: "metrics" });
      // The other's /health ends the process when PostgreSQL is away.
      expect(container("outbox-submitter")[probe].tcpSocket).toEqual({ port: "metrics" });
      expect(container("outbox-submitter")[probe]).not.toHaveProperty("httpGet");
    }
  });

  it("gx 18: two ServiceAccounts, whose token no pod has and no Role knows", () => {
    const accounts = Object.fromEntries(all.map((name) => [name, prod.podSpec("Deployment", name).serviceAccountName]));
    expect(accounts).toEqual({
      "svc-identity": "backend-api",
      "outbox-submitter": "backend-worker",
      projector: "backend-worker",
    });
    for (const { template, owner } of prod.podTemplates()) {
      expect(template.spec.automountServiceAccountToken, owner).toBe(false);
    }
    expect(prod.names("ServiceAccount")).toEqual(expect.arrayContaining(["backend-api", "backend-worker"]));
    expect(prod.all("RoleBinding")).toEqual([]);
  });

  it("gx 19: svc-identity, and outbox-submitter where there are several, prefer nodes of their own", () => {
    for (const name of ["svc-identity", "outbox-submitter"]) {
      const [preferred] = several.podSpec("Deployment", name).affinity.podAntiAffinity
        .preferredDuringSchedulingIgnoredDuringExecution;
      expect(preferred).toMatchObject({ weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname" } });
      expect(preferred.podAffinityTerm.labelSelector).toEqual({ matchLabels: { app: name } });
    }
  });

  it("gx 20: the pool has at least three nodes of 4 vCPU and 8 GB", () => {
    const pool = prod.one("KubernetesNodePool", "general").inputs;
    expect(pool.size).toBe("s-4vcpu-8gb");
    expect(pool.minNodes).toBeGreaterThanOrEqual(3);
    for (const name of all) {
      expect(prod.podSpec("Deployment", name).nodeSelector).toEqual({ "doks.digitalocean.com/node-pool": "general" });
    }
  });

  it("gx 34: drains leave two of svc-identity, and all but one of several outbox-submitters", () => {
    expect(prod.object("PodDisruptionBudget", "svc-identity").spec.minAvailable).toBe(2);
    expect(several.object("PodDisruptionBudget", "outbox-submitter").spec.maxUnavailable).toBe(1);
    expect(several.names("PodDisruptionBudget")).toEqual(["outbox-submitter", "svc-identity"]);
    // A budget for one pod would let no node be drained.
    expect(prod.names("PodDisruptionBudget")).toEqual(["svc-identity"]);
    // Of two pods two could never be left.
    expect(staging.object("PodDisruptionBudget", "svc-identity").spec.maxUnavailable).toBe(1);
  });

  it("gx 37: no replicas are stated, so an update does not undo what the autoscaler did", () => {
    expect(deployment("svc-identity")).not.toHaveProperty("replicas");
    // What was fixed before stays until the autoscaler takes it over: left out of what is applied it would become one.
    expect(prod.one("Deployment", "svc-identity").ignoreChanges).toEqual(["spec.replicas"]);
  });
});

describe("Fabric", () => {
  it("gx 12: both workers mount fabric-credentials read-only at /etc/fabric, readable for uid 1000", () => {
    for (const name of workers) {
      const spec = prod.podSpec("Deployment", name);
      expect(spec.securityContext).toMatchObject({ runAsUser: 1000, fsGroup: 1000 });
      const volume = { name: "fabric", secret: { secretName: "fabric-credentials", defaultMode: 0o440 } };
      expect(spec.volumes).toContainEqual(volume);
      expect(spec.containers[0].volumeMounts).toContainEqual({
        name: "fabric",
        mountPath: "/etc/fabric",
        readOnly: true,
      });
    }
    expect(JSON.stringify(prod.podSpec("Deployment", "svc-identity"))).not.toContain("fabric-credentials");
  });

  it("gx 13: fabric-credentials has the three files, from the stack's secrets", () => {
    expect(prod.object("Secret", "fabric-credentials").stringData).toEqual({
      "cert.pem": "placeholder-for-gx-fabric-certificate",
      "key.pem": "placeholder-for-gx-fabric-key",
      "ca-cert.pem": "placeholder-for-gx-fabric-caCertificate",
    });
  });

  it("gx 13: or it is a Secret that somebody else keeps", async () => {
    const credentials = { kind: "existing", secretName: "enrolled" };
    const existing = await gx("prod", { [key]: { fabric: { credentials } } });
    expect(existing.names("Secret")).not.toContain("fabric-credentials");
    expect(existing.podSpec("Deployment", "projector").volumes).toContainEqual(
      expect.objectContaining({ secret: expect.objectContaining({ secretName: "enrolled" }) }),
    );
    expect(existing.rendering.missing.map(({ path }) => path).filter((path) => path.includes("fabric"))).toEqual([]);
  });

  it("gx 39: without Fabric the API and its data run, and no worker does", async () => {
    const without = await gx("prod", { [key]: { fabric: false } });
    expect(without.names("Deployment")).toEqual(["svc-identity"]);
    expect(without.names("DatabaseCluster")).toEqual(["gx-postgres-prod"]);
    expect(without.names("StatefulSet")).toEqual(["redis"]);
    const keys = Object.keys(without.object("ConfigMap", "backend-config").data);
    expect(keys.filter((name) => name.startsWith("FABRIC"))).toEqual([]);
  });
});

describe("secrets and configuration", () => {
  it("gx 14: backend-secrets has the user, a generated password and a JWT secret", () => {
    const { DATABASE_USER: user, DATABASE_PASSWORD: password = "", JWT_SECRET: jwt = "" } = secrets(staging);
    expect(user).toBe("gx_admin");
    expect(password.length).toBeGreaterThanOrEqual(32);
    expect(encodeURIComponent(password)).toBe(password);
    expect(jwt).toHaveLength(64);
    const [short] = problems("prod", { "doks-systems:secrets": { gx: { jwtSecret: "short" } } });
    expect(short).toMatchObject({ path: "doks-systems:secrets.gx.jwtSecret", fix: "use at least 32 characters" });
  });

  it("gx 15: DATABASE_URL has user, password, host, port and database", () => {
    const inCluster = new URL(secrets(staging)["DATABASE_URL"] ?? "");
    expect(inCluster.host).toBe("postgres.backend-testnet.svc.cluster.local:5432");
    expect(inCluster.username).toBe("gx_admin");
    expect(inCluster.password).toBe(secrets(staging)["DATABASE_PASSWORD"]);
    expect(inCluster.pathname).toBe("/gx_protocol");
    expect(inCluster.searchParams.get("schema")).toBe("public");
    for (const name of all) expect(env(container(name), "DATABASE_URL")).toBe("backend-secrets/DATABASE_URL");
  });

  it("gx 16: REDIS_URL has the password, and Redis knows nobody without one", () => {
    const { REDIS_URL: url = "", REDIS_PASSWORD: password } = secrets(staging);
    expect(new URL(url)).toMatchObject({
      host: "redis-master.backend-testnet.svc.cluster.local:6379",
      username: "gx",
      password,
    });
    expect(env(container("svc-identity"), "REDIS_URL")).toBe("backend-secrets/REDIS_URL");
    const users: string = staging.object("Secret", "redis-users").stringData["users.acl"];
    expect(users).toContain("user default off\n");
    expect(users).not.toContain(password);
  });

  it("gx 17: backend-config holds the manifests' keys, with three values that the images need, and no secret", async () => {
    const { data } = prod.object("ConfigMap", "backend-config");
    expect(data).toMatchObject({
      NODE_ENV: "production",
      LOG_LEVEL: "info",
      TENANT_ID: "default",
      IDENTITY_SERVICE_PORT: "3001",
      DATABASE_NAME: "gx_protocol",
      FABRIC_PEER_ENDPOINT: "peer0-org1.fabric.svc.cluster.local:7051",
      FABRIC_MSP_ID: "Org1MSP",
      FABRIC_CHANNEL_NAME: "gxchannel",
      FABRIC_CHAINCODE_NAME: "gxtv3",
      FABRIC_GRPC_KEEPALIVE: "true",
      FABRIC_GRPC_KEEPALIVE_TIMEOUT: "120000",
      FABRIC_CERT_PATH: "/etc/fabric/cert.pem",
      FABRIC_KEY_PATH: "/etc/fabric/key.pem",
      FABRIC_PEER_TLS_CA_CERT_PATH: "/etc/fabric/ca-cert.pem",
      POLL_INTERVAL: "100",
      BATCH_SIZE: "10",
      MAX_RETRIES: "18000",
      LOCK_TIMEOUT: "300000",
      ENABLE_METRICS: "true",
      OUTBOX_METRICS_PORT: "9090",
      START_BLOCK: "0",
      CHECKPOINT_INTERVAL: "10",
      PROJECTOR_METRICS_PORT: "9091",
      JWT_EXPIRY: "24h",
      JWT_REFRESH_EXPIRY: "7d",
      ENABLE_IDEMPOTENCY: "true",
      IDEMPOTENCY_TTL_HOURS: "24",
      PROJECTION_LAG_THRESHOLD_MS: "315360000000",
      RATE_LIMIT_WINDOW_MS: "900000",
      RATE_LIMIT_MAX_REQUESTS: "100",
    });
    for (const name of ["DATABASE_HOST", "DATABASE_PORT", "REDIS_HOST", "REDIS_PORT"])
      expect(data).toHaveProperty(name);
    for (const [name, value] of Object.entries(secrets())) {
      if (name !== "DATABASE_USER") expect(Object.values(data), name).not.toContain(value);
    }
    for (const name of all) expect(container(name).envFrom).toEqual([{ configMapRef: { name: "backend-config" } }]);
    const changed = await gx("prod", { [key]: { logLevel: "debug", config: { BATCH_SIZE: "20", EXTRA: "1" } } });
    const other = changed.object("ConfigMap", "backend-config").data;
    expect(other).toMatchObject({ LOG_LEVEL: "debug", BATCH_SIZE: "20", EXTRA: "1" });
  });

  it("gx 36: a changed Secret or ConfigMap restarts the pods that use it", async () => {
    const config = await gx("prod", { [key]: { logLevel: "debug" } });
    const touched = [...all.map((name) => `Deployment ${name}`), "ConfigMap backend-config"];
    expect(changes(prod, config)).toEqual(expect.arrayContaining(touched));
    const fabric = await gx("prod", { "doks-systems:secrets": { gx: { fabric: { certificate: "another" } } } });
    expect(changes(prod, fabric)).toEqual([
      ...workers.map((name) => `Deployment ${name}`),
      "Secret fabric-credentials",
    ]);
  });

  it("gx 40: no secret is in outputs or previews; outputs give URL, namespace, services and database", () => {
    const shown = JSON.stringify(maskedResources(staging.rendering)) + terminalTree(staging.rendering);
    for (const [name, value] of Object.entries(secrets(staging))) {
      if (name !== "DATABASE_USER") expect(shown, name).not.toContain(value);
    }
    expect(prod.rendering.outputs["gx"]).toMatchObject({
      url: "https://api.gxcoin.com",
      namespace: "backend-mainnet",
      services: ["svc-identity", "outbox-submitter-metrics", "projector-metrics"],
      databaseHost: expect.stringMatching(/^private-/),
    });
  });
});
