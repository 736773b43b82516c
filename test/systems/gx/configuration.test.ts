/** GX Protocol's acceptance lines: Fabric, secrets and configuration. */
import { describe, expect, it } from "vitest";
import { maskedResources } from "../../../graph/masking.ts";
import { terminalTree } from "../../../preview/report/terminal/tree.ts";
import { changes, env, problems } from "../../support/stack.ts";
import { gx, key, prod, staging, workers, all, container, secrets } from "./support.ts";

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
    const existing = await gx("prod", { [key]: { existingSecrets: { "fabric-credentials": "enrolled" } } });
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
