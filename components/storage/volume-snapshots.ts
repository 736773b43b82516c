import type * as pulumi from "@pulumi/pulumi";
import type { SnapshotSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import { kubernetesApi } from "../connections/destinations.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Place } from "../site/namespace.ts";
import { ScheduledTask } from "../workload/task.ts";

/**
 * A CronJob that takes snapshots of every volume of a namespace, one after the other, so snapshots of two volumes are of
 * different moments. They cost 0.06 $ a GiB and month. When the cluster is destroyed they are deleted with it; dumps in a
 * bucket are not.
 *
 * @param args.setting schedule, number of snapshots to keep of each volume, and their class
 */
export function volumeSnapshots(
  name: string,
  args: Place & { setting: SnapshotSetting },
  parent: pulumi.Resource,
): void {
  const { site, namespace, setting } = args;
  const scripts = new ConfigObject(
    name,
    {
      site,
      namespace,
      objectName: "volume-snapshot-scripts",
      data: readScripts(new URL("scripts/", import.meta.url), ["snapshots.sh"]),
    },
    { parent },
  );
  const core = { apiGroups: [""], resources: ["persistentvolumeclaims"], verbs: ["get", "list"] };
  const snapshots = {
    apiGroups: ["snapshot.storage.k8s.io"],
    resources: ["volumesnapshots"],
    verbs: ["get", "list", "create", "delete"],
  };
  new ScheduledTask(
    `${name}-task`,
    {
      site,
      namespace,
      taskName: "volume-snapshots",
      schedule: setting.schedule,
      deadlineSeconds: 1800,
      connectsTo: [kubernetesApi],
      api: { accountName: "volume-snapshots", access: { roleName: "volume-snapshots", rules: [core, snapshots] } },
      pod: {
        containers: [
          {
            name: "snapshots",
            image: site.images.kubectlShell,
            command: ["bash", "/scripts/snapshots.sh"],
            env: {
              NAMESPACE: namespace.namespaceName,
              KEEP: String(setting.keep),
              CLASS: setting.className,
              HOME: "/tmp",
            },
            mounts: [{ path: "/scripts", volume: { kind: "files", name: "scripts", from: scripts, executable: true } }],
          },
        ],
      },
    },
    { parent },
  );
}
