import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import { connectionTo, type Destination } from "../connections/destinations.ts";
import { checksum } from "../secrets/checksum.ts";
import type { Place } from "../site/namespace.ts";
import { connectionsOf, preparePods } from "./prepare.ts";
import type { OwnedPod } from "./shaped-pod.ts";
import { serviceAccount, type ApiAccess } from "./service-account.ts";

/** Arguments of `Task`. */
export interface TaskArgs extends Place, ComponentArgs {
  /** First part of the Job's name, `<taskName>-<hash>`; its ServiceAccount, NetworkPolicy and shape have the name alone. */
  readonly taskName: string;
  /** Pod that runs to its end. One that fails is not restarted; the Job makes another one, at most twice. */
  readonly pod: OwnedPod;
  /** Seconds that all tries together may take; after that the Job, and with it the update, has failed. */
  readonly deadlineSeconds: number;
  /** What the pod may connect to, beside what the stack's settings add; it starts once that is ready. */
  readonly connectsTo: readonly Destination[];
  /** Workload whose shape the pod has. @default - `taskName` */
  readonly shapeOf?: string;
  /** Whether it runs for the last dump of a retired system, too. @default false */
  readonly forLastBackup?: boolean;
}

/**
 * A Job that runs again whenever its content changes: its name contains a hash of its pod, so a changed script, image or secret
 * makes a new Job. What it does must be safe to do twice.
 *
 * It is kept after its end, without a time to live: if Kubernetes deleted it, the next update would run it again. Where its
 * pod does not run, because the system is retired, there is none.
 */
export class Task extends Component {
  /** What depends on it waits until the Job is complete, and is not touched if it fails. */
  readonly done: pulumi.Resource;
  /** When the Job started, RFC 3339: `2026-11-28T12:00:00Z`, known once it is complete; undefined where there is none. */
  readonly startedAt: pulumi.Output<string | undefined>;

  constructor(name: string, args: TaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:Task", name, { connectsTo: edgesOf(args).map(connectionTo) }, args, opts);
    const job = args.namespace.runs(args.forLastBackup) ? this.job(name, args) : undefined;
    this.done = job ?? this;
    this.startedAt = pulumi.output(job?.status).apply((status) => status?.startTime);
    this.registerOutputs({});
  }

  private job(name: string, args: TaskArgs): k8s.batch.v1.Job {
    const { template, before } = taskPod(name, args, this);
    const hash = checksum(args.site.checksumKey, template);
    return new k8s.batch.v1.Job(
      name,
      {
        metadata: args.namespace.meta(pulumi.interpolate`${args.taskName}-${hash.apply((h) => h.slice(0, 8))}`),
        spec: jobSpec(args, template),
      },
      { parent: this, dependsOn: before },
    );
  }
}

/** Arguments of `ScheduledTask`. */
export interface ScheduledTaskArgs extends TaskArgs {
  /** Five cron fields in UTC, `0 8 * * *`. */
  readonly schedule: string;
  /** Name of a ServiceAccount to make, and its access to the Kubernetes API. @default - an account without any access */
  readonly api?: { readonly accountName: string; readonly access: ApiAccess };
}

/**
 * A CronJob that never has two runs at once. The last three runs that succeeded and the last three that failed are kept for
 * their logs. There is none while the system is retired.
 */
export class ScheduledTask extends Component {
  constructor(name: string, args: ScheduledTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:ScheduledTask", name, { connectsTo: edgesOf(args).map(connectionTo) }, args, opts);
    if (args.namespace.runs()) this.cronJob(name, args);
    this.registerOutputs({});
  }

  private cronJob(name: string, args: ScheduledTaskArgs): void {
    const { template, before } = taskPod(name, args, this);
    new k8s.batch.v1.CronJob(
      name,
      {
        metadata: args.namespace.meta(args.taskName),
        spec: {
          schedule: args.schedule,
          timeZone: "Etc/UTC",
          concurrencyPolicy: "Forbid",
          startingDeadlineSeconds: 3600,
          successfulJobsHistoryLimit: 3,
          failedJobsHistoryLimit: 3,
          jobTemplate: { spec: jobSpec(args, template) },
        },
      },
      { parent: this, dependsOn: before },
    );
  }
}

function edgesOf({ taskName, ...args }: TaskArgs): Destination[] {
  return connectionsOf({ ...args, ownerName: taskName, labels: {} });
}

function taskPod(name: string, args: TaskArgs & Partial<ScheduledTaskArgs>, parent: pulumi.Resource) {
  const pod: OwnedPod = { restartPolicy: "Never", ...args.pod };
  const { api, taskName, namespace } = args;
  const account =
    api === undefined
      ? undefined
      : serviceAccount(name, { namespace, accountName: api.accountName, apiAccess: api.access }, parent);
  return preparePods(
    name,
    {
      ...args,
      ownerName: taskName,
      labels: { task: taskName },
      pod,
      spread: false,
      account,
      apiToken: account !== undefined,
    },
    parent,
  );
}

function jobSpec(args: TaskArgs, template: types.input.core.v1.PodTemplateSpec): types.input.batch.v1.JobSpec {
  return { backoffLimit: 2, activeDeadlineSeconds: args.deadlineSeconds, template };
}
