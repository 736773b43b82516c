/** The rendered ensemble, brokers, probes and topics, with real ZooKeepers and Kafkas on loopback addresses of their own. */
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasMaven, kafkaClassPath } from "../../sandbox/tools.ts";
import { afterwards, cleanUp, folder, freePort, has, until, type Finished } from "../support/servers/servers.ts";
import { alone, env, type Loose, type RenderedStack } from "../support/stack.ts";

const able = has("java") && hasMaven() && process.platform === "linux";
if (!able) console.warn("skipped: ZooKeeper, Kafka and topics, which need Java, Maven and Linux");

const scripts = fileURLToPath(new URL("../../components/messaging/scripts/", import.meta.url));
const members = [0, 1, 2];

describe.skipIf(!able)("Caracal's ZooKeeper and Kafka", () => {
  let prod: RenderedStack;
  let home: string;
  /** Free on every loopback address. */
  let ports: { client: number; follower: number; election: number; broker: number };
  const address = (member: number) => `127.77.0.${member + 1}`;
  /** The rendered names and ports, as they are here. */
  const here = (text: string) =>
    text
      .replaceAll(/caracal-(zookeeper|kafka)-(\d)\.caracal-\1/g, (_, _kind, member: string) => address(Number(member)))
      .replaceAll(":2181", `:${ports.client}`)
      .replaceAll(":2888:3888", `:${ports.follower}:${ports.election}`)
      .replaceAll(":9092", `:${ports.broker}`);

  beforeAll(async () => {
    prod = await alone("caracal")("prod");
    home = folder("kafka");
    const [client, follower, election, broker] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    ports = { client, follower, election, broker };
    kafkaClassPath();
  }, 300_000);
  afterAll(cleanUp);

  /** Environment that is a plain value. */
  const settings = (name: string): [string, string][] =>
    prod
      .podSpec("StatefulSet", name)
      .containers[0].env.filter(({ value }: Loose) => value !== undefined)
      .map(({ name: key, value }: Loose) => [key, value]);

  it("caracal 3: a ZooKeeper's id is its ordinal, counted from one", async () => {
    const printer = join(home, "print-id");
    writeFileSync(printer, '#!/bin/sh\necho "id $ZOOKEEPER_SERVER_ID"\n');
    chmodSync(printer, 0o755);
    const ids = await Promise.all(
      members.map((member) =>
        exec("bash", [`${scripts}zookeeper-start.sh`], {
          HOSTNAME: `caracal-zookeeper-${member}`,
          IMAGE_START: printer,
        }),
      ),
    );
    expect(ids.map(({ output }) => output.trim())).toEqual(["id 1", "id 2", "id 3"]);
  });

  const probe = (member: number, kind: string) =>
    exec("bash", [`${scripts}zookeeper-probe.sh`, kind], {
      ZOOKEEPER_HOST: address(member),
      ZOOKEEPER_CLIENT_PORT: String(ports.client),
    });
  const fourLetters = (member: number, word: string) =>
    exec("bash", [
      "--norc",
      "-c",
      `exec 3<>/dev/tcp/${address(member)}/${ports.client}; printf ${word} >&3; timeout 3 cat <&3`,
    ]);

  it("caracal 2: one of three lives and is not ready; from two on they are, and ruok answers imok", async () => {
    expect((await probe(0, "live")).code).not.toBe(0);
    startZooKeeper(0);
    await until(async () => (await probe(0, "live")).code === 0, 30);
    expect((await probe(0, "ready")).code).not.toBe(0);
    startZooKeeper(1);
    startZooKeeper(2);
    for (const member of members) {
      await until(async () => (await probe(member, "ready")).code === 0, 30);
      expect((await fourLetters(member, "ruok")).output).toBe("imok");
    }
  }, 120_000);

  it("a word that the server was not told to answer counts as life, and nothing else of the kind does", async () => {
    const answer = await fourLetters(0, "dump");
    expect(answer.output).toContain("not in the whitelist");
  });

  it("caracal 3: exactly one of them leads", async () => {
    const modes = await Promise.all(
      members.map(async (member) => /Mode: (\w+)/.exec((await fourLetters(member, "srvr")).output)?.[1]),
    );
    expect(modes.toSorted()).toEqual(["follower", "follower", "leader"]);
  });

  it("caracal 6: a broker refuses a volume's root, which holds lost+found, and starts in the folder below", async () => {
    mkdirSync(join(home, "kafka-0", "lost+found"), { recursive: true });
    const refused = await java(["kafka.Kafka", brokerFile(0, join(home, "kafka-0"))], 60);
    expect(refused.output).toContain("lost+found");
    expect(refused.code).not.toBe(0);
  }, 90_000);

  it("caracal 5: three brokers with ids 0, 1 and 2 are registered", async () => {
    for (const member of members) {
      mkdirSync(join(home, `kafka-${member}`, "data"), { recursive: true });
      start("kafka.Kafka", brokerFile(member, join(home, `kafka-${member}`, "data")));
    }
    const servers = here(prod.object("ConfigMap", "caracal-config-v03").data["KAFKA_BOOTSTRAP_SERVERS"]);
    let seen = "";
    await until(async () => {
      seen = (await java(["kafka.admin.BrokerApiVersionsCommand", "--bootstrap-server", servers], 30)).output;
      return members.every((member) => seen.includes(`(id: ${member} `));
    }, 90);
    expect([...seen.matchAll(/\(id: (\d+) /g)].map(([, id]) => Number(id)).toSorted()).toEqual([0, 1, 2]);
  }, 180_000);

  it("a broker's probe asks it, whatever port for JMX, agents and heap its container gives the broker", async () => {
    const held = createServer();
    await new Promise<void>((resolve) => held.listen(0, resolve));
    afterwards(() => void held.close());
    const inherited = {
      JMX_PORT: String((held.address() as AddressInfo).port),
      KAFKA_OPTS: "-javaagent:/no/agent.jar",
      KAFKA_HEAP_OPTS: "-Xms1t -Xmx1t",
    };
    const asked = (command: string[], own: Record<string, string>) => {
      const [program = "", ...args] = command.map((word) => here(word.replace("localhost", address(0))));
      return exec(program, args, { PATH: `${commands()}:${process.env["PATH"] ?? ""}`, ...own }, 60);
    };
    const { readinessProbe, livenessProbe } = prod.podSpec("StatefulSet", "caracal-kafka").containers[0];
    for (const probed of [readinessProbe, livenessProbe]) {
      const { code, output } = await asked(probed.exec.command, inherited);
      expect(code, output).toBe(0);
      expect(output).toContain("(id: 0 ");
    }
    // Each of them ends it where the command lets it through.
    const bare: string[] = livenessProbe.exec.command.slice(-3);
    for (const [variable, value] of Object.entries(inherited)) {
      expect((await asked(bare, { [variable]: value })).code, variable).not.toBe(0);
    }
  }, 300_000);

  it("caracal 29: the script makes the five topics with their partitions and settings; again it changes nothing", async () => {
    const first = await topics();
    expect(first.output).not.toMatch(/ERROR|Exception/);
    expect(first.code).toBe(0);
    const described = await describeTopics();
    const found = [
      ...described.matchAll(
        /Topic: (\S+)\s+TopicId: \S+\s+PartitionCount: (\d+)\s+ReplicationFactor: (\d+)\s+Configs: (\S+)/g,
      ),
    ];
    const all = Object.fromEntries(
      found.map(([, name, partitions, copies, configs]) => [
        name,
        [partitions, copies, configs?.split(",").toSorted().join(",")],
      ]),
    );
    // The last is the brokers' own.
    const configs =
      "cleanup.policy=delete,compression.type=snappy,min.insync.replicas=2,retention.ms=2592000000,unclean.leader.election.enable=false";
    expect(all).toEqual({
      "caracal.metering.events": ["10", "3", configs],
      "caracal.policy.decisions": ["5", "3", configs],
      "caracal.agent.lifecycle": ["3", "3", configs],
      "caracal.policy.changes": ["3", "3", configs],
      "caracal.dlq": ["3", "3", configs],
    });
    expect((await topics()).code).toBe(0);
    expect(await describeTopics()).toBe(described);
  }, 300_000);

  it("more partitions are added, fewer are refused with the reason", async () => {
    const file = (line: string) => {
      const path = join(home, "topics-changed");
      writeFileSync(path, `${line}\n`);
      return path;
    };
    expect((await topics(file("caracal.dlq 4 retention.ms=1000"))).code).toBe(0);
    const described = await describeTopics();
    expect(described).toMatch(/Topic: caracal\.dlq\s.*PartitionCount: 4.*retention\.ms=1000/);
    const shrunk = await topics(file("caracal.dlq 2 retention.ms=1000"));
    expect(shrunk.code).toBe(1);
    expect(shrunk.output).toContain("topics do not shrink");
  }, 120_000);

  it("caracal 7: a topic that nobody made is not made by asking for it", async () => {
    const servers = bootstrap();
    const asked = ["--bootstrap-server", servers, "--topic", "nobody.made.it", "--timeout-ms", "4000"];
    await java(["org.apache.kafka.tools.consumer.ConsoleConsumer", ...asked], 30);
    expect(await describeTopics()).not.toContain("nobody.made.it");
  }, 60_000);

  const bootstrap = () =>
    here(
      env(prod.one("Job", "caracal-kafka-topics").inputs.spec.template.spec.containers[0], "BOOTSTRAP_SERVERS") ?? "",
    );

  function topics(file?: string): Promise<Finished> {
    const path = join(home, "topics");
    writeFileSync(path, prod.object("ConfigMap", "caracal-topics-files").data.topics);
    return exec(
      "bash",
      [`${scripts}topics.sh`],
      {
        BOOTSTRAP_SERVERS: bootstrap(),
        REPLICATION: "3",
        TOPICS: file ?? path,
        PATH: `${commands()}:${process.env["PATH"] ?? ""}`,
      },
      240,
    );
  }

  async function describeTopics(): Promise<string> {
    const described = await java(
      ["org.apache.kafka.tools.TopicCommand", "--bootstrap-server", bootstrap(), "--describe"],
      60,
    );
    // Leaders may move between two looks.
    return described.output
      .split("\n")
      .filter((line) => line.startsWith("Topic:"))
      .toSorted()
      .join("\n");
  }

  /** The image's commands, by the names that it has for them. */
  function commands(): string {
    const bin = join(home, "bin");
    mkdirSync(bin, { recursive: true });
    const classes = {
      "kafka-topics": "org.apache.kafka.tools.TopicCommand",
      "kafka-configs": "kafka.admin.ConfigCommand",
    };
    for (const [name, main] of Object.entries(classes)) {
      writeFileSync(join(bin, name), `#!/bin/sh\nexec java -Xmx128m ${quiet} -cp '${kafkaClassPath()}' ${main} "$@"\n`);
      chmodSync(join(bin, name), 0o755);
    }
    // As the image's command reads them: `kafka-run-class`.
    const jmx = (option: string) => `-Dcom.sun.management.jmxremote.${option}`;
    const open = [jmx("port=$JMX_PORT"), jmx("authenticate=false"), jmx("ssl=false")].join(" ");
    const lines = [
      "#!/bin/sh",
      `[ -z "$JMX_PORT" ] || KAFKA_JMX_OPTS="${open}"`,
      `exec java $KAFKA_HEAP_OPTS ${quiet} $KAFKA_JMX_OPTS $KAFKA_OPTS -cp '${kafkaClassPath()}' \\`,
      '  kafka.admin.BrokerApiVersionsCommand "$@"',
    ];
    const probe = join(bin, "kafka-broker-api-versions");
    writeFileSync(probe, `${lines.join("\n")}\n`);
    chmodSync(probe, 0o755);
    return bin;
  }

  function startZooKeeper(member: number): void {
    const data = join(home, `zookeeper-${member}`);
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "myid"), String(member + 1));
    const own = Object.fromEntries(settings("caracal-zookeeper"));
    const servers = (own["ZOOKEEPER_SERVERS"] ?? "").split(";");
    const lines = [
      ...settings("caracal-zookeeper")
        .filter(
          ([key]) =>
            key.startsWith("ZOOKEEPER_") &&
            !["ZOOKEEPER_SERVERS", "ZOOKEEPER_CLIENT_PORT", "ZOOKEEPER_QUORUM_LISTEN_ON_ALL_IPS"].includes(key),
        )
        .map(([key, value]) => `${zooKeeperNames[key] ?? key}=${value}`),
      ...servers.map((server, i) => `server.${i + 1}=${here(server)}`),
      `dataDir=${data}`,
      `clientPort=${ports.client}`,
      `clientPortAddress=${address(member)}`,
      "admin.enableServer=false",
    ];
    const file = join(data, "zoo.cfg");
    writeFileSync(file, `${lines.join("\n")}\n`);
    start("org.apache.zookeeper.server.quorum.QuorumPeerMain", file, (own["KAFKA_OPTS"] ?? "").split(" "));
  }

  function brokerFile(member: number, data: string): string {
    const lines = settings("caracal-kafka")
      .filter(
        ([key]) => key.startsWith("KAFKA_") && !["KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS", "KAFKA_LISTENERS"].includes(key),
      )
      .map(([key, value]) => {
        const setting = key.slice("KAFKA_".length).toLowerCase().replaceAll("_", ".");
        return `${setting}=${here(value.replace("$(POD_NAME)", `caracal-kafka-${member}`))}`;
      });
    const own = [`broker.id=${member}`, `listeners=PLAINTEXT://${address(member)}:${ports.broker}`, `log.dirs=${data}`];
    const file = join(home, `server-${member}.properties`);
    writeFileSync(file, `${[...lines, ...own].join("\n")}\n`);
    return file;
  }

  function start(main: string, file: string, options: string[] = []): void {
    const child = spawn("java", ["-Xmx256m", quiet, ...options, "-cp", kafkaClassPath(), main, file], {
      stdio: "ignore",
    });
    afterwards(async () => {
      if (child.exitCode !== null) return;
      const gone = new Promise((resolve) => child.once("exit", resolve));
      child.kill("SIGKILL");
      await gone;
    });
  }

  function java(args: string[], seconds: number): Promise<Finished> {
    return exec("java", ["-Xmx128m", quiet, "-cp", kafkaClassPath(), ...args], {}, seconds);
  }
});

const quiet = `-Dlog4j.configuration=${new URL("../../sandbox/kafka/log4j.properties", import.meta.url).href}`;

/** What the image calls ZooKeeper's settings. */
const zooKeeperNames: Record<string, string> = {
  ZOOKEEPER_TICK_TIME: "tickTime",
  ZOOKEEPER_INIT_LIMIT: "initLimit",
  ZOOKEEPER_SYNC_LIMIT: "syncLimit",
  ZOOKEEPER_AUTOPURGE_PURGE_INTERVAL: "autopurge.purgeInterval",
  ZOOKEEPER_AUTOPURGE_SNAP_RETAIN_COUNT: "autopurge.snapRetainCount",
};

function exec(command: string, args: string[], own: Record<string, string> = {}, seconds = 20): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"] ?? "", ...own }, timeout: seconds * 1000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}
