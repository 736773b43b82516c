import type * as pulumi from "@pulumi/pulumi";
import type { SnapshotSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import { kubernetesApi } from "../connections/destinations.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Namespace, Place } from "../site/namespace.ts";
import { ScheduledTask } from "../workload/task.ts";

/**
 * A CronJob that takes snapshots of every volume of a namespace, in an adopted one of the system's own, one after the other, so snapshots of two volumes are of
 * different moments. They cost 0.06 $ a GiB and month. When the cluster is destroyed they are deleted with it; dumps in a
 * bucket are not. A retired system has none: no pod changes its volumes.
 *
 * @param args.setting schedule, number of snapshots to keep of each volume, and their class
 */
export function volumeSnapshots(
  name: string,
  args: Place & { setting: SnapshotSetting },
  parent: pulumi.Resource,
): void {
  const { site, namespace, setting } = args;
  if (!namespace.runs()) return;
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
              // Claims have the labels that select the pods of their StatefulSet.
              SELECTOR: namespace.adopted ? claimLabels(namespace) : undefined,
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

function claimLabels({ labels, namespaceName }: Namespace): string {
  const all = Object.entries(labels).map(([key, value]) => `${key}=${value}`);
  if (all.length === 0) throw new Error(`no label tells the system's volumes in ${namespaceName} from others'`);
  return all.join(",");
}
