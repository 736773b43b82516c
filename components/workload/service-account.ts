import * as k8s from "@pulumi/kubernetes";
import type { types } from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../site/namespace.ts";

/** What pods may do through the Kubernetes API, in their own namespace. */
export interface ApiAccess {
  /** `metadata.name` of the Role and of its RoleBinding. */
  readonly roleName: string;
  /** Rules of the Role: API groups, resources and verbs. */
  readonly rules: types.input.rbac.v1.PolicyRule[];
}

/** A ServiceAccount that pods run as. */
export interface Account {
  /** `metadata.name` of the ServiceAccount. */
  readonly accountName: string;
  /** The ServiceAccount and its RoleBinding, which must exist before the pods start. */
  readonly ready: readonly pulumi.Resource[];
}

/**
 * Makes a ServiceAccount, with a Role if its pods call the Kubernetes API. Pods get its token only if they ask for it
 * (`apiToken`). Makes none where its pods do not run.
 */
export function serviceAccount(
  name: string,
  args: {
    /** `metadata.name` of the ServiceAccount. */
    accountName: string;
    /** Namespace of the account and its pods. */
    namespace: Namespace;
    /** Whether its pods run for the last dump of a retired system. @default false */
    forLastBackup?: boolean | undefined;
    /** Role of the account. @default - none: the API server refuses it everything */
    apiAccess?: ApiAccess | undefined;
  },
  parent: pulumi.Resource,
): Account {
  const { accountName, namespace } = args;
  if (!namespace.runs(args.forLastBackup)) return { accountName, ready: [] };
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
