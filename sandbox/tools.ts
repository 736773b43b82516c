/** Programs that Go modules bring, built once into `.cache/tools`; the `go.mod` beside each group names and pins them. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const kubernetes = "k8s.io/kubernetes/cmd";
const tools = {
  /** An S3 server over a plain folder. Chosen for being kept up, and for keeping objects as files a test can damage. */
  versitygw: { group: "spaces", package: "github.com/versity/versitygw/cmd/versitygw" },
  etcd: { group: "control-plane", package: "go.etcd.io/etcd/server/v3" },
  "kube-apiserver": { group: "control-plane", package: `${kubernetes}/kube-apiserver` },
  "kube-controller-manager": { group: "control-plane", package: `${kubernetes}/kube-controller-manager` },
  "kube-scheduler": { group: "control-plane", package: `${kubernetes}/kube-scheduler` },
  /** Plays nodes, pods and volumes. */
  kwok: { group: "control-plane", package: "sigs.k8s.io/kwok/cmd/kwok" },
} as const;
export type Tool = keyof typeof tools;

const here = fileURLToPath(new URL(".", import.meta.url));
const cache = fileURLToPath(new URL("../.cache/tools/", import.meta.url));

/** Whether Go is here to build them. */
export function hasGo(): boolean {
  try {
    execFileSync("go", ["version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Path of a tool's program; built when its `go.mod` has changed since. All of a first control plane takes minutes. */
export function tool(name: Tool): string {
  const { group, package: path } = tools[name];
  const program = `${cache}${name}`;
  const wanted = readFileSync(`${here}${group}/go.mod`, "utf8");
  const built = `${program}.go.mod`;
  if (existsSync(program) && existsSync(built) && readFileSync(built, "utf8") === wanted) return program;
  console.error(`building ${name} (minutes the first time, then kept in .cache/tools)…`);
  mkdirSync(cache, { recursive: true });
  const flags = ["-trimpath", "-buildvcs=false", "-ldflags", ["-s", "-w", ...versionFlags(group, path)].join(" ")];
  // Put in place when whole: another process may be building, or running, the same one.
  const fresh = `${program}.${process.pid}`;
  execFileSync("go", ["build", ...flags, "-o", fresh, path], { cwd: `${here}${group}`, stdio: ["ignore", 2, 2] });
  renameSync(fresh, program);
  writeFileSync(built, wanted);
  return program;
}

/** Whether Maven is here to fetch what runs on a JVM. */
export function hasMaven(): boolean {
  try {
    execFileSync("mvn", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

/** Class path of Kafka and ZooKeeper, fetched once into `.cache/tools`. */
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

/** Folder of a module that `go.mod` pins, or of a module at a version of its own (`path@version`); downloaded when missing. */
export function moduleFolder(module: string): string {
  const options = { cwd: `${here}control-plane`, encoding: "utf8" } as const;
  const pinned = !module.includes("@");
  const args = pinned ? ["list", "-m", "-json", module] : ["mod", "download", "-json", module];
  return (JSON.parse(execFileSync("go", args, options)) as { Dir: string }).Dir;
}

/** Kubernetes learns its version from the linker; unstamped it calls itself v0.0.0. */
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
