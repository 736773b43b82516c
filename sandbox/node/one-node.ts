/**
 * One machine stands for all nodes of a stack: pods that ask for a pool are placed on it all the same, and so are those whose
 * requests of CPU are more than it has. Their objects stay as they are; only pods differ, when they are made.
 *
 * The size of real nodes is what the simulated ones are for.
 */
import type { ApiObject } from "../control-plane/client.ts";

const name = "one-node.sandbox";
const patches = [
  `has(object.spec.nodeSelector) ? [JSONPatch{op: "remove", path: "/spec/nodeSelector"}] : []`,
  ...["containers", "initContainers"].map((kind) => {
    const asks = `has(c.resources) && has(c.resources.requests) && "cpu" in c.resources.requests`;
    const path = `"/spec/${kind}/" + string(i) + "/resources/requests/cpu"`;
    const patch = `JSONPatch{op: "replace", path: ${path}, value: "1m"}`;
    return `has(object.spec.${kind}) ? object.spec.${kind}.transformList(i, c, ${asks}, ${patch}) : []`;
  }),
];

/** The policy, and its binding. */
export function oneNodePolicies(): ApiObject[] {
  const api = { apiVersion: "admissionregistration.k8s.io/v1" };
  return [
    {
      ...api,
      kind: "MutatingAdmissionPolicy",
      metadata: { name },
      spec: {
        matchConstraints: {
          resourceRules: [{ apiGroups: [""], apiVersions: ["v1"], resources: ["pods"], operations: ["CREATE"] }],
        },
        failurePolicy: "Fail",
        reinvocationPolicy: "IfNeeded",
        mutations: patches.map((expression) => ({ patchType: "JSONPatch", jsonPatch: { expression } })),
      },
    },
    { ...api, kind: "MutatingAdmissionPolicyBinding", metadata: { name }, spec: { policyName: name } },
  ];
}
