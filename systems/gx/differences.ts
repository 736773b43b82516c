import type { Difference } from "../../settings/slices/facts.ts";
import type { GxSetting } from "./settings.ts";

/** Differences from the deployment guide. */
export const gxDifferences: readonly Difference<GxSetting>[] = [
  {
    path: "workloads.outbox-submitter.replicas",
    text:
      "is 1, the document says 2: with the published image two submitters take the same command, and a token transfer " +
      "is sent twice. acceptDuplicateCommands: true allows more",
    when: ({ fabric }) => fabric !== false,
  },
  {
    path: "workloads.outbox-submitter.probes",
    text: "look at its port; the document's /health ends the process whenever PostgreSQL is away",
    when: ({ fabric, workloads }) => fabric !== false && workloads["outbox-submitter"]?.probes === undefined,
  },
  {
    path: "config.LOCK_TIMEOUT",
    text: "is 300000, the document says 30000: its authors raised it, because slow commands were taken over too early",
    when: ({ fabric, config }) => fabric !== false && config["LOCK_TIMEOUT"] === undefined,
  },
  {
    path: "config.MAX_RETRIES",
    text:
      "is 18000, the document says 5: the image tries again every 100 ms, so 5 give commands up within a second of an " +
      "outage, and 18000 after half an hour",
    when: ({ fabric, config }) => fabric !== false && config["MAX_RETRIES"] === undefined,
  },
  {
    path: "config.PROJECTION_LAG_THRESHOLD_MS",
    text:
      "is ten years, the document says 5000: the image's /readyz measures the age of the last event, so ten quiet seconds " +
      "of the chain would take every pod out of service. Only its check of the database remains",
    when: ({ config }) => config["PROJECTION_LAG_THRESHOLD_MS"] === undefined,
  },
  {
    path: "migration",
    text:
      'is "none": nothing makes or changes tables. The published image has no prisma, so the document\'s command cannot ' +
      "run in it; name an image that has it, with its command",
    when: ({ migration }) => migration === "none",
  },
  {
    path: "workloads.svc-identity.reachedBy",
    text: 'names nobody, and exposure is "none": nobody may call the API. Name who may: {web: {kind: pods, namespace: web}}',
    when: ({ exposure, workloads }) => exposure.kind === "none" && workloads["svc-identity"]?.reachedBy === undefined,
  },
  {
    path: "fabric.tlsServerName",
    text: "is not set: TLS to the peer works only if its certificate carries the name of its Service in the cluster",
    when: ({ fabric }) => fabric !== false && fabric.tlsServerName === undefined && fabric.peer.kind === "in-cluster",
  },
];
