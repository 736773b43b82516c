/** Rules on the network: NetworkPolicies, load balancers, node ports, admission webhooks. */
import { balancerAnnotation } from "../../catalogue/doks.ts";
import { each, type Rule } from "../rule.ts";
import type { Stack } from "../../graph/stack.ts";
import { selects, targetPort, type Labels, type Selector, type ServedPort } from "../../graph/pods.ts";
import { inCluster, label, metadataOf } from "../../graph/resource.ts";
import { admitsAddresses, type NetworkPolicy } from "../reachability.ts";

interface PolicySpec {
  readonly podSelector: Selector;
  readonly policyTypes?: readonly string[];
}

/**
 * Whether some NetworkPolicy selects these pods for a direction, so that undeclared connections in that direction are
 * denied.
 */
function deniedByDefault(
  stack: Stack,
  namespace: string,
  labels: Readonly<Record<string, string>>,
  direction: string,
): boolean {
  return stack.in(namespace, "NetworkPolicy").some((policy) => {
    const { podSelector, policyTypes = ["Ingress"] } = policy.inputs["spec"] as PolicySpec;
    return policyTypes.includes(direction) && selects(podSelector, labels);
  });
}

interface ServiceSpec {
  readonly type?: string;
  readonly selector?: Labels;
  readonly ports?: readonly ServedPort[];
}

/** Types of Services that take connections from outside of the cluster. */
const opened: ReadonlySet<string> = new Set(["LoadBalancer", "NodePort"]);

interface Webhook {
  readonly failurePolicy?: string;
  readonly timeoutSeconds?: number;
  readonly namespaceSelector?: Selector;
}

/** Label that Kubernetes gives every namespace; its value is the namespace's name. */
const namespaceLabel = "kubernetes.io/metadata.name";
const balancerType = balancerAnnotation("type");

export const networkRules: readonly Rule[] = [
  {
    name: "default-deny",
    level: "mandatory",
    description: "Every pod is selected by a NetworkPolicy for both directions, so that what is not said is denied.",
    why: "A pod that no policy selects may be reached by every other pod, and reaches the metadata service and every database.",
    example: "connectsTo: [postgres] on a Workload, which makes its policies",
    check: (stack) =>
      stack.pods.flatMap(({ owner, namespace, labels }) => {
        const open = ["Ingress", "Egress"].filter((direction) => !deniedByDefault(stack, namespace, labels, direction));
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
    name: "open-ports-lead-to-pods",
    level: "mandatory",
    description: "What a load balancer or a port of the nodes leads to, takes connections from addresses on that port.",
    why: "Otherwise the port is open, and whoever connects waits until he gives up: the policy denies what the Service passes on.",
    example: "exposure: { kind: node-port }, with the policy that the program makes for it",
    check: (stack) =>
      each(
        stack.of("Service").filter(({ inputs }) => opened.has((inputs["spec"] as ServiceSpec).type ?? "")),
        (service) => {
          const { selector = {}, ports = [] } = service.inputs["spec"] as ServiceSpec;
          const namespace = metadataOf(service)?.namespace ?? "default";
          const policies = stack.in(namespace, "NetworkPolicy").map(({ inputs }) => inputs as unknown as NetworkPolicy);
          const behind = stack.pods.filter(
            (pods) => pods.namespace === namespace && selects({ matchLabels: selector }, pods.labels),
          );
          const denied = behind.flatMap((pods) =>
            ports.flatMap((port) => {
              const target = targetPort(pods, port);
              return target === undefined || admitsAddresses(policies, pods, target)
                ? []
                : [`${label(pods.owner)}:${target}`];
            }),
          );
          return denied.length > 0 && `leads to ${denied.join(", ")}, where no policy admits addresses`;
        },
      ),
  },
  {
    name: "no-default-namespace",
    level: "mandatory",
    description: "Nothing lives in the namespace `default`, but a system that adopts it by its name.",
    why: "It has no Pod Security level and no owner; what lands there by mistake stays.",
    example: "metadata: { namespace: bow-mark }",
    check: (stack) =>
      each(
        stack.adopted.has("default") ? [] : stack.resources.filter(inCluster),
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
        const hooks = (inputs["webhooks"] ?? []) as readonly Webhook[];
        if (hooks.some(({ timeoutSeconds = 10 }) => timeoutSeconds < 1 || timeoutSeconds > 29)) return "waits too long";
        const closed = hooks.some(
          ({ failurePolicy, namespaceSelector = {} }) =>
            failurePolicy !== "Ignore" && selects(namespaceSelector, { [namespaceLabel]: "kube-system" }),
        );
        return closed && "fails closed in kube-system";
      }),
  },
];
