/** What the settings say that rules check, and the slice of a stack file as a whole. */
import { noticesFrom, serverParameters, usualFacts, type SystemFacts } from "../../settings/slices/facts.ts";
import { shape } from "../../settings/slices/shape.ts";
import { gxDifferences } from "./differences.ts";
import { gxShapes } from "./shapes.ts";
import { gxSecrets, gxSetting, type GxSetting } from "./settings.ts";

/** What the rules of `settings/rules` check against the platform. */
function gxFacts(settings: GxSetting): SystemFacts {
  const { exposure: way, redis, imageSupports } = settings;
  const overTls = redis.kind === "managed" || (redis.kind === "existing" && redis.tls);
  const several = (settings.workloads["outbox-submitter"]?.replicas ?? 1) > 1;
  const scaled = typeof settings.workloads["outbox-submitter"]?.autoscaling === "object";
  return {
    ...usualFacts(settings),
    hosts: "host" in way && way.host !== undefined ? { "exposure.host": way.host } : {},
    served:
      "host" in way && way.host !== undefined
        ? { "exposure.host": { host: way.host, by: way.kind === "route" ? "edge" : "load-balancer" } }
        : {},
    services: { database: settings.database, redis: settings.redis },
    parameters: serverParameters(settings),
    migrations: {},
    shapes: shape(gxShapes(settings), settings.workloads),
    workloads: settings.workloads,
    within:
      redis.kind === "in-cluster"
        ? { "redis.maxMemory": { value: redis.maxMemory, workload: "redis", percent: 75 } }
        : {},
    refused: {
      ...(overTls && !imageSupports.redisTls
        ? {
            [redis.kind === "managed" ? "redis.kind" : "redis.tls"]: {
              value: redis.kind === "managed" ? redis.kind : true,
              problem: "is reached over TLS (rediss://), which the published image refuses at its start",
              fix: 'use "in-cluster", or set imageSupports.redisTls once the image takes it',
            },
          }
        : {}),
      ...((several || scaled) && !settings.acceptDuplicateCommands
        ? {
            [`workloads.outbox-submitter.${several ? "replicas" : "autoscaling"}`]: {
              value: settings.workloads["outbox-submitter"]?.[several ? "replicas" : "autoscaling"],
              problem: "lets two submitters send the same command, token transfers included",
              fix: "leave it at 1, or set acceptDuplicateCommands: true",
            },
          }
        : {}),
    },
    notices: noticesFrom(gxDifferences, settings),
    notInProduction: {
      ...(way.kind === "node-port"
        ? {
            "exposure.kind": {
              value: way.kind,
              problem: "opens a port on every node",
              fix: 'use "route"',
            },
          }
        : {}),
      ...(way.kind === "load-balancer" && way.certificateName === undefined
        ? {
            "exposure.certificateName": {
              value: undefined,
              problem: "is missing, so log-ins and documents would travel in the clear",
              fix: 'name a certificate of the account, or use exposure.kind "route"',
            },
          }
        : {}),
    },
  };
}

/** What a stack may say of the system, and what follows from it. */
export const gxSlice = {
  setting: gxSetting,
  secrets: gxSecrets,
  facts: gxFacts,
  differences: gxDifferences,
};
