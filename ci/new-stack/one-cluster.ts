/** What two stacks on one cluster must have apart: namespaces, node ports, and whatever a cluster has once. */
import { Explained } from "../../commands/explained.ts";
import { project } from "../../settings/reading/keys.ts";
import { nameFor } from "./names.ts";
import type { Draft } from "./draft.ts";

const key = `${project}:platform`;

/**
 * Puts the new stack on its template's cluster, beside it. A cluster of another stack, or of a kubeconfig, stays the same
 * setting; one that the template takes as given is the template's, whose edge and add-ons serve both.
 *
 * @throws {Explained} if the cluster is in another account than the new stack
 */
export function onClusterOf(draft: Draft): void {
  const { cluster, pools, edge, addons } = draft.template.platform;
  if (draft.elsewhere && cluster.source !== "kubeconfig") {
    const fix = "copy a stack that makes its cluster (cluster.source: create)";
    throw new Explained(
      `${draft.template.stack} runs on a cluster of its own account, which another account cannot use: ${fix}`,
    );
  }
  namespaces(draft);
  nodePorts(draft);
  for (const [addon, kind] of Object.entries(addons))
    if (kind === "install") draft.change(`${key}.addons.${addon}`, kind, "existing", "a cluster has it once");
  if (Object.keys(addons.charts).length > 0)
    draft.change(`${key}.addons.charts`, addons.charts, undefined, "a cluster has them once");
  if (cluster.source !== "existing") return;
  const shared = { source: "stack", stack: `organization/${project}/${draft.template.stack}` };
  draft.change(
    `${key}.cluster`,
    cluster,
    shared,
    `beside ${draft.template.stack}; its full name, as npx pulumi stack ls shows it`,
  );
  if (Object.keys(pools).length > 0)
    draft.change(`${key}.pools`, pools, undefined, `${draft.template.stack}'s are there`);
  if (edge.kind !== "none")
    draft.change(`${key}.edge`, edge, { kind: "stack" }, `${draft.template.stack}'s serves both`);
}

function namespaces(draft: Draft): void {
  const taken = new Set(
    draft.others.flatMap(({ facts }) => Object.values(facts).map(({ namespace }) => namespace.name)),
  );
  draft.each(
    ({ namespace }) => [["namespace.name", namespace.name]],
    (path, name) => {
      const own = nameFor(name, draft.names, (one) => taken.has(one));
      taken.add(own);
      draft.change(path, name, own, "the stacks may share a cluster");
    },
  );
}

const gx = `${project}:gx`;
interface Exposure {
  readonly kind?: string;
  readonly port?: number;
}

/** Default of GX's port on the nodes, and the last one that there is. */
const ports = { usual: 30_301, last: 32_767 };

/** Ports that a stack opens on the nodes, by the settings of its file. */
export function nodePortsOf(config: Readonly<Record<string, unknown>>): number[] {
  const { exposure } = (config[gx] ?? {}) as { exposure?: Exposure };
  return exposure?.kind === "node-port" ? [exposure.port ?? ports.usual] : [];
}

function nodePorts(draft: Draft): void {
  const exposure = draft.file.get(`${gx}.exposure`) as Exposure | undefined;
  if (exposure?.kind !== "node-port") return;
  const taken = new Set(draft.others.flatMap((one) => one.nodePorts));
  const before = exposure.port ?? ports.usual;
  let port = before;
  while (taken.has(port) && port < ports.last) port += 1;
  draft.change(`${gx}.exposure.port`, before, port, "a node has each port once");
}
