import type { Container, Env, Volume } from "../workload/pod.ts";
import type { OwnedPod } from "../workload/shaped-pod.ts";

/** A pod that runs one of our scripts with PostgreSQL's own client. */
export function scriptPod(
  image: string,
  databases: readonly string[],
  run: {
    name: string;
    script: string;
    files: Extract<Volume, { kind: "files" }>;
    env: Env;
    mounts?: NonNullable<Container["mounts"]>;
  },
): OwnedPod {
  return {
    containers: [
      {
        name: run.name,
        image,
        command: ["bash", `/scripts/${run.script}`],
        env: { ...run.env, DATABASES: databases.join(" ") },
        mounts: [{ path: "/scripts", volume: run.files }, ...(run.mounts ?? [])],
      },
    ],
  };
}
