/** Who reaches whom, tried from the network of each pod, and what the stack declares of it. */
import { fileURLToPath } from "node:url";
import type { Resource } from "../../../graph/resource.ts";
import { kubernetesObject } from "../../../graph/resource.ts";
import type { ApiObject } from "../../../sandbox/control-plane/client.ts";
import type { Machine } from "../../../sandbox/node/machine.ts";
import { outsideAddress } from "../../../sandbox/node/outside.ts";
import { selects } from "../../../graph/pods.ts";
import { portNumber } from "../../applications/container.ts";
import type { Loose, RenderedStack } from "../stack.ts";

const program = fileURLToPath(new URL("programs/connect.ts", import.meta.url));

/** Addresses with a name for each, which says whose they are. */
export type Targets = ReadonlyMap<string, string>;

/** The targets that come about from each pod's network, by name. */
export async function reached(
  machine: Machine,
  pods: readonly ApiObject[],
  targets: Targets,
): Promise<(readonly [pod: ApiObject, names: string[]])[]> {
  const networks = networksOf(machine);
  return Promise.all(
    pods.map(async (pod) => {
      const network = networks.get(pod["status"].podIP as string) ?? "no such network";
      const child = machine.start("nsenter", [`--net=${network}`, process.execPath, program, ...targets.keys()]);
      let lines = "";
      child.stdout.on("data", (data: Buffer) => (lines += data.toString()));
      const code = await new Promise((resolve) => child.once("close", resolve));
      if (code !== 0) throw new Error(`${pod.metadata.name}: its network could not be entered`);
      return [pod, named(lines, targets)] as const;
    }),
  );
}

/** The targets that come about from the node, which no policy keeps from its pods: those where somebody listens. */
export function listening(machine: Machine, targets: Targets): string[] {
  return named(machine.command(process.execPath, [program, ...targets.keys()]), targets);
}

function named(lines: string, targets: Targets): string[] {
  return [...new Set(lines.split("\n").flatMap((address) => targets.get(address) ?? []))].toSorted();
}

/** The network namespace of each pod, by its address. */
export function networksOf(machine: Machine): Map<string, string> {
  const each = `for n in /run/netns/cni-*; do echo "$n $(nsenter --net=$n ip -o -4 addr show eth0)"; done`;
  const lines = machine.command("bash", ["-c", each]).split("\n");
  return new Map(
    lines.flatMap((line) => {
      const [, network = "", address = ""] = /^(\S+) .* inet ([\d.]+)\//.exec(line) ?? [];
      return network === "" ? [] : [[address, network] as const];
    }),
  );
}

/** Name of the workload that a pod belongs to, as `kubectl get` shows it. */
export function workloadOf(pod: ApiObject): string {
  const [owner] = (pod.metadata as Loose).ownerReferences ?? [];
  const name: string = owner?.name ?? pod.metadata.name;
  return owner?.kind === "ReplicaSet" ? name.replace(/-[a-z0-9]+$/, "") : name;
}

/** Every TCP port that pods declare, at the pods' own addresses: `postgres:5432`. */
export function portsOf(pods: readonly ApiObject[]): Map<string, string> {
  return new Map(
    pods.flatMap((pod) =>
      (pod["spec"].containers as Loose[]).flatMap(({ ports = [] }) =>
        ports
          .filter(({ protocol = "TCP" }: Loose) => protocol === "TCP")
          .map(({ containerPort }: Loose): [string, string] => [
            `${pod["status"].podIP as string}:${containerPort}`,
            `${workloadOf(pod)}:${containerPort}`,
          ]),
      ),
    ),
  );
}

/** Ports of what is outside: those of every declared service there, and some that nobody declares. */
export function outsidePorts(resources: readonly Resource[]): Map<string, string> {
  const declared = resources.flatMap(({ connectsTo }) => connectsTo.filter(({ kind }) => kind === "outside"));
  const ports = new Set([...declared.flatMap(({ ports: own }) => own), 22, 80, 5432, 8443]);
  return new Map([...ports].map((port) => [`${outsideAddress}:${port}`, `outside:${port}`]));
}

/** Ports that are open to everyone by a Service of the node or of a load balancer, in the same words. */
export function published(rendered: RenderedStack): string[] {
  const services = (rendered.objects() as Loose[]).filter(
    ({ kind, spec }) => kind === "Service" && spec.type !== undefined,
  );
  return services.flatMap(({ metadata, spec }) => {
    const { type, selector, ports, loadBalancerSourceRanges } = spec;
    if (type === "ClusterIP" || loadBalancerSourceRanges !== undefined) return [];
    const behind = rendered
      .podTemplates()
      .filter(
        ({ namespace, template }) =>
          namespace === metadata.namespace && selects({ matchLabels: selector }, template.metadata.labels),
      );
    return behind.flatMap(({ owner, template }) =>
      ports.map(
        ({ targetPort }: Loose) =>
          `${owner.split("/")[1] ?? ""}:${portNumber(template.spec.containers[0], targetPort)}`,
      ),
    );
  });
}

/** What a workload declares, in the same words; of itself, nothing but what it connects to. */
export function declared(resources: readonly Resource[], workload: string): string[] {
  const owner = resources.find((resource) => {
    const object = kubernetesObject(resource);
    return object?.metadata.name === workload && ["Deployment", "StatefulSet"].includes(object.kind);
  });
  const component = resources.find(({ urn }) => urn === owner?.parent);
  return (component?.connectsTo ?? []).flatMap(({ kind, target, ports }) =>
    ports.map((port) => (kind === "outside" ? `outside:${port}` : `${target}:${port}`)),
  );
}
