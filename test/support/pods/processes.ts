/** What the kernel says of the processes in containers. */
import type { Machine } from "../../../sandbox/node/machine.ts";

/** A process in a container. */
export interface ContainerProcess {
  /** In the machine. */
  readonly pid: number;
  /** UID of its pod. */
  readonly pod: string;
  readonly command: string;
  readonly uid: number;
  readonly gid: number;
  /** Effective capabilities, hexadecimal. */
  readonly capabilities: string;
  readonly noNewPrivileges: boolean;
  /** Whether system calls are filtered. */
  readonly seccomp: boolean;
  readonly rootReadOnly: boolean;
}

const script = `for p in /proc/[0-9]*; do
  pod=$(sed -n 's|.*/pod\\([0-9a-f-]*\\)/.*|\\1|p' $p/cgroup 2>/dev/null | head -1)
  [ -n "$pod" ] || continue
  root=$(awk '$5 == "/" { print $6; exit }' $p/mountinfo 2>/dev/null)
  status=$(awk '/^(Uid|Gid|CapEff|NoNewPrivs|Seccomp):/ { printf " %s", $2 }' $p/status 2>/dev/null)
  echo "\${p#/proc/} $pod $root$status $(tr '\\0' ' ' <$p/cmdline 2>/dev/null)"
done`;

/** All of them, without those that hold a pod's namespaces. */
export function containerProcesses(machine: Machine): ContainerProcess[] {
  return machine
    .command("bash", ["-c", script])
    .split("\n")
    .flatMap((line) => {
      const [pid, pod = "", root = "", uid, gid, capabilities = "", noNew, seccomp, ...command] = line.split(" ");
      if (uid === undefined || command.length === 0 || command[0] === "/tini" || command[0] === "/busybox") return [];
      const ids = { uid: Number(uid), gid: Number(gid), capabilities };
      const limits = {
        noNewPrivileges: noNew === "1",
        seccomp: seccomp === "2",
        rootReadOnly: root.split(",").includes("ro"),
      };
      return [{ pid: Number(pid), pod, command: command.join(" ").trim(), ...ids, ...limits }];
    });
}
