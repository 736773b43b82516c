/** A whole cluster that runs what it is given: a real control plane and a real node, in a machine of their own. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { available } from "../control-plane/client.ts";
import { startControlPlane, type ControlPlane, type ControlPlaneOptions } from "../control-plane/control-plane.ts";
import { acmeIssuer } from "../../components/edge/acme.ts";
import type { Acme } from "../edge/acme.ts";
import { installCertManager } from "../edge/cert-manager.ts";
import { installEnvoyGateway } from "../edge/envoy-gateway.ts";
import type { PlayedRegistry } from "../registry.ts";
import { dnsDeployment } from "./dns.ts";
import { Machine } from "./machine.ts";
import { serverAddresses } from "./outside.ts";
import { PublicNames } from "./outside-names.ts";
import type { OutsideSpaces } from "./outside-spaces.ts";
import { nodeName, RealNode } from "./node.ts";

/** A cluster with a real node, while it runs. */
export interface RealCluster extends ControlPlane {
  readonly machine: Machine;
  /** File with the authority that its clients trust, in PEM; undefined in a cluster without an edge. */
  readonly authority: string | undefined;
  /** Starts to enforce NetworkPolicies; until then every pod reaches every other. */
  enforcePolicies(): Promise<void>;
}

/** How a cluster is to be. */
export interface RealClusterOptions extends Omit<ControlPlaneOptions, "real"> {
  /** Address of the ACME server's directory; it then has Envoy Gateway and cert-manager. @default - neither */
  readonly acme?: string | undefined;
  /** Names that those outside know, the ACME server among them. @default - none but that server's */
  readonly names?: PublicNames;
  /** Spaces that its pods reach. @default - one of its own, empty */
  readonly spaces?: OutsideSpaces;
}

/**
 * Starts a cluster, and waits until its node, its name server, its Envoy Gateway and its cert-manager are ready.
 *
 * @param folder empty, or with the data of an earlier run
 * @throws {Error} if a part is not ready in three minutes; names its log
 */
export async function startRealCluster(
  folder: string,
  registry: PlayedRegistry,
  { acme, spaces = emptySpaces(folder), names, ...options }: RealClusterOptions = {},
): Promise<RealCluster> {
  const machine = await Machine.start(join(folder, "machine"), nodeName);
  try {
    const real = new RealNode(machine, {
      ...{ registry: await registry.alsoAt(machine.gateway), acme, spaces },
      names: names ?? publicNames(machine.folder, acme),
    });
    const plane = await startControlPlane(folder, [], { ...options, real });
    await available(plane.client, dnsDeployment);
    if (acme !== undefined) {
      await installEnvoyGateway(plane, join(folder, "charts"));
      // Afterwards, because it answers challenges over Gateways only where it finds their kinds.
      await installCertManager(plane, join(folder, "charts"));
    }
    return {
      ...plane,
      machine,
      authority: await authorityFile(folder, real.acme),
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

/** Keeps the certificate of an ACME server's authority beside the cluster's kubeconfig. */
async function authorityFile(folder: string, acme: Acme | undefined): Promise<string | undefined> {
  if (acme === undefined) return undefined;
  const file = join(folder, "authority.crt");
  writeFileSync(file, await acme.root());
  return file;
}

/** The address of the directory of Let's Encrypt, which production's certificates come from. */
export const letsEncrypt = acmeIssuer("production").directory;

/** Names that those outside know from the start. */
export function publicNames(folder: string, acme: string | undefined): PublicNames {
  return new PublicNames(folder, new Map(acme === undefined ? [] : [[new URL(acme).hostname, [serverAddresses.acme]]]));
}

/** The key of a Spaces of a cluster's own. */
export const spacesKey = { key: "sandbox-key", secret: "sandbox-secret" };

function emptySpaces(folder: string): OutsideSpaces {
  const [files, versions] = [join(folder, "spaces", "files"), join(folder, "spaces", "versions")];
  return { files, versions, region: "nyc3", ...spacesKey };
}
