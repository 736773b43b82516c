import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../site/namespace.ts";

/** What a pod may ask of the Kubernetes API. */
export interface ApiAccess {
  readonly roleName: string;
  readonly rules: types.input.rbac.v1.PolicyRule[];
}

/** A ServiceAccount that pods run as. */
export interface Account {
  readonly accountName: string;
  /** The account and its binding, for pods to wait for. */
  readonly ready: readonly pulumi.Resource[];
}

/** The ServiceAccount of workloads, with a Role only where they ask for API access; its token is mounted nowhere else. */
export function serviceAccount(
  name: string,
  args: { accountName: string; namespace: Namespace; apiAccess?: ApiAccess | undefined },
  parent: pulumi.Resource,
): Account {
  const { accountName, namespace } = args;
  const opts = { parent, dependsOn: namespace.ready };
  const account = new k8s.core.v1.ServiceAccount(
    name,
    { metadata: namespace.meta(accountName), automountServiceAccountToken: false },
    opts,
  );
  if (args.apiAccess === undefined) return { accountName, ready: [account] };
  const { roleName, rules } = args.apiAccess;
  const role = new k8s.rbac.v1.Role(name, { metadata: namespace.meta(roleName), rules }, opts);
  const binding = new k8s.rbac.v1.RoleBinding(
    name,
    {
      metadata: namespace.meta(roleName),
      roleRef: { apiGroup: "rbac.authorization.k8s.io", kind: "Role", name: roleName },
      subjects: [{ kind: "ServiceAccount", name: accountName, namespace: namespace.namespaceName }],
    },
    { parent, dependsOn: [role, account] },
  );
  return { accountName, ready: [account, binding] };
}
