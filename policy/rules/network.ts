/** Who reaches whom, and what is public. */
import { each, type Rule } from "../rule.ts";
import { inCluster, metadataOf, type PolicyStack } from "../stack.ts";

interface PolicySpec {
  readonly podSelector: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly policyTypes?: readonly string[];
}

/** Whether a policy of the namespace selects pods with these labels, for a direction. */
function denied(
  stack: PolicyStack,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  direction: string,
): boolean {
  return stack.of("NetworkPolicy").some((policy) => {
    const { podSelector, policyTypes = ["Ingress"] } = policy.inputs["spec"] as PolicySpec;
    return (
      metadataOf(policy)?.namespace === namespace &&
      policyTypes.includes(direction) &&
      Object.entries(podSelector.matchLabels ?? {}).every(([key, value]) => labels[key] === value)
    );
  });
}

const balancerType = "service.beta.kubernetes.io/do-loadbalancer-type";

export const networkRules: readonly Rule[] = [
  {
    name: "default-deny",
    level: "mandatory",
    description: "Every pod is selected by a NetworkPolicy for both directions, so that what is not said is denied.",
    why: "A pod that no policy selects may be reached by every other pod, and reaches the metadata service and every database.",
    example: "connectsTo: [postgres] on a Workload, which makes its policies",
    check: (stack) =>
      stack.pods().flatMap(({ owner, namespace, labels }) => {
        const open = ["Ingress", "Egress"].filter((direction) => !denied(stack, namespace, labels, direction));
        return open.length === 0
          ? []
          : [{ resource: owner, message: `no policy selects its pods for ${open.join(" and ")}` }];
      }),
  },
  {
    name: "load-balancer-type",
    level: "mandatory",
    description: "A load balancer says its type.",
    why: "DigitalOcean's default changed once already, and with it the price and what is forwarded; the type of one that exists cannot be changed.",
    example: `annotations: { ${balancerType}: REGIONAL_NETWORK }`,
    check: (stack) => [
      ...each(
        stack.of("Service").filter(({ inputs }) => (inputs["spec"] as { type?: string }).type === "LoadBalancer"),
        (service) => metadataOf(service)?.annotations?.[balancerType] === undefined && "does not say its type",
      ),
      ...each(stack.of("EnvoyProxy"), ({ inputs }) => {
        const { provider } = inputs["spec"] as {
          provider?: { kubernetes?: { envoyService?: { annotations?: Record<string, string> } } };
        };
        return provider?.kubernetes?.envoyService?.annotations?.[balancerType] === undefined && "does not say its type";
      }),
    ],
  },
  {
    name: "no-node-ports",
    level: "mandatory",
    description: "On DigitalOcean, no Service opens a port on the nodes.",
    why: "DOKS opens the nodes' firewall for it: the port is on the internet, past the edge and its certificates.",
    example: "type: ClusterIP, and a route",
    check: (stack) =>
      each(
        stack.onDigitalOcean ? stack.of("Service") : [],
        ({ inputs }) =>
          (inputs["spec"] as { type?: string }).type === "NodePort" && "is open on every node's public address",
      ),
  },
  {
    name: "no-default-namespace",
    level: "mandatory",
    description: "Nothing lives in the namespace `default`.",
    why: "It has no Pod Security level and no owner; what lands there by mistake stays.",
    example: "metadata: { namespace: bow-mark }",
    check: (stack) =>
      each(
        stack.resources.filter(inCluster),
        (resource) => metadataOf(resource)?.namespace === "default" && "is in `default`",
      ),
  },
  {
    name: "webhooks-let-upgrades-pass",
    level: "mandatory",
    description: "An admission webhook answers within 29 seconds or is ignored, and leaves kube-system alone.",
    why: "One that fails closed on kube-system stops DOKS upgrades: nodes cannot start their own pods.",
    example: "failurePolicy: Ignore, timeoutSeconds: 10",
    check: (stack) =>
      each(stack.of("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"), ({ inputs }) => {
        const hooks = (inputs["webhooks"] ?? []) as {
          failurePolicy?: string;
          timeoutSeconds?: number;
          namespaceSelector?: object;
        }[];
        if (hooks.some(({ timeoutSeconds = 10 }) => timeoutSeconds < 1 || timeoutSeconds > 29)) return "waits too long";
        return (
          hooks.some(
            (hook) => hook.failurePolicy !== "Ignore" && Object.keys(hook.namespaceSelector ?? {}).length === 0,
          ) && "fails closed in every namespace"
        );
      }),
  },
  {
    name: "databases-are-private",
    level: "mandatory",
    description: "A managed database is in the VPC and names who may connect.",
    why: "Without a firewall its port is open to the internet, behind nothing but a password.",
    example: "a DatabaseFirewall with a rule of type k8s",
    check: (stack) =>
      each(stack.of("DatabaseCluster"), (database) => {
        const firewall = stack.of("DatabaseFirewall").find(({ dependsOn }) => dependsOn.includes(database.urn));
        if (firewall === undefined) return "has no firewall";
        const rules = (firewall.inputs["rules"] ?? []) as { value?: string }[];
        if (rules.some(({ value }) => value === "0.0.0.0/0")) return "admits the whole internet";
        return !("privateNetworkUuid" in database.inputs) && "is not in the VPC";
      }),
  },
  {
    name: "buckets-are-private",
    level: "mandatory",
    description: "Buckets are private, and never deleted with what is in them.",
    why: "A public bucket lists its objects to everybody; `forceDestroy` empties it first.",
    example: "acl: private, forceDestroy: false",
    check: (stack) =>
      each(stack.of("SpacesBucket"), ({ inputs: { acl, forceDestroy } }) => {
        if (acl !== "private") return "is not private";
        return stack.production && forceDestroy === true && "is emptied when it is deleted";
      }),
  },
  {
    name: "buckets-keep-versions",
    level: "advisory",
    description: "In production, buckets keep versions.",
    why: "What an application deletes or overwrites by mistake is otherwise gone: Spaces has no backups.",
    example: "versioning: { enabled: true }",
    check: (stack) =>
      stack.production
        ? each(
            stack.of("SpacesBucket"),
            ({ inputs }) =>
              (inputs["versioning"] as { enabled?: boolean } | undefined)?.enabled !== true && "keeps no versions",
          )
        : [],
  },
  {
    name: "cluster-upgrades",
    level: "mandatory",
    description:
      "In production, a cluster takes patches by itself, in a window, with a spare node; its availability is written out.",
    why: "DigitalOcean upgrades a cluster by force when its version ends; and since 1.36 an omitted `ha` means 40 $ a month that cannot be switched off.",
    example: "autoUpgrade: true, surgeUpgrade: true, maintenancePolicy: { day, startTime }, ha: true",
    check: (stack) =>
      stack.production
        ? each(stack.of("KubernetesCluster"), ({ inputs }) => {
            const missing = [
              ...(inputs["autoUpgrade"] === true ? [] : ["autoUpgrade"]),
              ...(inputs["surgeUpgrade"] === true ? [] : ["surgeUpgrade"]),
              ...(inputs["maintenancePolicy"] === undefined ? ["maintenancePolicy"] : []),
              ...(inputs["ha"] === undefined ? ["ha"] : []),
            ];
            return missing.length > 0 && `does not say ${missing.join(", ")}`;
          })
        : [],
  },
];
