import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { SettingsError } from "../../settings/error.ts";
import { parseSettings } from "../../settings/index.ts";
import { readStackFile } from "../../preview/stack-file.ts";
import { changes, env, stack, type Loose, type RenderedStack } from "../support/stack.ts";

const key = "doks-systems:bowmark";
const servers = ["server-deployment", "server-concrete-deployment"];
const workers = ["worker-deployment", "worker-concrete-deployment"];
const consumers = ["consumer-deployment", "consumer-concrete-deployment"];
const clients = ["client-deployment", "client-concrete-deployment"];
const six = [...servers, ...workers, ...consumers];
const eight = [...six, ...clients];

let prod: RenderedStack;
let staging: RenderedStack;
let nginx: RenderedStack;
beforeAll(async () => {
  prod = await stack("prod");
  staging = await stack("staging");
  nginx = await stack("prod", { "doks-systems:platform": { edge: { kind: "ingress" } } });
});

const deployment = (name: string): Loose => prod.object("Deployment", name).spec;
const container = (name: string, kind = "Deployment"): Loose => prod.podSpec(kind, name).containers[0];

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

  it("bow-mark 7: consumers run the consumer, after dbmate has migrated", () => {
    for (const name of consumers) {
      expect(container(name).command).toEqual(["node", "dist/consumer/index.js"]);
      const [migrate] = prod.podSpec("Deployment", name).initContainers;
      expect(migrate).toMatchObject({ name: "migrate", image: expect.stringMatching(/^ghcr\.io\/amacneil\/dbmate:2/) });
      expect(migrate.args).toEqual(expect.arrayContaining(["--migrations-dir", "/migrations", "up"]));
    }
  });

  it("bow-mark 8: each consumer migrates its own reporting database", () => {
    const migrated = (name: string): string | undefined => {
      const [migrate] = prod.podSpec("Deployment", name).initContainers;
      expect(env(migrate, "DATABASE_URL")).toContain("/$(POSTGRES_DB)?sslmode=disable");
      return secretValue(env(migrate, "POSTGRES_DB"));
    };
    expect(migrated("consumer-deployment")).toBe("bowmark_reports_paving");
    expect(migrated("consumer-concrete-deployment")).toBe("bowmark_reports_concrete");
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
      settingsOf("prod", { [key]: { workers: { replicas: 2 } } });
    }).toThrow(/workers\.replicas \(2\)/);
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
    const rotated = await stack("prod", { [key]: { database: { kind: "in-cluster", passwordVersion: 2 } } });
    const changed = changes(prod, rotated);
    const setup = (one: RenderedStack) => one.one("Job", "bow-mark-postgres-setup").inputs.metadata.name;
    expect(setup(rotated)).not.toBe(setup(prod));
    const job = changed.filter((line) => line.startsWith("Job "));
    expect(changed.filter((line) => !line.startsWith("Job "))).toEqual([
      "CronJob pg-backup",
      ...six.map((name) => `Deployment ${name}`).toSorted(),
      "RandomBytes bow-mark-postgres-password-2",
      "Secret postgres",
      "Secret postgres-setup",
    ]);
    expect(job).toHaveLength(1);
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

describe("edge", () => {
  const route = (app: string): Loose => prod.object("HTTPRoute", `ingress-service-${app}`).spec;
  const backendOf = (app: string, path: string): Loose =>
    route(app).rules.find((rule: Loose) => rule.matches[0].path.value === path && rule.matches[0].headers === undefined)
      .backendRefs[0];

  it("bow-mark 21: the three hosts have TLS from Secret bow-mark-tls and issuer letsencrypt-prod", () => {
    const hosts = ["app.bowmark.ca", "paving.bowmark.ca", "concrete.bowmark.ca"];
    expect(prod.object("Certificate", "bow-mark-tls").spec).toMatchObject({
      secretName: "bow-mark-tls",
      dnsNames: hosts,
      issuerRef: { name: "letsencrypt-prod", kind: "ClusterIssuer" },
    });
    const { listeners } = prod.object("ListenerSet", "ingress-service").spec;
    expect(listeners.map((listener: Loose) => listener.hostname)).toEqual(hosts);
    for (const listener of listeners) expect(listener.tls.certificateRefs).toEqual([{ name: "bow-mark-tls" }]);
    const redirect = prod.object("HTTPRoute", "ingress-service-redirect").spec;
    expect(redirect).toMatchObject({ hostnames: hosts, rules: [{ filters: [{ type: "RequestRedirect" }] }] });
  });

  it("bow-mark 22: bodies up to 100 MB pass and requests may take 600 s, WebSockets longer", () => {
    for (const app of ["paving", "concrete"]) {
      const policy = prod.object("BackendTrafficPolicy", `ingress-service-${app}`).spec;
      expect(policy.requestBuffer).toEqual({ limit: "100Mi" });
      for (const rule of route(app).rules) {
        expect(rule.timeouts.request).toBe(rule.name.endsWith("websocket") ? "0s" : "600s");
      }
      const sockets = prod.object("BackendTrafficPolicy", `ingress-service-${app}-sockets`).spec;
      expect(sockets.targetRefs[0].sectionName).toBe(`${app}-graphql-websocket`);
      // Envoy Gateway refuses both in one policy.
      expect(sockets).not.toHaveProperty("requestBuffer");
      expect(sockets.httpUpgrade).toEqual([{ type: "websocket" }]);
    }
  });

  it("bow-mark 23: concrete.bowmark.ca serves pages through 3001, API and files through 8081", () => {
    expect(route("concrete").hostnames).toEqual(["concrete.bowmark.ca"]);
    expect(backendOf("concrete", "/")).toEqual({ name: "client-concrete-cluster-ip-service", port: 3001 });
    for (const path of ["/graphql", "/file"]) {
      expect(backendOf("concrete", path)).toEqual({ name: "server-concrete-cluster-ip-service", port: 8081 });
    }
  });

  it("bow-mark 24: app and paving.bowmark.ca serve pages through 3000, API and files through 8080", () => {
    expect(route("paving").hostnames).toEqual(["app.bowmark.ca", "paving.bowmark.ca"]);
    expect(backendOf("paving", "/")).toEqual({ name: "client-cluster-ip-service", port: 3000 });
    for (const path of ["/graphql", "/file"]) {
      expect(backendOf("paving", path)).toEqual({ name: "server-cluster-ip-service", port: 8080 });
    }
  });

  it("bow-mark 21 to 24: the classic rendering is an Ingress that does the same", () => {
    const { metadata, spec } = nginx.object("Ingress", "ingress-service");
    expect(spec.ingressClassName).toBe("nginx");
    expect(metadata.annotations).toEqual({
      "cert-manager.io/cluster-issuer": "letsencrypt-prod",
      "nginx.ingress.kubernetes.io/proxy-body-size": "100m",
      "nginx.ingress.kubernetes.io/proxy-connect-timeout": "600",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "600",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "600",
    });
    expect(spec.tls).toEqual([
      { hosts: ["app.bowmark.ca", "paving.bowmark.ca", "concrete.bowmark.ca"], secretName: "bow-mark-tls" },
    ]);
    const paths = (host: string) =>
      Object.fromEntries(
        spec.rules
          .find((rule: Loose) => rule.host === host)
          .http.paths.map((path: Loose) => [path.path, path.backend.service.port.number]),
      );
    expect(paths("app.bowmark.ca")).toEqual({ "/graphql": 8080, "/file": 8080, "/": 3000 });
    expect(paths("concrete.bowmark.ca")).toEqual({ "/graphql": 8081, "/file": 8081, "/": 3001 });
    expect(nginx.all("Gateway")).toEqual([]);
  });

  it("bow-mark 25: every Service points at a port that its pods listen on", () => {
    const services = prod.all("Service").map(({ inputs }) => inputs as Loose);
    expect(services).toHaveLength(6);
    for (const { metadata, spec } of services) {
      const pods = prod
        .podTemplates()
        .filter(({ template }) =>
          Object.entries(spec.selector).every(([label, value]) => template.metadata.labels[label] === value),
        );
      expect(pods, metadata.name).toHaveLength(1);
      const listening = pods[0]?.template.spec.containers[0].ports.map((port: Loose) => port.containerPort);
      for (const port of spec.ports) expect(listening, metadata.name).toContain(port.targetPort);
    }
  });

  it("bow-mark 26: RabbitMQ's management port is not reachable from outside the cluster", () => {
    expect(prod.object("Service", "rabbitmq").spec.type).toBe("ClusterIP");
    const backends = prod
      .all("HTTPRoute")
      .flatMap(({ inputs }) => JSON.stringify(inputs).match(/rabbitmq|15672/g) ?? []);
    expect(backends).toEqual([]);
    expect(admittedCallers("rabbitmq", 15672)).toEqual([]);
  });

  it("bow-mark 41: A records of the three hosts point to the load balancer", () => {
    const records = prod.all("DnsRecord").map(({ inputs }) => inputs);
    expect(records.map(({ name }) => name).toSorted()).toEqual(["app", "concrete", "paving"]);
    for (const record of records) {
      expect(record).toMatchObject({ domain: "bowmark.ca", type: "A", value: loadBalancer() });
    }
  });
});

describe("backup and nightly restart", () => {
  it("bow-mark 27: CronJob pg-backup dumps both databases to pg-backups/ every day at 08:00 UTC", () => {
    const { spec } = prod.object("CronJob", "pg-backup");
    expect(spec).toMatchObject({ schedule: "0 8 * * *", timeZone: "Etc/UTC", concurrencyPolicy: "Forbid" });
    expect(spec).toMatchObject({ successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 3 });
    expect(spec.jobTemplate.spec.backoffLimit).toBe(2);
    const pod = spec.jobTemplate.spec.template.spec;
    expect(pod.restartPolicy).toBe("OnFailure");
    const [dump, upload] = [pod.initContainers[0], pod.containers[0]];
    for (const step of [dump, upload]) {
      expect(env(step, "DATABASES")).toBe("bowmark_reports_paving bowmark_reports_concrete");
    }
    expect(env(dump, "PGHOST")).toBe("postgres/host");
    expect(env(upload, "SPACES_KEY")).toBe("spaces-backup/key");
    const scripts = prod.object("ConfigMap", "pg-backup-scripts").data;
    expect(scripts["upload.sh"]).toContain("key=pg-backups/$database/$name");
  });

  it("bow-mark 28: dumps older than 30 days go, and the bucket's only rule is 35 days on pg-backups/", () => {
    const upload = prod.object("CronJob", "pg-backup").spec.jobTemplate.spec.template.spec.containers[0];
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
    expect(pod.initContainers[0].command).toEqual(["bash", "/scripts/dump.sh"]);
    expect(pod.containers[0].command).toEqual(["bash", "/scripts/upload.sh"]);
    expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["dump.sh", "upload.sh", "spaces.sh"]));
    const grants = prod.one("SpacesKey", "bow-mark-backups").inputs.grants;
    expect(grants).toEqual([{ bucket: "bow-mark-backups", permission: "readwrite" }]);
    const reached = prod.all("ScheduledTask").find(({ name }) => name === "bow-mark-backup")?.connectsTo;
    expect(reached).toEqual(["postgres:5432", "outside/spaces:443"]);
  });

  it("bow-mark 30: a drill restores the newest dump every week", () => {
    const { spec } = prod.object("CronJob", "pg-backup-drill");
    expect(spec.schedule).toBe("0 10 * * 0");
    const pod = spec.jobTemplate.spec.template.spec;
    expect(pod.initContainers[0].command).toEqual(["bash", "/scripts/fetch.sh"]);
    expect(pod.containers[0].command).toEqual(["bash", "/scripts/drill.sh"]);
    const drill = prod.all("ScheduledTask").find(({ name }) => name === "bow-mark-backup-drill");
    expect(drill?.connectsTo).toEqual(["outside/spaces:443"]);
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

  it("bow-mark 33: ConfigMap pg-migrations holds every migration, and a new one restarts both consumers", async () => {
    const folder = "systems/bowmark/migrations";
    const files = readdirSync(folder).filter((name) => name.endsWith(".sql"));
    const { data } = prod.object("ConfigMap", "pg-migrations");
    expect(Object.keys(data)).toEqual(files.toSorted());
    for (const file of files) expect(data[file]).toBe(readFileSync(`${folder}/${file}`, "utf8"));

    const more = await stack("prod", { [key]: { migrations: "test/systems/two-migrations" } });
    expect(changes(prod, more)).toEqual([
      "ConfigMap pg-migrations",
      "Deployment consumer-concrete-deployment",
      "Deployment consumer-deployment",
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
    const filling = await stack("prod", { [key]: { runBackfill: true } });
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
    const next = await stack("prod", { [key]: { imageTag: "0a1b2c3" } });
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
    expect(admittedCallers("postgres", 5432)).toEqual([...components, "task=pg-backup", "task=postgres-setup"]);
    expect(admittedCallers("rabbitmq", 5672)).toEqual(components);
    expect(admittedCallers("rabbitmq", 15672)).toEqual([]);
  });

  it("bow-mark 42: a backfill may reach PostgreSQL", async () => {
    const filling = await stack("prod", { [key]: { runBackfill: true } });
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

function settingsOf(name: string, patch: Record<string, unknown>): void {
  parseSettings(name, readStackFile(name, patch));
}

function settingsError(name: string, patch: Record<string, unknown>): SettingsError {
  try {
    settingsOf(name, patch);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("the settings were accepted");
}

function claim(name: string, storage: string): object {
  return {
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "do-block-storage",
      resources: { requests: { storage } },
    },
  };
}

function definitions(): Loose {
  return parse(prod.object("Secret", "rabbitmq-definitions").stringData["definitions.json"]);
}

/** What `secret/key` holds. */
function secretValue(reference: string | undefined): string | undefined {
  const [name = "", entry = ""] = (reference ?? "").split("/");
  return prod.object("Secret", name).stringData[entry];
}

function sameKeys(...keys: string[]): (given: string[]) => boolean {
  return (given) => JSON.stringify(given.toSorted()) === JSON.stringify(keys.toSorted());
}

function loadBalancer(): string {
  return (prod.rendering.outputs["platform"] as { loadBalancer: string }).loadBalancer;
}

/** Label selectors of the pods that policies admit to a port of a server. */
function admittedCallers(server: string, port: number, one: RenderedStack = prod): string[] {
  const policies: Loose[] = one.all("NetworkPolicy").map(({ inputs }) => inputs);
  return policies
    .filter(({ spec }) => spec.podSelector.matchLabels?.app === server)
    .flatMap(({ spec }) => spec.ingress ?? [])
    .filter((rule: Loose) => rule.ports.some((entry: Loose) => entry.port === port))
    .flatMap((rule: Loose) => rule.from)
    .map(
      (peer: Loose) =>
        Object.entries(peer.podSelector.matchLabels).map(([label, value]) => `${label}=${String(value)}`)[0] ?? "",
    )
    .toSorted();
}
