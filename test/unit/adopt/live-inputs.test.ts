/** What is there, as the program would have written it: without Kubernetes' own values, and without a secret. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { LiveObject } from "../../../adopt/ground/cluster.ts";
import { withoutDefaults } from "../../../adopt/match/defaults.ts";
import { inputsOf } from "../../../adopt/match/object.ts";
import { toHandOver } from "../../../adopt/match/owned.ts";
import { restricted, union } from "../../../adopt/match/values.ts";

const type = "kubernetes:apps/v1:Deployment";
const wanted = {
  ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name: "api", namespace: "shop" } },
  spec: {
    selector: { matchLabels: { app: "api" } },
    template: { spec: { containers: [{ name: "api", image: "api:2", resources: { requests: { cpu: "1000m" } } }] } },
  },
};

/** A Deployment as an API server returned it after `kubectl apply --server-side`, shortened. */
function deployment(manager: string, env: readonly object[]): LiveObject {
  const containers = {
    'k:{"name":"api"}': {
      ".": {},
      "f:name": {},
      "f:image": {},
      "f:env": { 'k:{"name":"LEVEL"}': { ".": {}, "f:name": {}, "f:value": {} } },
    },
  };
  return {
    ...{ apiVersion: "apps/v1", kind: "Deployment" },
    metadata: {
      ...{ name: "api", namespace: "shop", uid: "7aa9" },
      annotations: { "deployment.kubernetes.io/revision": "3" },
      managedFields: [
        {
          ...{ manager, operation: "Apply" },
          fieldsV1: { "f:spec": { "f:template": { "f:spec": { "f:containers": containers } } } },
        },
        {
          manager: "kube-controller-manager",
          operation: "Update",
          subresource: "status",
          fieldsV1: { "f:status": {} },
        },
      ],
    },
    spec: {
      progressDeadlineSeconds: 600,
      replicas: 1,
      selector: { matchLabels: { app: "api" } },
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: "25%", maxUnavailable: "25%" } },
      template: {
        spec: {
          containers: [
            {
              name: "api",
              image: "api:1",
              imagePullPolicy: "IfNotPresent",
              resources: { requests: { cpu: "1" } },
              env,
            },
          ],
          restartPolicy: "Always",
        },
      },
    },
    status: { replicas: 1 },
  };
}

const containerOf = (inputs: Record<string, unknown>) =>
  (inputs["spec"] as { template: { spec: { containers: Record<string, unknown>[] } } }).template.spec.containers[0];

describe("a running Deployment, as the program would have written it", () => {
  it("has what the program sets, with the value that it has, and quantities in the program's writing", () => {
    const inputs = inputsOf({ type, inputs: wanted }, deployment("someone", []));
    expect(inputs).toEqual({
      ...wanted,
      spec: {
        ...wanted.spec,
        template: { spec: { containers: [{ ...wanted.spec.template.spec.containers[0], image: "api:1" }] } },
      },
    });
  });

  it("has what kubectl has set and the program would take away", () => {
    const level = { name: "LEVEL", value: "debug" };
    expect(containerOf(inputsOf({ type, inputs: wanted }, deployment("kubectl", [level])))).toMatchObject({
      env: [level],
    });
  });

  it("has not what a controller has set, which an update leaves where it is", () => {
    const level = { name: "LEVEL", value: "debug" };
    expect(containerOf(inputsOf({ type, inputs: wanted }, deployment("some-operator", [level])))).not.toHaveProperty(
      "env",
    );
  });

  it("shows no variable that may be a secret", () => {
    fc.assert(
      fc.property(fc.constantFrom("LEVEL"), fc.string({ minLength: 8 }), (name, secret) => {
        const value = `postgres://user:${encodeURIComponent(secret)}x@db/app`;
        const inputs = inputsOf({ type, inputs: wanted }, deployment("kubectl", [{ name, value }]));
        expect(JSON.stringify(inputs)).not.toContain(value);
      }),
    );
  });

  it("is handed over by Helm, and not by kubectl", () => {
    expect(toHandOver(deployment("helm", []))).toEqual([{ manager: "helm", place: 0 }]);
    expect(toHandOver(deployment("kubectl-client-side-apply", []))).toEqual([]);
  });
});

describe("a running Secret", () => {
  it("is compared by its keys, and never shows a value", () => {
    const live: LiveObject = {
      ...{ apiVersion: "v1", kind: "Secret", type: "Opaque", data: { user: "Y2FuYXJ5", old: "Y2FuYXJ5" } },
      metadata: { name: "db", namespace: "shop", uid: "1" },
    };
    const inputs = {
      ...{ apiVersion: "v1", kind: "Secret", metadata: { name: "db", namespace: "shop" } },
      stringData: { user: "[secret]", password: "[secret]" },
    };
    const found = inputsOf({ type: "kubernetes:core/v1:Secret", inputs }, live);
    expect(found["stringData"]).toEqual({ user: "[secret]", old: "[secret]" });
    expect(JSON.stringify(found)).not.toContain("Y2FuYXJ5");
  });
});

const json = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: "small" }, fc.string(), fc.integer(), fc.boolean(), tie("group"), fc.array(fc.string())),
  group: fc.dictionary(fc.constantFrom("name", "spec", "app", "port", "env"), tie("value"), { maxKeys: 4 }),
})).group;

describe("values", () => {
  it("that are as wanted are the wanted ones, with nothing else", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(restricted(value, structuredClone(value))).toEqual(value);
      }),
    );
  });

  it("put together with a part of themselves stay the same", () => {
    fc.assert(
      fc.property(json, (value) => {
        expect(union(value, structuredClone(value))).toEqual(value);
      }),
    );
  });

  it("that Kubernetes fills in are no values of anybody's", () => {
    expect(withoutDefaults({ restartPolicy: "Always", dnsPolicy: "ClusterFirst", hostNetwork: true })).toEqual({
      hostNetwork: true,
    });
    expect(withoutDefaults({ rollingUpdate: {}, strategy: { type: "Recreate" } })).toEqual({
      rollingUpdate: {},
      strategy: { type: "Recreate" },
    });
  });
});
