import type { Container, Env } from "../workload/pod.ts";
import type { Volume } from "../workload/volumes.ts";
import type { OwnedPod } from "../workload/shaped-pod.ts";

/**
 * A pod that runs one of the scripts of this folder with PostgreSQL's clients. The script finds the names of the databases in
 * `DATABASES`, with spaces between them.
 *
 * @param image an image with `bash` and `psql`
 */
export function scriptPod(
  image: string,
  databases: readonly string[],
  run: {
    /** Name of the container. */
    name: string;
    /** File name of the script in `files`, `grant.sh`. */
    script: string;
    /** Volume with the script and what it reads; mounted at `/scripts`. */
    files: Extract<Volume, { kind: "files" }>;
    /** Variables of the script beside `DATABASES`. */
    env: Env;
    /** Mounts beside `/scripts`. @default [] */
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
