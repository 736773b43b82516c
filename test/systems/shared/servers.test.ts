/** Servers that others keep in the cluster: our side lets our pods out to them, and the preview says what theirs must let in. */
import { beforeAll, describe, expect, it } from "vitest";
import { allows } from "../../../policy/reachability.ts";
import { alone, env, problems, type Loose, type RenderedStack, type SystemKey } from "../../support/stack.ts";
import { podsOf, policiesOf } from "./support.ts";

const theirs = { namespace: "data", labels: { app: "theirs" } };
const where = { kind: "pods", ...theirs };
const host = "theirs.data.svc.cluster.local";
const server = { kind: "existing", host, where };
const emptied = { storage: null, version: null, size: null, nodes: null, parameters: null, maxMemory: null };

/** Each service of each system, as one that others keep in the cluster, with the workload that must reach it and the port. */
const services: [string, SystemKey, object, string, number, string][] = [
  [
    "PostgreSQL",
    "hermes",
    { database: { ...emptied, ...server, user: "u", tls: "disable" } },
    "hermes-ipfs-cache",
    5432,
    "databasePassword",
  ],
  ["PostgreSQL", "gx", { database: { ...emptied, ...server, user: "u" } }, "svc-identity", 5432, "databasePassword"],
  ["Redis", "gx", { redis: { ...emptied, ...server, tls: false } }, "svc-identity", 6379, "redisPassword"],
  ["RabbitMQ", "bowmark", { rabbitmq: { ...server, user: "u" } }, "consumer-deployment", 5672, "rabbitmqPassword"],
  [
    "Kafka",
    "caracal",
    { kafka: { kind: "existing", bootstrapServers: [`${host}:9092`], where } },
    "caracal-audit-logger",
    9092,
    "",
  ],
];

describe.each(services)("%s of others, for %s", (_, system, settings, workload, port, secret) => {
  const key = `doks-systems:${system}`;
  let rendered: RenderedStack;

  beforeAll(async () => {
    rendered = await alone(system)("prod", { [key]: settings });
  });

  it("may be reached by the workloads, and no other pod of the same namespace", () => {
    const policies = policiesOf(rendered);
    const own = podsOf(rendered).find(({ name }) => name.endsWith(`/${workload}`));
    if (own === undefined) throw new Error(`no ${workload}`);
    const to = (labels: Record<string, string>, one: number) =>
      allows(policies, "Egress", own, { name: "theirs", namespace: theirs.namespace, labels }, one);
    expect([to(theirs.labels, port), to({ app: "another" }, port), to(theirs.labels, port + 1)]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("gets no object of ours in its namespace, and a line that says what its keeper must admit", () => {
    expect(rendered.objects().filter(({ metadata }) => metadata.namespace === theirs.namespace)).toEqual([]);
    const { namespace } = podsOf(rendered)[0] ?? {};
    const notices = rendered.rendering.notices.map(({ text }) => text);
    expect(notices).toContainEqual(
      `is of others: where policies of data select pods with app=theirs, they must let pods of ${namespace ?? ""} connect to port ${port}`,
    );
    const missing = rendered.rendering.missing.map(({ path }) => path);
    if (secret !== "") expect(missing).toContain(`doks-systems:secrets.${system}.${secret}`);
  });
});

describe("RabbitMQ that exists already", () => {
  const key = "doks-systems:bowmark";
  it("gets no broker of ours; clients have its address, and the consumers' probe looks for its port", async () => {
    const rabbitmq = { ...server, port: 5673, user: "apps", where: { ...where, ports: [5672] } };
    const rendered = await alone("bowmark")("prod", { [key]: { rabbitmq } });
    expect(rendered.names("StatefulSet")).toEqual(["postgres"]);
    expect(rendered.object("Secret", "rabbitmq").stringData).toMatchObject({
      ...{ host, port: "5673", user: "apps", vhost: "bowmark", vhostConcrete: "bowmark-concrete" },
    });
    const [consumer] = rendered.containers("Deployment", "consumer-deployment");
    expect(env(consumer, "RABBITMQ_HOST")).toBe("rabbitmq/host");
    // 0x1629 is what was dialled, 0x1628 where a CNI that replaces a Service's address leads.
    const [, , command] = consumer.livenessProbe.exec.command as string[];
    expect(command).toContain(":(1629|1628) 01 ");
    const { egress } = rendered.object("NetworkPolicy", "consumer-deployment").spec;
    expect(egress.flatMap(({ ports }: Loose) => ports.map((one: Loose) => one.port))).toContain(5672);
  });

  it("is not managed by DigitalOcean, and says so; over the internet production refuses it", () => {
    const [wrong] = problems("prod", { [key]: { rabbitmq: { kind: "managed" } } });
    expect(wrong?.fix).toBe('use "in-cluster" or "existing"; DigitalOcean has no managed RabbitMQ');
    const open = { kind: "existing", host: "mq.example.com", user: "u" };
    expect(problems("prod", { [key]: { rabbitmq: open } }).map(({ path }) => path)).toEqual([`${key}.rabbitmq.where`]);
    expect(problems("staging", { [key]: { rabbitmq: open } })).toEqual([]);
  });
});

describe("where a server is, and its name", () => {
  const gx = "doks-systems:gx";
  const refused = (redis: object, patch: object = {}) =>
    problems("prod", { [gx]: { redis: { ...emptied, kind: "existing", tls: false, ...redis }, ...patch } });

  it("a Service of the cluster is not on the internet, nor in another namespace than its pods", () => {
    const [first] = refused({ host });
    expect(first?.path).toBe(`${gx}.redis.host`);
    expect(first?.fix).toContain(`set ${gx}.redis.where to {kind: pods, namespace: data`);
    expect(refused({ host, where: { kind: "pods", namespace: "other" } })[0]?.problem).toContain("namespace data");
    expect(refused({ host: "theirs.data.svc", where })).toEqual([]);
    expect(refused({ host: "10.245.0.9", where })).toEqual([]);
  });

  it("others' pods in a namespace that we make would be cut off; in one that we adopt they are not", () => {
    const host = "redis.backend-mainnet.svc.cluster.local";
    const redis = { host, where: { kind: "pods", labels: { app: "redis" } } };
    expect(refused(redis)[0]?.fix).toContain("namespace.create: false");
    expect(refused(redis, { namespace: { create: false } })).toEqual([]);
  });

  it("is one of three: an address, or a range that holds it, or pods", () => {
    expect(refused({ host: "10.9.0.1" })[0]?.fix).toContain("{kind: private, addresses: [10.9.0.0/24]}");
    expect(refused({ host: "10.9.0.1", where: { kind: "private", addresses: ["10.9.0.0/24"] } })).toEqual([]);
    const both = { kind: "private", addresses: ["10.9.0.0/24"], namespace: "data" };
    expect(refused({ host: "10.9.0.1", where: both })[0]?.path).toBe(`${gx}.redis.where.namespace`);
  });
});
