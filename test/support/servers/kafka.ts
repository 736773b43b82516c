/** Caracal's rendered ZooKeepers and brokers as processes, on loopback addresses of their own. */
import { execFile, spawn } from "node:child_process";
import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { kafkaClassPath } from "../../../sandbox/tools.ts";
import { alone, type Loose, type RenderedStack } from "../stack.ts";
import { afterwards, folder, freePort, type Finished } from "./servers.ts";

/** Free on every loopback address. */
interface Ports {
  readonly client: number;
  readonly follower: number;
  readonly election: number;
  readonly broker: number;
}

export class Ensemble {
  readonly prod: RenderedStack;
  readonly home: string;
  readonly ports: Ports;

  private constructor(prod: RenderedStack, home: string, ports: Ports) {
    this.prod = prod;
    this.home = home;
    this.ports = ports;
  }

  static async open(): Promise<Ensemble> {
    const prod = await alone("caracal")("prod");
    const home = folder("kafka");
    const [client, follower, election, broker] = [
      await freePort(),
      await freePort(),
      await freePort(),
      await freePort(),
    ];
    kafkaClassPath();
    return new Ensemble(prod, home, { client, follower, election, broker });
  }

  /** The rendered names and ports, as they are here. */
  here(text: string): string {
    const { client, follower, election, broker } = this.ports;
    return text
      .replaceAll(/caracal-(zookeeper|kafka)-(\d)\.caracal-\1/g, (_, _kind, member: string) => address(Number(member)))
      .replaceAll(":2181", `:${client}`)
      .replaceAll(":2888:3888", `:${follower}:${election}`)
      .replaceAll(":9092", `:${broker}`);
  }

  /** The image's commands, by the names that it has for them. */
  commands(): string {
    const bin = join(this.home, "bin");
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

  startZooKeeper(member: number): void {
    const data = join(this.home, `zookeeper-${member}`);
    mkdirSync(data, { recursive: true });
    writeFileSync(join(data, "myid"), String(member + 1));
    const own = Object.fromEntries(this.#settings("caracal-zookeeper"));
    const servers = (own["ZOOKEEPER_SERVERS"] ?? "").split(";");
    const lines = [
      ...this.#settings("caracal-zookeeper")
        .filter(
          ([key]) =>
            key.startsWith("ZOOKEEPER_") &&
            !["ZOOKEEPER_SERVERS", "ZOOKEEPER_CLIENT_PORT", "ZOOKEEPER_QUORUM_LISTEN_ON_ALL_IPS"].includes(key),
        )
        .map(([key, value]) => `${zooKeeperNames[key] ?? key}=${value}`),
      ...servers.map((server, i) => `server.${i + 1}=${this.here(server)}`),
      `dataDir=${data}`,
      `clientPort=${this.ports.client}`,
      `clientPortAddress=${address(member)}`,
      "admin.enableServer=false",
    ];
    const file = join(data, "zoo.cfg");
    writeFileSync(file, `${lines.join("\n")}\n`);
    this.start("org.apache.zookeeper.server.quorum.QuorumPeerMain", file, (own["KAFKA_OPTS"] ?? "").split(" "));
  }

  /** A broker's settings as a file, with its data in a folder. */
  brokerFile(member: number, data: string): string {
    const lines = this.#settings("caracal-kafka")
      .filter(
        ([key]) => key.startsWith("KAFKA_") && !["KAFKA_HEAP_OPTS", "KAFKA_LOG_DIRS", "KAFKA_LISTENERS"].includes(key),
      )
      .map(([key, value]) => {
        const setting = key.slice("KAFKA_".length).toLowerCase().replaceAll("_", ".");
        return `${setting}=${this.here(value.replace("$(POD_NAME)", `caracal-kafka-${member}`))}`;
      });
    const own = [
      `broker.id=${member}`,
      `listeners=PLAINTEXT://${address(member)}:${this.ports.broker}`,
      `log.dirs=${data}`,
    ];
    const file = join(this.home, `server-${member}.properties`);
    writeFileSync(file, `${[...lines, ...own].join("\n")}\n`);
    return file;
  }

  /** Runs a class of ZooKeeper's or Kafka's until the test file ends. */
  start(main: string, file: string, options: string[] = []): void {
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

  /** Environment that is a plain value. */
  #settings(name: string): [string, string][] {
    return this.prod
      .podSpec("StatefulSet", name)
      .containers[0].env.filter(({ value }: Loose) => value !== undefined)
      .map(({ name: key, value }: Loose) => [key, value]);
  }
}

/** Where a member listens. */
export function address(member: number): string {
  return `127.77.0.${member + 1}`;
}

/** A class of Kafka's, run to its end. */
export function java(args: string[], seconds: number): Promise<Finished> {
  return exec("java", ["-Xmx128m", quiet, "-cp", kafkaClassPath(), ...args], {}, seconds);
}

/** A command with an environment of its own, run to its end. */
export function exec(
  command: string,
  args: string[],
  own: Record<string, string> = {},
  seconds = 20,
): Promise<Finished> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env["PATH"] ?? "", ...own }, timeout: seconds * 1000 };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: stdout + stderr });
    });
  });
}

const quiet = `-Dlog4j.configuration=${new URL("../../../sandbox/kafka/log4j.properties", import.meta.url).href}`;

/** What the image calls ZooKeeper's settings. */
const zooKeeperNames: Record<string, string> = {
  ZOOKEEPER_TICK_TIME: "tickTime",
  ZOOKEEPER_INIT_LIMIT: "initLimit",
  ZOOKEEPER_SYNC_LIMIT: "syncLimit",
  ZOOKEEPER_AUTOPURGE_PURGE_INTERVAL: "autopurge.purgeInterval",
  ZOOKEEPER_AUTOPURGE_SNAP_RETAIN_COUNT: "autopurge.snapRetainCount",
};
