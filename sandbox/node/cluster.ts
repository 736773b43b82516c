/** A whole cluster that runs what it is given: a real control plane and a real node, in a machine of their own. */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { hasCondition, type Client } from "../control-plane/client.ts";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "../control-plane/control-plane.ts";
import type { Authority } from "../edge/authority.ts";
import { installEnvoyGateway } from "../edge/envoy-gateway.ts";
import type { PlayedRegistry } from "../registry.ts";
import { Machine } from "./machine.ts";
import type { OutsideSpaces } from "./outside-spaces.ts";
import { nodeName, RealNode } from "./node.ts";

/** A cluster with a real node, while it runs. */
export interface RealCluster extends ControlPlane {
  readonly machine: Machine;
  /** Issues its certificates. */
  readonly authority: Authority;
  /** Starts to enforce NetworkPolicies; until then every pod reaches every other. */
  enforcePolicies(): Promise<void>;
}

/** How a cluster is to be. */
export interface RealClusterOptions extends Omit<ControlPlaneOptions, "real"> {
  /** Whether it has Envoy Gateway. @default false */
  readonly edge?: boolean;
  /** Spaces that its pods reach. @default - one of its own, empty */
  readonly spaces?: OutsideSpaces;
}

/**
 * Starts a cluster, and waits until its node, its name server and its Envoy Gateway are ready.
 *
 * @param folder empty, or with the data of an earlier run
 * @throws {Error} if a part is not ready in three minutes; names its log
 */
export async function startRealCluster(
  folder: string,
  registry: PlayedRegistry,
  { edge = false, spaces = emptySpaces(folder), ...options }: RealClusterOptions = {},
): Promise<RealCluster> {
  const machine = await Machine.start(join(folder, "machine"), nodeName);
  try {
    const real = new RealNode(machine, {
      ...{ registry: await registry.alsoAt(machine.gateway), hasGateways: edge, spaces },
    });
    const plane = await startControlPlane(folder, [], { ...options, real });
    await namesAnswered(plane.client);
    if (edge) await installEnvoyGateway(plane, join(folder, "charts"));
    return {
      ...plane,
      machine,
      authority: real.edge.authority,
      enforcePolicies: () => real.enforcePolicies(plane.kubeconfig),
      stop: async () => {
        await real.stop();
        await plane.stop();
        await machine.stop();
      },
    };
  } catch (error) {
    await machine.stop();
    throw error;
  }
}

/** The key of a Spaces of a cluster's own. */
export const spacesKey = { key: "sandbox-key", secret: "sandbox-secret" };

function emptySpaces(folder: string): OutsideSpaces {
  const [files, versions] = [join(folder, "spaces", "files"), join(folder, "spaces", "versions")];
  return { files, versions, region: "nyc3", ...spacesKey };
}

/** Waits until the name server is ready, three minutes at most. */
async function namesAnswered(client: Client): Promise<void> {
  for (let tries = 0; tries < 900; tries += 1) {
    const deployments = await client.list("apps/v1", "deployments", "kube-system");
    if (deployments.some((one) => hasCondition(one, "Available"))) return;
    await sleep(200);
  }
  throw new Error("the cluster's name server was not ready in 180 s");
}
