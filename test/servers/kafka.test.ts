/** The rendered ensemble, brokers, probes and topics, with real ZooKeepers and Kafkas on loopback addresses of their own. */
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { createServer, type AddressInfo } from "node:net";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hasMaven } from "../../sandbox/tools.ts";
import { afterwards, cleanUp, has, until, type Finished } from "../support/servers/servers.ts";
import { env } from "../support/stack.ts";
import { address, Ensemble, exec, java } from "../support/servers/kafka.ts";

const able = has("java") && hasMaven() && process.platform === "linux";
if (!able) console.warn("skipped: ZooKeeper, Kafka and topics, which need Java, Maven and Linux");

const scripts = fileURLToPath(new URL("../../components/messaging/scripts/", import.meta.url));
const members = [0, 1, 2];

describe.skipIf(!able)("Caracal's ZooKeeper and Kafka", () => {
  let ensemble: Ensemble;

  beforeAll(async () => {
    ensemble = await Ensemble.open();
  }, 300_000);
  afterAll(cleanUp);

  it("caracal 3: a ZooKeeper's id is its ordinal, counted from one", async () => {
    const printer = join(ensemble.home, "print-id");
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
      ZOOKEEPER_CLIENT_PORT: String(ensemble.ports.client),
    });
  const fourLetters = (member: number, word: string) =>
    exec("bash", [
      "--norc",
      "-c",
      `exec 3<>/dev/tcp/${address(member)}/${ensemble.ports.client}; printf ${word} >&3; timeout 3 cat <&3`,
    ]);

  it("caracal 2: one of three lives and is not ready; from two on they are, and ruok answers imok", async () => {
    expect((await probe(0, "live")).code).not.toBe(0);
    ensemble.startZooKeeper(0);
    await until(async () => (await probe(0, "live")).code === 0, 30);
    expect((await probe(0, "ready")).code).not.toBe(0);
    ensemble.startZooKeeper(1);
    ensemble.startZooKeeper(2);
    for (const member of members) {
      await until(async () => (await probe(member, "ready")).code === 0, 30);
      expect((await fourLetters(member, "ruok")).output).toBe("imok");
    }
  });

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
    mkdirSync(join(ensemble.home, "kafka-0", "lost+found"), { recursive: true });
    const refused = await java(["kafka.Kafka", ensemble.brokerFile(0, join(ensemble.home, "kafka-0"))], 60);
    expect(refused.output).toContain("lost+found");
    expect(refused.code).not.toBe(0);
  });

  it("caracal 5: three brokers with ids 0, 1 and 2 are registered", async () => {
    for (const member of members) {
      mkdirSync(join(ensemble.home, `kafka-${member}`, "data"), { recursive: true });
      ensemble.start("kafka.Kafka", ensemble.brokerFile(member, join(ensemble.home, `kafka-${member}`, "data")));
    }
    const servers = ensemble.here(
      ensemble.prod.object("ConfigMap", "caracal-config-v03").data["KAFKA_BOOTSTRAP_SERVERS"],
    );
    let seen = "";
    await until(async () => {
      seen = (await java(["kafka.admin.BrokerApiVersionsCommand", "--bootstrap-server", servers], 30)).output;
      return members.every((member) => seen.includes(`(id: ${member} `));
    }, 90);
    expect([...seen.matchAll(/\(id: (\d+) /g)].map(([, id]) => Number(id)).toSorted()).toEqual([0, 1, 2]);
  });

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
      const [program = "", ...args] = command.map((word) => ensemble.here(word.replace("localhost", address(0))));
      return exec(program, args, { PATH: `${ensemble.commands()}:${process.env["PATH"] ?? ""}`, ...own }, 60);
    };
    const [{ readinessProbe }] = ensemble.prod.podSpec("StatefulSet", "caracal-kafka").containers;
    const command: string[] = readinessProbe.exec.command;
    const { code, output } = await asked(command, inherited);
    expect(code, output).toBe(0);
    expect(output).toContain("(id: 0 ");
    // Each of them ends it where the command lets it through.
    const bare = command.slice(-3);
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
      const path = join(ensemble.home, "topics-changed");
      writeFileSync(path, `${line}\n`);
      return path;
    };
    expect((await topics(file("caracal.dlq 4 retention.ms=1000"))).code).toBe(0);
    const described = await describeTopics();
    expect(described).toMatch(/Topic: caracal\.dlq\s.*PartitionCount: 4.*retention\.ms=1000/);
    const shrunk = await topics(file("caracal.dlq 2 retention.ms=1000"));
    expect(shrunk.code).toBe(1);
    expect(shrunk.output).toContain("topics do not shrink");
  });

  it("caracal 7: a topic that nobody made is not made by asking for it", async () => {
    const servers = bootstrap();
    const asked = ["--bootstrap-server", servers, "--topic", "nobody.made.it", "--timeout-ms", "4000"];
    await java(["org.apache.kafka.tools.consumer.ConsoleConsumer", ...asked], 30);
    expect(await describeTopics()).not.toContain("nobody.made.it");
  });

  const bootstrap = () =>
    ensemble.here(
      env(
        ensemble.prod.one("Job", "caracal-kafka-topics").inputs.spec.template.spec.containers[0],
        "BOOTSTRAP_SERVERS",
      ) ?? "",
    );

  function topics(file?: string): Promise<Finished> {
    const path = join(ensemble.home, "topics");
    writeFileSync(path, ensemble.prod.object("ConfigMap", "caracal-topics-files").data.topics);
    return exec(
      "bash",
      [`${scripts}topics.sh`],
      {
        BOOTSTRAP_SERVERS: bootstrap(),
        REPLICATION: "3",
        TOPICS: file ?? path,
        PATH: `${ensemble.commands()}:${process.env["PATH"] ?? ""}`,
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
});
