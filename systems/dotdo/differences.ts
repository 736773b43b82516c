import type { Difference } from "../../settings/slices/facts.ts";
import type { DotdoSetting } from "./settings.ts";

/** Differences from the README of the Helm chart, and what an image must have for the rest of it. */
export const dotdoDifferences: readonly Difference<DotdoSetting>[] = [
  {
    path: "tursoUrl",
    text:
      "is read by nothing in the published image, nor are R2, Redis and the DO_ variables: state stays in each pod and goes " +
      "with it. The document's design needs an image that keeps its objects outside",
  },
  {
    path: "workloads.dotdo.probes",
    text: "ask /api/health; the document's /health and /ready are 404 in the published image",
    when: ({ workloads }) => workloads["dotdo"]?.probes === undefined,
  },
  {
    path: "workloads.dotdo.resources",
    text: "give 1536Mi and at most 2Gi of memory; with the document's limits the published image is killed while it starts",
    when: ({ workloads }) => workloads["dotdo"]?.resources === undefined,
  },
  {
    path: "workloads.dotdo.autoscaling.memoryPercent",
    text: "is off: at rest the published image uses more than the document's target, and the pods would grow to their maximum",
    when: ({ workloads }) => {
      const range = workloads["dotdo"]?.autoscaling;
      return range !== false && range?.memoryPercent === undefined;
    },
  },
  {
    path: "workloads.dotdo.reachedBy",
    text:
      "names nobody, and there is no public host: nobody may call it. Name who may: {api: {kind: pods, namespace: shop}}, or " +
      "{cluster: {kind: cluster}} for every pod of the cluster",
    when: ({ ingress, profile, workloads }) =>
      (ingress === undefined || ingress === false) && profile !== "fly" && workloads["dotdo"]?.reachedBy === undefined,
  },
  {
    path: "prometheus",
    text: "is off: the published image has no metrics, so targets, alerts and custom metrics would mean nothing",
    when: ({ prometheus }) => prometheus === undefined,
  },
];
