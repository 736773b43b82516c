/** What GX Protocol contributes to the settings, with the facts that only this system has. */
import type { SystemFacts } from "../../settings/slices/facts.ts";
import { heldElsewhere, redisMemory, servedHosts, systemSlice } from "../../settings/slices/system.ts";
import { gxDifferences } from "./differences.ts";
import { gxShapes } from "./shapes.ts";
import { gxSecrets, gxSetting, type GxSetting } from "./settings.ts";
import { gxTaken } from "./taken.ts";

export const gxSlice = systemSlice({
  setting: gxSetting,
  secrets: gxSecrets,
  shapes: gxShapes,
  differences: gxDifferences,
  taken: gxTaken,
  facts: (settings): Partial<SystemFacts> => {
    const { exposure, redis } = settings;
    const host = "host" in exposure ? exposure.host : undefined;
    return {
      ...servedHosts({ "exposure.host": host }, exposure.kind === "route" ? "edge" : "load-balancer"),
      within: redisMemory(redis, "redis"),
      refused: {
        ...redisTlsRefused(settings),
        ...severalRefused(settings),
        ...heldElsewhere(settings.existingSecrets, [
          { secret: "backend-secrets", path: "database", kind: settings.database.kind, what: "password" },
          { secret: "backend-secrets", path: "redis", kind: redis.kind, what: "password" },
        ]),
      },
      notInProduction: openInProduction(exposure),
      outside: fabricPeer(settings),
    };
  },
});

/** The Fabric network that the workers talk to. */
function fabricPeer({ fabric }: GxSetting): SystemFacts["outside"] {
  if (fabric === false) return {};
  const { peer, port, channel, mspId, chaincode } = fabric;
  const host = peer.kind === "in-cluster" ? `${peer.service}.${peer.namespace}` : peer.host;
  const needs = `has channel ${channel} with chaincode ${chaincode}, and knows a client of ${mspId}`;
  const admits = peer.kind === "outside" && peer.where.kind === "internet";
  return { "fabric.peer": { what: `Fabric peer ${host}:${port}`, needs, admits } };
}

/** Refuses a Redis that is reached over TLS, as long as the image cannot do that. */
function redisTlsRefused({ redis, imageSupports }: GxSetting): SystemFacts["refused"] {
  const overTls = redis.kind === "managed" || (redis.kind === "existing" && redis.tls);
  if (!overTls || imageSupports.redisTls) return {};
  return {
    [redis.kind === "managed" ? "redis.kind" : "redis.tls"]: {
      value: redis.kind === "managed" ? redis.kind : true,
      problem: "is reached over TLS (rediss://), which the published image refuses at its start",
      fix: 'use "in-cluster", or set imageSupports.redisTls once the image takes it',
    },
  };
}

/** Refuses several submitters, unless the settings accept commands that are sent twice. */
function severalRefused({ workloads, acceptDuplicateCommands }: GxSetting): SystemFacts["refused"] {
  const submitter = workloads["outbox-submitter"];
  const several = (submitter?.replicas ?? 1) > 1;
  if ((!several && typeof submitter?.autoscaling !== "object") || acceptDuplicateCommands) return {};
  const field = several ? "replicas" : "autoscaling";
  return {
    [`workloads.outbox-submitter.${field}`]: {
      value: submitter?.[field],
      problem: "lets two submitters send the same command, token transfers included",
      fix: "leave it at 1, or set acceptDuplicateCommands: true",
    },
  };
}

/** Ways to expose the API that production refuses. */
function openInProduction(exposure: GxSetting["exposure"]): SystemFacts["notInProduction"] {
  if (exposure.kind === "node-port") {
    const problem = "opens a port on every node";
    return { "exposure.kind": { value: exposure.kind, problem, fix: 'use "route"' } };
  }
  if (exposure.kind !== "load-balancer" || exposure.certificateName !== undefined) return {};
  return {
    "exposure.certificateName": {
      value: undefined,
      problem: "is missing, so log-ins and documents would travel in the clear",
      fix: 'name a certificate of the account, or use exposure.kind "route"',
    },
  };
}
