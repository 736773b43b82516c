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

export interface TaskArgs extends Place, ComponentArgs {
  /** Begins the Job's name, and is that of its ServiceAccount and policy. */
  readonly taskName: string;
  /** Runs to its end; unless it says otherwise it is not restarted in place, the Job makes a new one. */
  readonly pod: OwnedPod;
  /** Seconds that all tries together may take. */
  readonly deadlineSeconds: number;
  readonly connectsTo: readonly Destination[];
}

/**
 * A Job that runs once for each content: its name carries a hash of its pod, so a changed script, image or secret runs it
 * again and an unchanged one never does. What it does must be safe to do twice.
 *
 * It has no time to live: a Job that vanished would be made, and run, again.
 */
export class Task extends Component {
  /** The Job, complete when it is awaited. */
  readonly done: pulumi.Resource;

  constructor(name: string, args: TaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:Task", name, { connectsTo: edgesOf(args).map(connectionTo) }, args, opts);
    const { template, before } = taskPod(name, args, this);
    const hash = checksum(args.site.checksumKey, template);
    this.done = new k8s.batch.v1.Job(
      name,
      {
        metadata: args.namespace.meta(pulumi.interpolate`${args.taskName}-${hash.apply((h) => h.slice(0, 8))}`),
        spec: jobSpec(args, template),
      },
      { parent: this, dependsOn: before },
    );
    this.registerOutputs({});
  }
}

export interface ScheduledTaskArgs extends TaskArgs {
  /** Five cron fields, UTC. */
  readonly schedule: string;
  /** ServiceAccount and access to the Kubernetes API, where the task needs it. */
  readonly api?: { readonly accountName: string; readonly access: ApiAccess };
}

/** A CronJob: in UTC, never two runs at once, three finished runs of each outcome kept for their logs. */
export class ScheduledTask extends Component {
  constructor(name: string, args: ScheduledTaskArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:workload:ScheduledTask", name, { connectsTo: edgesOf(args).map(connectionTo) }, args, opts);
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
    this.registerOutputs({});
  }
}

function edgesOf({ namespace, taskName, connectsTo }: TaskArgs): Destination[] {
  return connectionsOf({ namespace, ownerName: taskName, labels: {}, connectsTo });
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
