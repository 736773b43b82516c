/**
 * What counts as changed by hand, and the patch that takes it back. The managed fields are as a real API server (1.36) wrote them after the
 * commands of kubectl that they name.
 */
import { describe, expect, it } from "vitest";
import { changesByHand } from "../../../drift/by-hand.ts";
import { written, type Fields, type Manager } from "../../../graph/managed-fields.ts";
import { patchOf } from "../../../drift/take-back.ts";

const container = (fields: Fields): Fields => ({
  "f:spec": { "f:template": { "f:spec": { "f:containers": { 'k:{"name":"redis"}': fields } } } },
});
const program = {
  ...{ apiVersion: "apps/v1", kind: "StatefulSet" },
  metadata: { name: "redis", labels: { app: "redis" } },
  spec: {
    replicas: 1,
    template: {
      spec: {
        containers: [
          {
            name: "redis",
            image: "redis:8",
            env: [{ name: "REDIS_USER", value: "gx" }],
            ports: [{ containerPort: 6379 }],
            resources: { limits: { memory: "256Mi" } },
          },
        ],
      },
    },
  },
};
const time = "2026-11-28T12:33:54Z";
/** `kubectl set env`, `kubectl set resources`. */
const set: Manager = {
  ...{ manager: "kubectl-set", operation: "Update", apiVersion: "apps/v1", time, fieldsType: "FieldsV1" },
  fieldsV1: container({
    "f:env": {
      'k:{"name":"BY_HAND"}': { ".": {}, "f:name": {}, "f:value": {} },
      'k:{"name":"REDIS_USER"}': { "f:value": {} },
    },
    "f:resources": { "f:limits": { "f:memory": {} } },
  }),
};
/** `kubectl scale`, which the server gives no time. */
const scale: Manager = {
  ...{ manager: "kubectl", operation: "Update", apiVersion: "apps/v1", fieldsType: "FieldsV1", subresource: "scale" },
  fieldsV1: { "f:spec": { "f:replicas": {} } },
};
/** What the provider itself has, and a controller. */
const others: Manager[] = [
  { manager: "pulumi-kubernetes-87a85a6e", operation: "Apply", time, fieldsV1: { "f:spec": { "f:replicas": {} } } },
  {
    ...{ manager: "kube-controller-manager", operation: "Update", subresource: "status", time },
    fieldsV1: { "f:status": { "f:readyReplicas": {} } },
  },
];
const fields = (managers: readonly Manager[], isScaled = false) =>
  changesByHand(program, managers, isScaled).map(
    ({ field, added, manager }) => `${added ? "+" : "~"} ${field} ${manager}`,
  );

describe("what was changed by hand", () => {
  it("is what the program sets and another tool has, and what a tool added", () => {
    expect(fields([...others, set, scale])).toEqual([
      "+ spec.template.spec.containers[redis].env[BY_HAND] kubectl-set",
      "~ spec.template.spec.containers[redis].env[REDIS_USER].value kubectl-set",
      "~ spec.template.spec.containers[redis].resources.limits.memory kubectl-set",
      "~ spec.replicas kubectl",
    ]);
  });

  it("is nothing that the program or a controller wrote", () => {
    expect(fields(others)).toEqual([]);
    const controller = { manager: "digitalocean-cloud-controller-manager", time };
    const added = { "f:metadata": { "f:annotations": { "f:kubernetes.digitalocean.com/load-balancer-id": {} } } };
    expect(fields([{ ...controller, fieldsV1: added }])).toEqual([]);
  });

  it("is no count that an autoscaler has", () => {
    const count = { "f:spec": { "f:replicas": {} } };
    const autoscaler = { manager: "kube-controller-manager", subresource: "scale", fieldsV1: count };
    expect(fields([autoscaler, scale], true)).toEqual([]);
    expect(fields([autoscaler])).toEqual(["~ spec.replicas kube-controller-manager"]);
  });

  it("is no trace that tools leave, a restart among them", () => {
    const annotations = {
      "f:deployment.kubernetes.io/revision": {},
      "f:kubectl.kubernetes.io/last-applied-configuration": {},
    };
    const restartedAt = { "f:kubectl.kubernetes.io/restartedAt": {} };
    const traces: Fields = {
      "f:metadata": { "f:annotations": annotations, "f:finalizers": { 'v:"foregroundDeletion"': {} } },
      "f:spec": { "f:template": { "f:metadata": { "f:annotations": restartedAt } } },
    };
    expect(fields([{ manager: "kubectl-rollout", time, fieldsV1: traces }])).toEqual([]);
  });

  it("is a label by its whole name, and a port though the program leaves its protocol to the default", () => {
    const port = container({ "f:ports": { 'k:{"containerPort":6379,"protocol":"TCP"}': { "f:containerPort": {} } } });
    const label: Fields = { "f:metadata": { "f:labels": { "f:example.com/by": {} } } };
    expect(fields([{ manager: "kubectl-edit", fieldsV1: { ...port, ...label } }])).toEqual([
      "~ spec.template.spec.containers[redis].ports[6379/TCP].containerPort kubectl-edit",
      "+ metadata.labels[example.com/by] kubectl-edit",
    ]);
    expect(written(["f:metadata", "f:finalizers", 'v:"a"', "i:2"])).toBe("metadata.finalizers[a][2]");
  });
});

describe("taken back", () => {
  const by = (...entries: object[]) => ({
    ...program,
    metadata: { name: "redis", resourceVersion: "871", managedFields: [...others, set, scale] },
    spec: { template: { spec: { containers: [{ name: "redis", env: entries }] } } },
  });

  it("what was added goes, and other tools own no more what the program sets; values are left to the update", () => {
    const live = by({ name: "REDIS_USER", value: "other" }, { name: "BY_HAND", value: "yes" });
    expect(patchOf(live, changesByHand(program, live.metadata.managedFields, false))).toEqual([
      { op: "test", path: "/metadata/resourceVersion", value: "871" },
      { op: "remove", path: "/spec/template/spec/containers/0/env/1" },
      { op: "replace", path: "/metadata/managedFields", value: others },
    ]);
  });

  it("later entries go before earlier ones, so that none moves, and a key with a slash is one key", () => {
    const names = Array.from({ length: 11 }, (_, i) => `N${i}`);
    const entries = names.map((name) => ({ name, value: "x" }));
    const added = Object.fromEntries(names.map((name) => [`k:{"name":"${name}"}`, { ".": {}, "f:name": {} }]));
    const label: Fields = { "f:metadata": { "f:labels": { "f:example.com/by": {} } } };
    const edit: Manager = { manager: "kubectl-edit", fieldsV1: { ...container({ "f:env": added }), ...label } };
    const live = by(...entries);
    const labelled = {
      ...live,
      metadata: { ...live.metadata, labels: { "example.com/by": "me" }, managedFields: [edit] },
    };
    const removed = patchOf(labelled, changesByHand(program, [edit], false))
      .map((one) => one as { op: string; path: string })
      .filter(({ op }) => op === "remove")
      .map(({ path }) => path);
    expect(removed.slice(0, 3)).toEqual([10, 9, 8].map((i) => `/spec/template/spec/containers/0/env/${i}`));
    expect(removed).toHaveLength(12);
    expect(removed).toContain("/metadata/labels/example.com~1by");
  });
});
