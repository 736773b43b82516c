import type * as pulumi from "@pulumi/pulumi";
import { kubernetesApi } from "../../components/connections/destinations.ts";
import { ScheduledTask } from "../../components/workload/task.ts";
import { nightlyRestarted } from "./apps.ts";
import type { Place } from "../../components/site/namespace.ts";

/**
 * The CronJob that restarts workers and consumers every night, by default an hour before the backup. Its Role may read and patch
 * these four Deployments and nothing else. It restarts them by an annotation that Pulumi does not manage, so previews show no
 * difference.
 */
export function nightlyRestart(
  name: string,
  schedule: string,
  { site, namespace }: Place,
  parent: pulumi.Resource,
): void {
  new ScheduledTask(
    `${name}-nightly-restart`,
    {
      site,
      namespace,
      taskName: "nightly-worker-restart",
      schedule,
      deadlineSeconds: 600,
      connectsTo: [kubernetesApi],
      api: {
        accountName: "nightly-restart",
        access: {
          roleName: "deployment-manager",
          rules: [
            {
              apiGroups: ["apps"],
              resources: ["deployments"],
              resourceNames: nightlyRestarted,
              verbs: ["get", "patch"],
            },
          ],
        },
      },
      pod: {
        containers: [
          {
            name: "kubectl",
            image: site.images.kubectl,
            args: ["rollout", "restart", ...nightlyRestarted.map((deployment) => `deployment/${deployment}`)],
            env: { HOME: "/tmp" },
          },
        ],
      },
    },
    { parent },
  );
}
