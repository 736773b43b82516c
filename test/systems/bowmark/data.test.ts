import { createHash } from "node:crypto";
import { parseSettings } from "../../../systems/settings.ts";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { describe, expect, it } from "vitest";
import { changes, env, type Loose, type RenderedStack } from "../../support/stack.ts";
import { prod, bowmark, key, six, container, settingsError, claim, definitions, sameKeys } from "./support.ts";

describe("data services", () => {
  it("bow-mark 11: StatefulSet postgres is the document's", () => {
    const { spec } = prod.object("StatefulSet", "postgres");
    const postgres = spec.template.spec.containers[0];
    expect(spec.replicas).toBe(1);
    expect(spec.serviceName).toBe("postgres");
    expect(postgres.image).toMatch(/^postgres:16(\.|$)/);
    expect(env(postgres, "PGDATA")).toBe("/var/lib/postgresql/data/pgdata");
    expect(env(postgres, "POSTGRES_USER")).toBe("postgres/user");
    expect(env(postgres, "POSTGRES_PASSWORD")).toBe("postgres/password");
    expect(env(postgres, "POSTGRES_DB")).toBe("bowmark_reports_paving");
    expect(postgres.volumeMounts).toContainEqual({ name: "postgres-data", mountPath: "/var/lib/postgresql/data" });
    expect(spec.volumeClaimTemplates).toEqual([claim("postgres-data", "10Gi")]);
    const command = ["pg_isready", "-U", "bowmark", "-d", "bowmark_reports_paving"];
    const readiness = { exec: { command }, initialDelaySeconds: 5, periodSeconds: 10 };
    expect(postgres.readinessProbe).toMatchObject(readiness);
    expect(postgres.livenessProbe).toMatchObject({ exec: { command }, initialDelaySeconds: 30, failureThreshold: 5 });
  });

  it("bow-mark 12: both databases are made at the first start, and by a Job on a volume that has only one", () => {
    const postgres = container("postgres", "StatefulSet");
    expect(postgres.volumeMounts).toContainEqual(
      expect.objectContaining({ mountPath: "/docker-entrypoint-initdb.d", name: "init" }),
    );
    const job = prod.one("Job", "bow-mark-postgres-setup").inputs.spec.template.spec.containers[0];
    for (const place of [postgres, job]) {
      expect(env(place, "DATABASES")).toBe("bowmark_reports_paving bowmark_reports_concrete");
    }
  });

  it("bow-mark 13: Services postgres and rabbitmq are headless with their ports", () => {
    const ports = (name: string): number[] => prod.object("Service", name).spec.ports.map((port: Loose) => port.port);
    expect(prod.object("Service", "postgres").spec.clusterIP).toBe("None");
    expect(prod.object("Service", "rabbitmq").spec.clusterIP).toBe("None");
    expect(ports("postgres")).toEqual([5432]);
    expect(ports("rabbitmq")).toEqual([5672, 15672]);
  });

  it("bow-mark 14: StatefulSet rabbitmq is the document's", () => {
    const { spec } = prod.object("StatefulSet", "rabbitmq");
    const rabbitmq = spec.template.spec.containers[0];
    expect(spec.replicas).toBe(1);
    expect(rabbitmq.image).toMatch(/^rabbitmq:3(\.[0-9.]+)?-management$/);
    expect(spec.volumeClaimTemplates).toEqual([claim("rabbitmq-data", "5Gi")]);
    const diagnostics = (command: string) => ({
      exec: { command: ["rabbitmq-diagnostics", command] },
      timeoutSeconds: 10,
    });
    expect(rabbitmq.readinessProbe).toMatchObject(diagnostics("ping"));
    expect(rabbitmq.livenessProbe).toMatchObject(diagnostics("status"));
    expect(spec.template.spec.terminationGracePeriodSeconds).toBe(120);
  });

  it("bow-mark 15: on an empty volume the broker starts with both virtual hosts from its definitions", () => {
    const rabbitmq = container("rabbitmq", "StatefulSet");
    const conf = prod.object("ConfigMap", "rabbitmq-config").data["load_definitions.conf"];
    expect(conf).toBe("load_definitions = /etc/rabbitmq/definitions/definitions.json\n");
    expect(rabbitmq.volumeMounts).toContainEqual(expect.objectContaining({ mountPath: "/etc/rabbitmq/definitions" }));
    expect(definitions().vhosts).toEqual([{ name: "bowmark" }, { name: "bowmark-concrete" }]);
  });

  it("bow-mark 16: user bowmark logs in with the password of Secret rabbitmq and may do everything on both vhosts", () => {
    const { users, permissions } = definitions();
    expect(users).toHaveLength(1);
    expect(users[0]).toMatchObject({ name: "bowmark", hashing_algorithm: "rabbit_password_hashing_sha256" });
    const stored = Buffer.from(users[0].password_hash, "base64");
    const password = prod.object("Secret", "rabbitmq").stringData.password;
    const hash = createHash("sha256").update(stored.subarray(0, 4)).update(password).digest();
    expect(stored.subarray(4).equals(hash)).toBe(true);
    expect(permissions.map((permission: Loose) => permission.vhost)).toEqual(["bowmark", "bowmark-concrete"]);
  });

  it("bow-mark 17: no password hash or password is in a ConfigMap", () => {
    const configMaps = JSON.stringify(prod.all("ConfigMap").map(({ inputs }) => inputs));
    const secrets = prod.all("Secret").flatMap(({ inputs }) => Object.entries((inputs as Loose).stringData));
    const hidden = secrets
      .filter(([name]) => /password|secret|key|uri|verifier/i.test(name))
      .map(([, value]) => String(value));
    expect(hidden.length).toBeGreaterThan(8);
    for (const value of hidden) expect(configMaps).not.toContain(value.trim());
    expect(configMaps).not.toContain(definitions().users[0].password_hash);
  });

  it("bow-mark 39: a new password reaches the database, the Secret and the six Deployments, and restarts no server", async () => {
    const rotated = await bowmark("prod", { [key]: { database: { kind: "in-cluster", passwordVersion: 2 } } });
    const changed = changes(prod, rotated);
    const setup = (one: RenderedStack) => one.one("Job", "bow-mark-postgres-setup").inputs.metadata.name;
    expect(setup(rotated)).not.toBe(setup(prod));
    const job = changed.filter((line) => line.startsWith("Job "));
    expect(changed.filter((line) => !line.startsWith("Job "))).toEqual([
      "CronJob pg-backup",
      ...six.map((name) => `Deployment ${name}`).toSorted(),
      "RandomBytes bow-mark-postgres-password-2",
      "Secret pg-migrate-concrete-url",
      "Secret pg-migrate-paving-url",
      "Secret postgres",
      "Secret postgres-setup",
    ]);
    expect(job.map((line) => line.replace(/-[0-9a-f]{8}$/, ""))).toEqual([
      "Job pg-migrate-concrete",
      "Job pg-migrate-paving",
      "Job postgres-setup",
    ]);
    const passwords = rotated.object("Secret", "postgres-setup").stringData.passwords.trim().split("\n");
    expect(passwords).toEqual([
      rotated.object("Secret", "postgres").stringData.password,
      prod.object("Secret", "postgres").stringData.password,
    ]);
    // The Deployments restart only after the Job that told the server.
    for (const name of six) {
      const before = rotated.waitsFor(rotated.one("Deployment", name)).map((resource) => resource.name);
      expect(before).toContain("bow-mark-postgres-setup");
    }
  });
});

describe("secrets", () => {
  it("bow-mark 18: the eight Secrets have exactly the document's keys", () => {
    const keys = Object.fromEntries(
      prod
        .all("Secret")
        .map(({ inputs }) => [(inputs as Loose).metadata.name, Object.keys((inputs as Loose).stringData)]),
    );
    expect(keys).toMatchObject({
      postgres: expect.toSatisfy(sameKeys("user", "password", "host", "port", "dbPaving", "dbConcrete")),
      rabbitmq: expect.toSatisfy(sameKeys("user", "password", "host", "port", "vhost", "vhostConcrete")),
      paving: ["mongoURI"],
      concrete: ["mongoURI"],
      general: ["jwtSecret"],
      spaces: expect.toSatisfy(sameKeys("name", "region", "key", "secret")),
      email: expect.toSatisfy(sameKeys("email", "username", "password", "host", "port")),
      search: expect.toSatisfy(sameKeys("host", "apiKey")),
    });
  });

  it("bow-mark 19: generated passwords are 64 lower-case hexadecimal characters", () => {
    for (const name of ["postgres", "rabbitmq"]) {
      expect(prod.object("Secret", name).stringData.password).toMatch(/^[0-9a-f]{64}$/);
    }
    expect(prod.object("Secret", "general").stringData.jwtSecret).toMatch(/^[0-9a-f]{64}$/);
  });

  it("bow-mark 20: missing external values stop the program with their names", () => {
    const missing = parseSettings("prod", readStackFile("prod")).missing.map(({ path }) => path);
    expect(missing).toEqual(
      expect.arrayContaining([
        "doks-systems:secrets.bowmark.paving.mongoUri",
        "doks-systems:secrets.bowmark.concrete.mongoUri",
        "doks-systems:secrets.bowmark.email.password",
        "doks-systems:secrets.bowmark.search.apiKey",
      ]),
    );
    const error = settingsError("prod", { [key]: { email: null, search: null } });
    expect(error.problems.map(({ path }) => path)).toEqual([`${key}.email`, `${key}.search`]);
  });
});
