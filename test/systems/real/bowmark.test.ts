/** Bow-Mark as its published images need it: every value here was seen to work, or to fail, by starting the applications. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { Loose } from "../../support/stack.ts";
import { instead, published, stacks, volumeAt, writable, type PublishedStack } from "./support.ts";

const { key, render, refused } = published("bowmark");

const apps = ["paving", "concrete"];
const of = (kind: string, app: string) => `${kind}${app === "concrete" ? "-concrete" : ""}-deployment`;
const both = (...kinds: string[]) => kinds.flatMap((kind) => apps.map((app) => of(kind, app)));
const consumers = both("consumer");
const senders = both("server", "worker");
const six = [...senders, ...consumers];
const eight = [...six, ...both("client")];
const own = (workload: string, settings: object) => ({ workloads: { [workload]: settings } });

/** What the pools of all processes that have one can open, with what an operator needs beside them. */
const opened = (one: PublishedStack) => 20 * six.reduce((sum, name) => sum + one.mostPods(name), 0) + 5;

describe.each(stacks)("in %s", (name) => {
  it.each([
    ["client-deployment", "http://server-cluster-ip-service:8080/graphql"],
    ["client-concrete-deployment", "http://server-concrete-cluster-ip-service:8081/graphql"],
  ])("real bow-mark 1: %s renders its pages through its own server", async (client, url) => {
    const one = await render(name);
    expect(one.variable(one.main(client), "SSR_API_URL")).toBe(url);
    const { spec } = one.object("Service", new URL(url).hostname);
    const { targetPort } = spec.ports.find(({ port }: Loose) => String(port) === new URL(url).port);
    expect(one.egress(client)).toContainEqual({
      to: [{ podSelector: { matchLabels: spec.selector } }],
      ports: [{ protocol: "TCP", port: targetPort }],
    });
  });

  it.each(consumers)("real bow-mark 2: %s restarts after five minutes without the broker", async (consumer) => {
    const one = await render(name);
    const { exec, periodSeconds, failureThreshold } = one.main(consumer).livenessProbe;
    // The command, with the scripts that it may run.
    const { volumes } = one.pod(consumer);
    const scripts = volumes.flatMap((volume: Loose) => Object.values(one.content("ConfigMap", volume.configMap?.name)));
    const text = [...exec.command, ...scripts].join("\n");
    for (const part of ["/proc/net/tcp", "tcp6", /\b01\b/]) expect(text).toMatch(part);
    // Port 5672 as the kernel writes it, or as a script computes that from it.
    expect(text).toMatch(/1628|5672/);
    expect(periodSeconds * failureThreshold).toBeGreaterThanOrEqual(300);
  });

  it.each(apps)("real bow-mark 3: a Job migrates %s before its consumer rolls", async (app) => {
    const one = await render(name);
    expect(one.pod(of("consumer", app)).initContainers ?? []).toEqual([]);
    const job = one.jobOf(`pg-migrate-${app}`);
    expect(one.main(job, "Job").image).toContain("dbmate");
    expect(one.awaitedBy(of("consumer", app))).toContain(`Job/${job}`);
    // Which has both databases only after its setup.
    expect(one.awaitedBy(job, "Job")).toContain(`Job/${one.jobOf("postgres-setup")}`);
    const { spec } = one.object("Deployment", of("consumer", app));
    expect(spec).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
  });

  it.each(apps)("real bow-mark 3: the migration of %s reads its whole URL from a Secret", async (app) => {
    const one = await render(name);
    const container = one.main(one.jobOf(`pg-migrate-${app}`), "Job");
    expect(container.env.find((entry: Loose) => entry.name === "DATABASE_URL").valueFrom.secretKeyRef).toBeDefined();
    const url = new URL(one.variable(container, "DATABASE_URL") ?? "");
    expect([url.protocol, url.pathname]).toEqual(["postgresql:", `/bowmark_reports_${app}`]);
    expect(decodeURIComponent(url.password)).toBe(one.content("Secret", "postgres")["password"]);
  });

  it("real bow-mark 3: a folder that holds only our placeholder is asked for in production, and nowhere else", async () => {
    const one = await render(name);
    const asked = one.rendering.missing.filter(({ path }) => path === `${key}.migrations`);
    expect(asked).toHaveLength(name === "prod" ? 1 : 0);
    for (const { fix } of asked) expect(fix).toContain("docs/releasing.md");
    const replaced = await render(name, { migrations: "test/systems/two-migrations" });
    expect(replaced.rendering.missing.map(({ path }) => path)).not.toContain(`${key}.migrations`);
    expect(replaced.jobOf("pg-migrate-paving")).not.toBe(one.jobOf("pg-migrate-paving"));
  });

  it("real bow-mark 4: mail goes out by implicit TLS on 465, without a word of warning", async () => {
    const one = await render(name);
    expect(one.content("Secret", "email")["port"]).toBe("465");
    for (const sender of senders) expect(one.internetPorts(sender)).toContain(465);
    expect(one.notices(`${key}.email.port`)).toEqual([]);
  });

  it.each([25, 587])(
    "real bow-mark 4: port %i is taken, with a notice that the transport is implicit TLS",
    async (port) => {
      const one = await render(name, { email: { port } });
      expect(one.content("Secret", "email")["port"]).toBe(String(port));
      expect(one.notices(`${key}.email.port`)).toEqual([expect.stringMatching(/implicit TLS/i)]);
    },
  );

  it.each(both("server", "client"))(
    "real bow-mark 5: %s goes on serving until nobody is sent to it any more",
    async (which) => {
      const spec = (await render(name)).pod(which);
      expect(spec.containers[0].lifecycle.preStop.sleep.seconds).toBe(10);
      expect(spec.terminationGracePeriodSeconds).toBeGreaterThan(10);
    },
  );

  it("real bow-mark 6: PostgreSQL takes as many connections as all its clients can open", async () => {
    const one = await render(name);
    expect(one.maxConnections("postgres")).toBeGreaterThanOrEqual(opened(one));
    expect(one.notices(`${key}.database`).filter((text) => text.includes("connection"))).toEqual([]);
  });

  it.each(apps)("real bow-mark 7: a variable of %s reaches its four Deployments and no other", async (app) => {
    const one = await render(name, { env: { [app]: { X_FLAG: "1" } } });
    const having = eight.filter((each) => one.variable(one.main(each), "X_FLAG") === "1");
    expect(having).toEqual(["server", "worker", "consumer", "client"].map((kind) => of(kind, app)));
  });

  it.each(apps)("real bow-mark 8: the backfill of %s waits for the tables", async (app) => {
    const one = await render(name, { runBackfill: true });
    expect(one.awaitedBy(one.jobOf(`backfill-${app}`), "Job")).toContain(`Job/${one.jobOf(`pg-migrate-${app}`)}`);
  });

  it.each(eight)("real bow-mark 9: %s writes to /tmp alone, as user 1000", async (which) => {
    const spec = (await render(name)).pod(which);
    expect(spec.securityContext).toMatchObject({ runAsUser: 1000, runAsNonRoot: true });
    expect(spec.containers[0].securityContext.readOnlyRootFilesystem).toBe(true);
    expect(writable(spec)).toEqual(["/tmp"]);
  });

  it.each(apps)("real bow-mark 9: dbmate of %s has arguments and files that worked", async (app) => {
    const one = await render(name);
    const spec = one.pod(one.jobOf(`pg-migrate-${app}`), "Job");
    const { args } = spec.containers[0];
    expect(args).toEqual(["--migrations-dir", "/migrations", "--no-dump-schema", "--wait", "up"]);
    expect(volumeAt(spec, "/migrations").configMap).toEqual({ name: "pg-migrations", defaultMode: 0o440 });
  });

  it("real bow-mark 9: every variable that a process reads is set", async () => {
    const one = await render(name);
    const names = (what: string, ...ends: string[]) => ends.map((end) => `${what}_${end}`);
    const postgres = names("POSTGRES", "HOST", "PORT", "USER", "PASSWORD", "DB");
    const rabbitmq = names("RABBITMQ", "HOST", "PORT", "USER", "PASSWORD", "VHOST");
    const consumed = ["NODE_ENV", "APP_NAME", "MONGO_URI", ...postgres, ...rabbitmq];
    const email = ["EMAIL", ...names("EMAIL", "USERNAME", "PASSWORD", "HOST", "PORT")];
    const spaces = names("SPACES", "NAME", "REGION", "KEY", "SECRET");
    const search = names("SEARCH", "GROUP", "HOST", "API_KEY");
    const served = [...consumed, "APP_TYPE", "JWT_SECRET", ...spaces, ...email, ...search];
    for (const which of six) {
      const read = consumers.includes(which) ? consumed : served;
      const unset = read.filter((each) => !one.variable(one.main(which), each));
      expect(unset, which).toEqual([]);
    }
  });

  it("real bow-mark 9: passwords need no escaping, and the broker starts with both virtual hosts", async () => {
    const one = await render(name);
    const passwords = ["postgres", "rabbitmq"].map((secret) => one.content("Secret", secret)["password"]);
    for (const password of passwords) expect(password).toMatch(/^[0-9a-f]{64}$/);
    const definitions = JSON.parse(one.content("Secret", "rabbitmq-definitions")["definitions.json"] ?? "");
    expect(definitions.vhosts).toEqual([{ name: "bowmark" }, { name: "bowmark-concrete" }]);
  });

  it("real bow-mark 9: nobody reaches more of the internet than it uses", async () => {
    const one = await render(name);
    for (const each of senders) expect(one.internetPorts(each), each).toEqual([443, 465, 27017]);
    for (const each of consumers) expect(one.internetPorts(each), each).toEqual([27017]);
    for (const each of both("client")) expect(one.internetPorts(each), each).toEqual([]);
  });
});

describe("what a stack may say instead", () => {
  it("real bow-mark 1: another server's URL", async () => {
    const url = "https://api.example.com/graphql";
    const one = await render("prod", own("client-deployment", { env: { SSR_API_URL: url } }));
    expect(one.variable(one.main("client-deployment"), "SSR_API_URL")).toBe(url);
  });

  it("real bow-mark 2: more patience with the broker, or no probe at all", async () => {
    const liveness = async (setting: object | "off") => {
      const one = await render("prod", own("consumer-deployment", { probes: { liveness: setting } }));
      return one.main("consumer-deployment").livenessProbe;
    };
    expect(await liveness({ failureThreshold: 99 })).toMatchObject({ failureThreshold: 99, exec: expect.anything() });
    expect(await liveness("off")).toBeUndefined();
  });

  it("real bow-mark 3: never a second consumer", () => {
    const [problem] = refused("prod", own("consumer-deployment", { replicas: 2 }));
    expect(String(problem?.path)).toContain(`${key}.workloads.consumer-deployment`);
  });

  it("real bow-mark 3: a password with any sign in it, which the URL escapes", async () => {
    const databasePassword = "p@ss/w:rd?#%";
    const database = instead({ kind: "existing", host: "db.example.com", user: "reports" });
    const one = await render("prod", { database }, { "doks-systems:secrets": { bowmark: { databasePassword } } });
    const url = new URL(one.variable(one.main(one.jobOf("pg-migrate-paving"), "Job"), "DATABASE_URL") ?? "");
    expect([url.hostname, decodeURIComponent(url.password)]).toEqual(["db.example.com", databasePassword]);
  });

  it("real bow-mark 4: another port, of which the reference says what TLS it must speak", () => {
    const lines = readFileSync("docs/reference/settings.md", "utf8").split("\n");
    expect(lines.find((line) => line.includes("`email.port`"))).toMatch(/implicit TLS.*465/i);
  });

  it("real bow-mark 5: a longer wait, or none", async () => {
    const longer = await render("prod", own("server-deployment", { preStopSeconds: 20 }));
    expect(longer.main("server-deployment").lifecycle.preStop.sleep.seconds).toBe(20);
    const none = await render("prod", own("client-deployment", { preStopSeconds: 0 }));
    expect(none.main("client-deployment")).not.toHaveProperty("lifecycle");
  });

  it("real bow-mark 6: more pods, or pods that open more, for which PostgreSQL then has room", async () => {
    const more = await render("prod", own("server-deployment", { replicas: 6 }));
    expect(more.maxConnections("postgres")).toBeGreaterThanOrEqual(opened(more));
    const greedy = await render("prod", own("server-deployment", { connections: 60 }));
    const further = 40 * greedy.mostPods("server-deployment");
    expect(greedy.maxConnections("postgres")).toBeGreaterThanOrEqual(opened(greedy) + further);
  });

  it("real bow-mark 6: fewer connections than the clients can open, with a notice, or more, without one", async () => {
    const told = async (max_connections: string) => {
      const one = await render("prod", { database: { kind: "in-cluster", parameters: { max_connections } } });
      expect(one.maxConnections("postgres")).toBe(Number(max_connections));
      return one.notices(`${key}.database`).filter((text) => text.includes("connection"));
    };
    expect(await told("100")).toHaveLength(1);
    expect(await told("1000")).toEqual([]);
  });

  it("real bow-mark 7: larger bodies, and other paths to the server", async () => {
    const one = await render("prod", { maxBodyMiB: 250, serverPaths: ["/graphql", "/file", "/rest"] });
    for (const app of apps) {
      expect(one.object("BackendTrafficPolicy", `ingress-service-${app}`).spec.requestBuffer).toEqual({
        limit: "250Mi",
      });
      const { rules } = one.object("HTTPRoute", `ingress-service-${app}`).spec;
      expect(rules.map((rule: Loose) => rule.matches[0].path.value)).toContain("/rest");
    }
  });

  it("real bow-mark 7: one workload's variable, which wins over its app's", async () => {
    const env = { env: { paving: { X_FLAG: "1" } }, ...own("worker-deployment", { env: { X_FLAG: "2" } }) };
    const one = await render("prod", env);
    const values = both("server", "worker").map((each) => one.variable(one.main(each), "X_FLAG"));
    expect(values).toEqual(["1", undefined, "2", undefined]);
  });
});
