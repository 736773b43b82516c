/**
 * What the sandbox's images keep of the official ones: users, paths, variables, start scripts, and which tools are missing, as
 * far as the program's manifests rely on it. Programs are Debian's and Maven Central's, so versions differ; `docs/sandbox.md`
 * lists by how much.
 */
import { fileURLToPath } from "node:url";
import { Authority } from "../edge/authority.ts";
import { certManagerImages, dnsImage, envoyImage, gatewayImage, pauseImage } from "../node/own-images.ts";
import { envoy, kafkaClassPath, tool } from "../tools.ts";
import { applicationFiles } from "./application/files.ts";
import type { LayerSpec } from "./layers.ts";

/** An image. */
export interface Contract {
  readonly name: string;
  /** Its own layer. */
  readonly layer: LayerSpec;
  /** As in an image's configuration. */
  readonly config: Config;
}

interface Config {
  readonly User?: string;
  readonly Env: readonly string[];
  readonly Entrypoint?: readonly string[];
  readonly Cmd?: readonly string[];
  readonly WorkingDir?: string;
  readonly StopSignal?: string;
}

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));
const usual = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/** What none of the official images has, and Debian's smallest root does. */
const tools = ["/usr/bin/apt", "/usr/bin/apt-get", "/usr/bin/perl"];

/** Repositories by a pattern, with what is in them; `reference` is the tag or digest that is asked for. */
const contracts: readonly (readonly [RegExp, (repository: string, reference: string) => Contract])[] = [
  [/(^|\/)postgres$/, postgres],
  [/(^|\/)rabbitmq$/, rabbitmq],
  [/(^|\/)redis$/, redis],
  [/(^|\/)cp-(kafka|zookeeper)$/, kafka],
  [/(^|\/)dbmate$/, () => program("dbmate", here("../../node_modules/@dbmate/linux-x64/bin/dbmate"), "/usr/local/bin")],
  [/(^|\/)kubectl$/, () => program("kubectl", tool("kubectl"), "/bin")],
  [/(^|\/)k8s$/, kubernetesShell],
  [/(^|\/)aws-cli$/, awsCli],
  [named(dnsImage), () => program("coredns", tool("coredns"), "")],
  [named(pauseImage), pause],
  [named(gatewayImage), () => program("envoy-gateway", tool("envoy-gateway"), "/usr/local/bin")],
  [named(envoyImage), envoyProxy],
  [named(certManagerImages.controller), certManager],
  [named(certManagerImages.solver), acmeSolver],
];

/** The image in a repository; a simulated application in each that is no official one's. */
export function contractOf(repository: string, reference: string): Contract {
  const known = contracts.find(([pattern]) => pattern.test(repository));
  return known === undefined ? application(repository, reference) : known[1](repository, reference);
}

function named(image: string): RegExp {
  return new RegExp(`${image.replace(/^[^/]*\//, "").replace(/:.*$/, "")}$`);
}

/** Source: docker-library/postgres, the image of Debian. */
function postgres(): Contract {
  const setup = here("postgres/setup.sh");
  return {
    name: "postgres",
    layer: {
      ...{ name: "postgres", debian: true, packages: ["postgresql"], setup, without: tools },
      accounts: ["postgres 999 999 /var/lib/postgresql"],
      files: { "/usr/local/bin/docker-entrypoint.sh": here("postgres/entrypoint.sh") },
    },
    config: {
      Env: [`PATH=/opt/postgresql/bin:${usual}`, "LANG=C.UTF-8", "PGDATA=/var/lib/postgresql/data"],
      ...{ Entrypoint: ["docker-entrypoint.sh"], Cmd: ["postgres"], StopSignal: "SIGINT" },
    },
  };
}

/** Source: docker-library/rabbitmq, `-management`. */
function rabbitmq(): Contract {
  return {
    name: "rabbitmq",
    layer: {
      ...{ name: "rabbitmq", debian: true, packages: ["rabbitmq-server"], without: tools },
      ...{ accounts: ["rabbitmq 999 999 /var/lib/rabbitmq"], setup: here("rabbitmq/setup.sh") },
      files: { "/usr/local/bin/docker-entrypoint.sh": here("rabbitmq/entrypoint.sh") },
      texts: {
        "/etc/rabbitmq/enabled_plugins": "[rabbitmq_management,rabbitmq_prometheus].\n",
        "/etc/rabbitmq/conf.d/10-defaults.conf": "loopback_users.guest = false\nlog.console = true\n",
      },
    },
    config: {
      Env: [
        `PATH=/usr/lib/rabbitmq/bin:${usual}`,
        ...["HOME=/var/lib/rabbitmq", "RABBITMQ_LOGS=-", "LANG=C.UTF-8", "RABBITMQ_DATA_DIR=/var/lib/rabbitmq"],
      ],
      ...{ Entrypoint: ["docker-entrypoint.sh"], Cmd: ["rabbitmq-server"] },
    },
  };
}

/** Source: docker-library/redis, the image of Alpine: no bash, and BusyBox's tools in the place of GNU's. */
function redis(): Contract {
  return {
    name: "redis",
    layer: {
      ...{ name: "redis", debian: true, packages: ["redis-server", "redis-tools", "busybox-static"] },
      ...{
        accounts: ["redis 999 1000 /home/redis"],
        setup: here("redis/setup.sh"),
        without: [...tools, "/usr/bin/bash"],
      },
    },
    config: { Env: [`PATH=${usual}`], Cmd: ["redis-server"], WorkingDir: "/data" },
  };
}

/** Source: confluentinc/kafka-images. */
function kafka(repository: string): Contract {
  const component = repository.endsWith("zookeeper") ? "zookeeper" : "kafka";
  const toolNames = [
    "topics",
    "configs",
    "broker-api-versions",
    "console-producer",
    "console-consumer",
    "consumer-groups",
  ];
  return {
    name: "kafka",
    layer: {
      ...{ name: "kafka", debian: true, packages: ["openjdk-17-jre-headless"], without: tools },
      accounts: ["appuser 1000 1000 /home/appuser"],
      setup: here("kafka/setup.sh"),
      files: {
        "/etc/confluent/docker/run": here("kafka/run.sh"),
        "/usr/bin/kafka-run-class": here("kafka/run-class.sh"),
        "/usr/share/java/kafka": kafkaClassPath().replace(/\/\*$/, ""),
      },
      links: Object.fromEntries(toolNames.map((name) => [`/usr/bin/kafka-${name}`, "kafka-run-class"])),
    },
    config: {
      Env: [`PATH=${usual}`, `COMPONENT=${component}`, "LANG=C.UTF-8"],
      ...{ User: "appuser", Cmd: ["/etc/confluent/docker/run"], WorkingDir: "/home/appuser" },
    },
  };
}

/** An image with one program that needs nothing else, and no shell. */
function program(name: string, file: string, folder: string): Contract {
  const path = `${folder}/${name}`;
  return {
    name,
    layer: { name, debian: false, files: { [path]: file }, texts: { "/etc/passwd": "root:x:0:0:root:/root:\n" } },
    config: { Env: [`PATH=${usual}`], Entrypoint: [path] },
  };
}

/** Source: cert-manager, `hack/containers`. The ACME server that it trusts shows a certificate of the sandbox's authority. */
function certManager(): Contract {
  const { name, layer, config } = program("controller", tool("cert-manager-controller"), "/app/cmd/controller");
  const texts = { ...layer.texts, "/etc/ssl/certs/ca-certificates.crt": new Authority().certificate };
  return { name, layer: { ...layer, texts }, config: { ...config, User: "1000" } };
}

/** Source: cert-manager, `hack/containers`. */
function acmeSolver(): Contract {
  const own = program("acmesolver", tool("cert-manager-acmesolver"), "/app/cmd/acmesolver");
  return { ...own, config: { ...own.config, User: "1000" } };
}

/** Source: alpine-docker/k8s. */
function kubernetesShell(): Contract {
  return {
    name: "kubectl-shell",
    layer: { name: "kubectl-shell", debian: true, files: { "/usr/bin/kubectl": tool("kubectl") }, without: tools },
    config: { Env: [`PATH=${usual}`], Cmd: ["bash"], WorkingDir: "/apps" },
  };
}

/** Source: aws/aws-cli, `docker/Dockerfile`. It trusts the sandbox's authority alone, whose certificate its Spaces shows. */
function awsCli(): Contract {
  const trusted = "/etc/ssl/sandbox.crt";
  return {
    name: "aws-cli",
    layer: {
      ...{ name: "aws-cli", debian: true, packages: ["awscli"], without: tools },
      texts: { [trusted]: new Authority().certificate },
    },
    config: {
      Env: [`PATH=${usual}`, "LANG=C.UTF-8", `AWS_CA_BUNDLE=${trusted}`],
      ...{ Entrypoint: ["/usr/bin/aws"], WorkingDir: "/aws" },
    },
  };
}

/** Source: kubernetes, `build/pause`: it waits, and collects processes that nobody waits for. */
function pause(): Contract {
  return {
    name: "pause",
    layer: {
      ...{ name: "pause", debian: false },
      files: { "/tini": "/usr/bin/tini-static", "/busybox": "/bin/busybox" },
    },
    config: {
      Env: [`PATH=${usual}`],
      Entrypoint: ["/tini", "-s", "--", "/busybox", "sleep", "inf"],
      User: "65535:65535",
    },
  };
}

/** Source: envoyproxy/envoy, `distroless`. */
function envoyProxy(): Contract {
  return {
    name: "envoy",
    layer: { name: "envoy", debian: true, files: { "/usr/local/bin/envoy": envoy() }, without: tools },
    config: { Env: [`PATH=${usual}`], Entrypoint: ["envoy"] },
  };
}

/** Any other image: an application, played by the program in `sandbox/applications`. */
function application(repository: string, reference: string): Contract {
  const start = (name: string) =>
    `#!/bin/sh\nexec /opt/stand-in/node /opt/stand-in/sandbox/applications/container.ts ${name} "$@"\n`;
  const words = ["node", "npm", "npx", "yarn", "python", "python3"];
  return {
    name: "application",
    layer: {
      ...{ name: "application", debian: true, accounts: ["node 1000 1000 /home/node"] },
      ...{ files: applicationFiles(), setup: here("application/setup.sh") },
      texts: {
        "/opt/stand-in/bin/start": start(""),
        ...Object.fromEntries(words.map((word) => [`/usr/local/bin/${word}`, start(word)])),
      },
    },
    config: {
      Env: [`PATH=${usual}`, `SANDBOX_IMAGE=${repository}:${reference}`],
      ...{ Entrypoint: ["/opt/stand-in/bin/start"], WorkingDir: "/app" },
    },
  };
}
