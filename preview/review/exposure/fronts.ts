/**
 * What takes connections from outside: load balancers of Services and of Gateways, and controllers of Ingresses. Sources:
 * digitalocean-cloud-controller-manager, `docs/controllers/services/annotations.md`; DigitalOcean, "How to Configure
 * Advanced Load Balancer Settings" (firewall rules, network); Envoy Gateway 1.8, `EnvoyProxy`. Pure.
 */
import { balancerAnnotation } from "../../../catalogue/doks.ts";
import { label, nameOf, type Resource } from "../../../graph/resource.ts";
import { annotationsOf, type ClusterView, type ServiceSpec } from "./cluster-view.ts";
import { linkTo, type Front } from "./entry.ts";
import { sourcesOf, type Sources } from "./sources.ts";

/** What takes the connections, and from whom. */
export interface Entrance {
  readonly front: Front;
  readonly from: Sources;
}

type Annotations = Readonly<Record<string, string>>;
type BalancerSpec = Pick<ServiceSpec, "type" | "loadBalancerSourceRanges">;

/** The load balancer of a Service; undefined if the Service has none. */
export function balancerOf(service: Resource): Entrance | undefined {
  const spec = service.inputs["spec"] as ServiceSpec;
  if (spec.type !== "LoadBalancer") return undefined;
  return {
    front: {
      ...{ id: `balancer ${nameOf(service)}`, kind: "balancer", text: `load balancer of ${label(service)}` },
      ...{ by: linkTo(service), madeOf: [service.urn] },
    },
    from: balancerSources(annotationsOf(service), spec),
  };
}

/** From whom a load balancer takes connections. Without any rule that is everybody. */
function balancerSources(annotations: Annotations, { loadBalancerSourceRanges = [] }: BalancerSpec): Sources {
  if (annotations[balancerAnnotation("network")] === "INTERNAL") return { kind: "private", text: "only the VPC" };
  const allowed = loadBalancerSourceRanges.flatMap((one) => one.split(",").map((block) => block.trim()));
  const rules = (about: string) =>
    (annotations[balancerAnnotation(about)] ?? "")
      .split(",")
      .map((rule) => rule.trim().replace(/^(cidr|ip):/, ""))
      .filter((block) => block !== "");
  // The field takes precedence over the annotation, which is deprecated.
  return sourcesOf(allowed.length > 0 ? allowed : rules("allow-rules"), rules("deny-rules"));
}

interface EnvoyProxySpec {
  readonly provider?: {
    readonly kubernetes?: { readonly envoyService?: BalancerSpec & { readonly annotations?: Annotations } };
  };
}
interface GatewayClassSpec {
  readonly parametersRef?: { readonly kind: string; readonly namespace?: string; readonly name: string };
}
interface GatewaySpec {
  readonly gatewayClassName?: string;
  readonly infrastructure?: {
    readonly annotations?: Annotations;
    readonly parametersRef?: { readonly kind: string; readonly name: string };
  };
}

/**
 * The proxies of a Gateway with their load balancer, which Envoy Gateway makes. A Gateway that is not in the stack is
 * another stack's, which says who may come.
 */
export function gatewayEntrance(view: ClusterView, namespace: string, name: string): Entrance {
  const id = `gateway ${namespace}/${name}`;
  const gateway = view.find("Gateway", namespace, name);
  if (gateway === undefined) {
    const text = `Gateway ${namespace}/${name} of another stack`;
    return {
      front: { id: `other stack's ${id}`, kind: "gateway", text, by: undefined, madeOf: [] },
      from: { kind: "elsewhere", text: "as the stack of the Gateway says" },
    };
  }
  const { gatewayClassName, infrastructure } = gateway.inputs["spec"] as GatewaySpec;
  const gatewayClass = view.find("GatewayClass", undefined, gatewayClassName);
  const parameters = (gatewayClass?.inputs["spec"] as GatewayClassSpec | undefined)?.parametersRef;
  const own = infrastructure?.parametersRef;
  const proxy =
    own?.kind === "EnvoyProxy"
      ? view.find("EnvoyProxy", namespace, own.name)
      : view.find("EnvoyProxy", parameters?.namespace, parameters?.name);
  const service = (proxy?.inputs["spec"] as EnvoyProxySpec | undefined)?.provider?.kubernetes?.envoyService ?? {};
  const annotations = { ...service.annotations, ...infrastructure?.annotations };
  const balanced = service.type === undefined || service.type === "LoadBalancer";
  return {
    front: {
      ...{ id, kind: "gateway", text: `${balanced ? "load balancer of " : ""}${label(gateway)}` },
      ...{ by: linkTo(gateway), madeOf: [gateway, gatewayClass].flatMap((one) => one?.urn ?? []) },
    },
    from: balanced ? balancerSources(annotations, service) : { kind: "private", text: "only the cluster's network" },
  };
}

/** The controller of a class of Ingresses, which the cluster has already. */
export function controllerEntrance(className: string, allowed: readonly string[]): Entrance {
  return {
    front: {
      ...{ id: `ingress ${className}`, kind: "ingress", text: `ingress controller of class ${className}` },
      ...{ by: undefined, madeOf: [] },
    },
    from:
      allowed.length > 0
        ? sourcesOf(allowed)
        : { kind: "elsewhere", text: `as the controller of class ${className} says` },
  };
}
