/** The edge of a stack in a cluster with a real Envoy Gateway: what is rendered of it, with pods that tell what arrives. */
import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import type { Resource } from "../../../graph/resource.ts";
import { kubernetesObject } from "../../../graph/resource.ts";
import { selects } from "../../../graph/pods.ts";
import { hasCondition, type ApiObject, type Client } from "../../../sandbox/control-plane/client.ts";
import { deploy, ready } from "../cluster/deploy.ts";
import type { PodsCluster } from "../pods/cluster.ts";
import { patience } from "../patience.ts";
import { listens } from "../servers/servers.ts";
import type { Loose, RenderedStack } from "../stack.ts";

const edgeKinds = [
  ...["ClusterIssuer", "GatewayClass", "Gateway", "EnvoyProxy", "ClientTrafficPolicy"],
  ...["ListenerSet", "HTTPRoute", "BackendTrafficPolicy", "HTTPRouteFilter", "Certificate"],
];
const echo = readFileSync(new URL("echo.ts", import.meta.url), "utf8");
/** Any name that no official image has: the sandbox puts Node behind it. */
const echoImage = "localhost/echo:latest";

/** What a stack's routes need of it: themselves, the issuer of their certificates, and namespaces, Services and policies of what they lead to. */
export function edgeOf(stack: RenderedStack): Resource[] {
  const routed = namespaces(stack);
  const needed = stack.rendering.resources.filter((resource) => {
    const object = kubernetesObject(resource);
    if (object === undefined) return false;
    if (edgeKinds.includes(object.kind)) return true;
    if (object.kind === "Namespace") return routed.has(object.metadata.name);
    const own = routed.has(object.metadata.namespace ?? "");
    return own && ["NetworkPolicy", "Service"].includes(object.kind);
  });
  return needed.map((one) => (kubernetesObject(one)?.kind === "EnvoyProxy" ? patient(one) : one));
}

/** The same proxies, whose probes wait longer than the second that Envoy Gateway gives them. */
function patient(proxy: Resource): Resource {
  const probe = { timeoutSeconds: patience };
  const probes = { startupProbe: probe, readinessProbe: probe, livenessProbe: probe };
  const containers = ["envoy", "shutdown-manager"].map((name) => ({ name, ...probes }));
  const patch = { type: "StrategicMerge", value: { spec: { template: { spec: { containers } } } } };
  const inputs = structuredClone(proxy.inputs) as Loose;
  inputs.spec.provider.kubernetes.envoyDeployment.patch = patch;
  return { ...proxy, inputs };
}

function namespaces(stack: RenderedStack): Set<string> {
  return new Set(stack.all("HTTPRoute").map(({ inputs }: Loose) => inputs.metadata.namespace as string));
}

/**
 * The Deployments that routes lead to, played by pods with their labels and ports that tell what arrives.
 *
 * @param replicas by the Deployment's name @default - one
 */
export function backends(stack: RenderedStack, replicas: Readonly<Record<string, number>> = {}): ApiObject[] {
  const routed = stack
    .all("HTTPRoute")
    .flatMap(({ inputs }: Loose) =>
      inputs.spec.rules.flatMap(({ backendRefs = [] }: Loose) =>
        backendRefs.map(({ name }: Loose) => `${inputs.metadata.namespace}/${name}`),
      ),
    );
  const services = stack.all("Service").filter((one) => {
    const { metadata } = one.inputs as Loose;
    return routed.includes(`${metadata.namespace}/${metadata.name}`);
  });
  return stack.all("Deployment").flatMap(({ inputs }: Loose) => {
    const { metadata, spec } = inputs;
    const isRouted = services.some(
      ({ inputs: service }: Loose) =>
        service.metadata.namespace === metadata.namespace &&
        selects({ matchLabels: service.spec.selector }, spec.template.metadata.labels),
    );
    return isRouted ? backend(inputs, replicas[metadata.name] ?? 1) : [];
  });
}

function backend({ metadata, spec }: Loose, replicas: number): ApiObject[] {
  const { name, namespace } = metadata;
  const ports: Loose[] = spec.template.spec.containers.flatMap((container: Loose) => container.ports ?? []);
  const config = { apiVersion: "v1", kind: "ConfigMap", metadata: { name: `${name}-echo`, namespace } };
  const container = {
    ...{ name: "echo", image: echoImage, ports },
    command: ["/opt/stand-in/node", "/echo/echo.ts", ...ports.map(({ containerPort }) => String(containerPort))],
    volumeMounts: [{ name: "echo", mountPath: "/echo" }],
    readinessProbe: { tcpSocket: { port: ports[0].containerPort }, periodSeconds: 1, timeoutSeconds: patience },
    securityContext: { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
  };
  const pod = {
    containers: [container],
    volumes: [{ name: "echo", configMap: { name: config.metadata.name } }],
    securityContext: { runAsNonRoot: true, runAsUser: 1000, seccompProfile: { type: "RuntimeDefault" } },
    terminationGracePeriodSeconds: 2,
  };
  const deployment = {
    ...{ apiVersion: "apps/v1", kind: "Deployment", metadata: { name, namespace } },
    spec: {
      ...{ replicas, selector: spec.selector },
      template: { metadata: { labels: spec.template.metadata.labels }, spec: pod },
    },
  };
  return [{ ...config, data: { "echo.ts": echo } }, deployment];
}

/** Starts pods behind routes, and waits until they are ready. */
export async function startBackends(client: Client, objects: readonly ApiObject[]): Promise<void> {
  await Promise.all(objects.map((object) => client.apply(object)));
  await Promise.all(objects.map((object) => ready(client, object, 300)));
}

/**
 * Applies the edge of a stack, and waits until its Gateway has an address, its names lead there, its certificates are issued
 * and its proxies take connections.
 *
 * @returns the address
 */
export async function deployEdge(pods: PodsCluster, stack: RenderedStack): Promise<string> {
  const { client } = pods;
  await deploy(client, edgeOf(stack));
  const address = await eventually("address of the Gateway", async () => {
    const [gateway] = await client.list("gateway.networking.k8s.io/v1", "gateways");
    const { addresses = [], conditions = [] }: Loose = gateway?.["status"] ?? {};
    const isProgrammed = conditions.some(({ type, status }: Loose) => type === "Programmed" && status === "True");
    return isProgrammed ? (addresses[0]?.value as string | undefined) : undefined;
  });
  lead(pods, stack, address);
  await eventually("certificates", async () => {
    const all = await client.list("cert-manager.io/v1", "certificates");
    return all.length > 0 && all.every((one) => hasCondition(one, "Ready")) ? true : undefined;
  });
  // Its routes and pods go with a challenge.
  await eventually("end of the challenges", async () => {
    const all = await client.list("acme.cert-manager.io/v1", "challenges");
    return all.length === 0 ? true : undefined;
  });
  // By then the node has learned of both the address and the proxies behind it.
  await eventually("connections", async () => ((await listens(443, address)) ? true : undefined));
  return address;
}

/**
 * Publishes the DNS records of a stack.
 *
 * @param further addresses of further names
 */
export function lead(
  { names }: PodsCluster,
  stack: RenderedStack,
  address: string,
  further: [string, string][] = [],
): void {
  const own = stack
    .all("DnsRecord")
    .map(({ inputs }: Loose): [string, string] => [`${inputs.name}.${inputs.domain}`.replace(/^@\./, ""), address]);
  names.publish(new Map([...own, ...further].map(([host, one]) => [host, [one]])));
}

/** What comes of a question, asked for three minutes. */
async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  const deadline = Date.now() + 180_000;
  while (Date.now() < deadline) {
    const found = await ask();
    if (found !== undefined) return found;
    await sleep(500);
  }
  throw new Error(`no ${what} in 180 s`);
}

/** What controllers say against Gateways, listeners, routes and policies; empty when all are as they are meant. */
export async function refusals(client: Client): Promise<string[]> {
  const [gateway, envoy] = ["gateway.networking.k8s.io/v1", "gateway.envoyproxy.io/v1alpha1"] as const;
  const kinds = [
    ...["gateways", "listenersets", "httproutes"].map((plural) => [gateway, plural] as const),
    ...["clienttrafficpolicies", "backendtrafficpolicies", "envoyproxies"].map((plural) => [envoy, plural] as const),
  ];
  const lists = await Promise.all(kinds.map(async ([version, plural]) => [plural, await client.list(version, plural)]));
  return (lists as [string, ApiObject[]][]).flatMap(([plural, objects]) => {
    if (objects.length === 0) return [`no ${plural}`];
    return objects.flatMap((object) => {
      const name = `${plural}/${object.metadata.name}`;
      const conditions = conditionsIn(object["status"]);
      if (!conditions.some(({ type }) => type === "Accepted")) return [`${name}: nobody looks after it`];
      return conditions
        .filter(({ type, status }) => status !== (wanted[type] ?? "nothing that is known"))
        .map(({ type, status, message }) => `${name}: ${type} is ${status}: ${message}`);
    });
  });
}

/** A route's policy is overridden for the rules that have one of their own. */
const wanted: Readonly<Record<string, string>> = {
  ...{ Accepted: "True", Programmed: "True", ResolvedRefs: "True" },
  ...{ Conflicted: "False", Overridden: "True" },
};

/** All conditions in a status: of the object, and of its listeners, parents or ancestors. */
function conditionsIn(status: unknown): { type: string; status: string; message: string }[] {
  if (Array.isArray(status)) return status.flatMap(conditionsIn);
  if (typeof status !== "object" || status === null) return [];
  const { conditions = [], ...others }: Loose = status;
  return [...conditions, ...Object.values(others).flatMap(conditionsIn)];
}
