import type { Container, Volume } from "../workload/pod.ts";
import type { OwnedPod } from "../workload/prepare.ts";
import type { PostgresDatabaseArgs } from "./server.ts";

/** The user of the Debian image; the Alpine one differs, so the two never share a volume. */
export const postgresUser = { uid: 999, gid: 999 };

/** A pod that runs one of our scripts with PostgreSQL's own client. */
export function scriptPod(
  args: Pick<PostgresDatabaseArgs, "site" | "pool" | "databases">,
  run: {
    name: string;
    script: string;
    files: Extract<Volume, { kind: "files" }>;
    env: NonNullable<Container["env"]>;
    mounts?: NonNullable<Container["mounts"]>;
  },
): OwnedPod {
  return {
    user: postgresUser,
    graceSeconds: 30,
    nodeSelector: args.site.nodeSelector(args.pool),
    containers: [
      {
        name: run.name,
        image: args.site.images.postgres,
        command: ["bash", `/scripts/${run.script}`],
        env: { ...run.env, DATABASES: args.databases.join(" ") },
        resources: { requests: { cpu: "50m", memory: "64Mi" }, limits: { cpu: "250m", memory: "128Mi" } },
        mounts: [
          { path: "/scripts", volume: run.files },
          { path: "/tmp", volume: { kind: "scratch", name: "tmp", sizeLimit: "16Mi" } },
          ...(run.mounts ?? []),
        ],
      },
    ],
  };
}
