import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "./namespace.ts";

/** What a pod may ask of the Kubernetes API. */
export interface ApiAccess {
  readonly roleName: string;
  readonly rules: types.input.rbac.v1.PolicyRule[];
}

/**
 * The ServiceAccount of one workload, with a Role only where the workload asks for API access.
 *
 * @returns the account and its binding, for pods to wait for
 */
export function serviceAccount(
  name: string,
  args: { accountName: string; namespace: Namespace; apiAccess?: ApiAccess | undefined },
  parent: pulumi.Resource,
): pulumi.Resource[] {
  const namespace = args.namespace.namespaceName;
  const opts = { parent, dependsOn: args.namespace.ready };
  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: { name: args.accountName, namespace }, automountServiceAccountToken: false },
    opts,
  );
  if (args.apiAccess === undefined) return [account];
  const { roleName, rules } = args.apiAccess;
  const role = new k8s.rbac.v1.Role(name, { metadata: { name: roleName, namespace }, rules }, opts);
  const binding = new k8s.rbac.v1.RoleBinding(
    name,
    {
      metadata: { name: roleName, namespace },
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: roleName },
      subjects: [{ kind: "ServiceAccount", name: args.accountName, namespace }],
    },
    { parent, dependsOn: [role, account] },
  );
  return [account, binding];
}
