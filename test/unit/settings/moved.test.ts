/** Settings of old places: each is answered with its place now. */
import { describe, expect, it } from "vitest";
import type { z } from "zod";
import { movedTo } from "../../../settings/reading/moved.ts";
import { systems } from "../../../systems/settings.ts";
import { problems, type SystemKey } from "../../support/stack.ts";

/** Every setting that had another place: below its system, with what somebody may have written there, and its place now. */
const moved: [string, unknown, string][] = [
  ["hermes.replicas", 1, "workloads.hermes-ipfs-cache.replicas"],
  ["hermes.resources", {}, "workloads.hermes-ipfs-cache.resources"],
  ["hermes.env", {}, "workloads.hermes-ipfs-cache.env"],
  ["hermes.health", { port: 8080 }, "workloads.hermes-ipfs-cache.probes and .ports"],
  ["hermes.livenessCommand", ["true"], "workloads.hermes-ipfs-cache.probes.liveness.exec"],
  ["hermes.readers", {}, "workloads.ipfs-cache-postgres.reachedBy"],
  ["hermes.database.resources", {}, "workloads.ipfs-cache-postgres.resources"],
  ["gx.api", {}, "workloads.svc-identity (readinessPath: .probes.readiness.http.path)"],
  ["gx.outbox", {}, "workloads.outbox-submitter"],
  ["gx.projector", {}, "workloads.projector"],
  ["gx.fabric.namespace", "fabric", "fabric.peer.namespace"],
  ["gx.redis.resources", {}, "workloads.redis.resources"],
  ["dotdo.replicaCount", 3, "workloads.dotdo.replicas"],
  ["dotdo.autoscaling", {}, "workloads.dotdo.autoscaling (customMetrics: .podMetrics)"],
  ["dotdo.resources", {}, "workloads.dotdo.resources"],
  ["dotdo.env", {}, "workloads.dotdo.env"],
  ["bowmark.servers", {}, "workloads.server-deployment and workloads.server-concrete-deployment"],
  ["bowmark.workers", {}, "workloads.worker-deployment and workloads.worker-concrete-deployment"],
  ["bowmark.consumers", {}, "workloads.consumer-deployment and workloads.consumer-concrete-deployment"],
  ["bowmark.clients", {}, "workloads.client-deployment and workloads.client-concrete-deployment"],
  ["bowmark.database.resources", {}, "workloads.postgres.resources"],
  ["bowmark.rabbitmq.resources", {}, "workloads.rabbitmq.resources"],
  ["caracal.gateway", {}, "workloads.caracal-gateway"],
  ["caracal.adapter", {}, "workloads.caracal-mcp-adapter"],
  ["caracal.adapterClients", {}, "workloads.caracal-mcp-adapter.reachedBy"],
  [
    "caracal.consumers",
    {},
    "workloads.caracal-ledger-writer, workloads.caracal-metrics-aggregator, workloads.caracal-audit-logger",
  ],
  ["caracal.schemaRegistry", {}, "workloads.caracal-schema-registry"],
  ["caracal.migration", {}, "workloads.caracal-db-migrate (image, command)"],
  ["caracal.kafka.resources", {}, "workloads.caracal-kafka.resources"],
  ["caracal.kafka.env", {}, "workloads.caracal-kafka.env"],
  ["caracal.kafka.zookeeper.resources", {}, "workloads.caracal-zookeeper.resources"],
  ["caracal.database.resources", {}, "workloads.caracal-postgres.resources"],
  ["caracal.redis.resources", {}, "workloads.caracal-redis.resources"],
];

/** Those of data services that production has managed, or not at all. */
const movedElsewhere: [string, string][] = [
  ["gx.database.resources", "workloads.postgres.resources"],
  ["dotdo.redis.resources", "workloads.dotdo-redis.resources"],
];

describe("a setting that has another place now", () => {
  it.each(moved)("is answered with it: %s", (old, value, place) => {
    const [system = "", ...steps] = old.split(".");
    const kind = ["database", "redis", "kafka", "rabbitmq"].includes(steps[0] ?? "") ? { kind: "in-cluster" } : {};
    const below = steps.reduceRight<unknown>((inner, step, i) => ({ ...(i === 1 ? kind : {}), [step]: inner }), value);
    expect(problems("prod", { [`doks-systems:${system}`]: below })).toEqual([
      {
        path: `doks-systems:${old}`,
        value: JSON.stringify(value),
        problem: "is said in another place now",
        fix: `write it at ${place}`,
      },
    ]);
  });

  it.each(movedElsewhere)("is known, whatever kind its service is: %s", (old, place) => {
    expect(movedTo(`doks-systems:${old}`)).toBe(place);
  });

  it("a range of addresses is part of where a server is", () => {
    for (const path of ["hermes.database", "gx.redis", "caracal.kafka"]) {
      const [, service = ""] = path.split(".");
      expect(movedTo(`doks-systems:${path}.privateRange`)).toBe(`${service}.where: {kind: private, addresses: […]}`);
    }
  });

  it("leads to a workload that there is, of the same system", () => {
    const places = [...moved.map(([old, , place]) => [old, place] as const), ...movedElsewhere];
    for (const [old, place] of places) {
      const { setting } = systems[old.split(".")[0] as SystemKey];
      const known = Object.keys((setting.shape.workloads as z.ZodPrefault<z.ZodObject>).unwrap().shape);
      const named = [...place.matchAll(/workloads\.([\w-]+)/g)].map(([, name]) => name);
      expect(named.length, old).toBeGreaterThan(old === "gx.fabric.namespace" ? -1 : 0);
      for (const name of named) expect(known, old).toContain(name);
    }
  });

  it("is not what never was one", () => {
    for (const path of ["gx.apis", "hermes.api", "caracal.servers", "bowmark.workloads", "gx.database.size"]) {
      expect(movedTo(`doks-systems:${path}`), path).toBeUndefined();
    }
  });
});
