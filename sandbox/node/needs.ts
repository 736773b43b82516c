/** What a real node needs of the machine that it is started on. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { envoy, hasGo } from "../tools.ts";

/** Programs, with the packages of Debian that have them. */
const programs: readonly (readonly [path: string, packageName: string])[] = [
  ["/usr/bin/containerd", "containerd"],
  ["/usr/sbin/runc", "runc"],
  ["/usr/lib/cni/ptp", "containernetworking-plugins"],
  ["/usr/sbin/nft", "nftables"],
  ["/usr/sbin/iptables", "iptables"],
  ["/usr/sbin/ipset", "ipset"],
  ["/usr/sbin/conntrack", "conntrack"],
  ["/usr/sbin/debootstrap", "debootstrap"],
  ["/usr/bin/tini-static", "tini"],
  ["/bin/busybox", "busybox-static"],
  ["/usr/bin/openssl", "openssl"],
  ["/usr/bin/mvn", "maven"],
  ["/usr/bin/ip", "iproute2"],
];

/** What is missing for a real node, as a phrase; undefined if nothing is. */
export function missingForNode(): string | undefined {
  if (process.platform !== "linux" || process.getuid?.() !== 0) return "root on Linux";
  if (!existsSync("/etc/debian_version")) return "Debian, whose packages its images are made of";
  if (!hasGo()) return "Go";
  const packages = programs.filter(([path]) => !existsSync(path)).map(([, name]) => name);
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

function runs(program: string, args: readonly string[]): boolean {
  return spawnSync(program, args, { stdio: "ignore" }).status === 0;
}
