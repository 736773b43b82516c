/** The stacks that Bow-Mark's acceptance lines are about, and how the tests ask about them. */
import { parse } from "yaml";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { SettingsError } from "../../../settings/reading/error.ts";
import { parseSettings } from "../../../systems/settings.ts";
import { alone, type Loose, type RenderedStack } from "../../support/stack.ts";

export const bowmark = alone("bowmark");
export const prod = await bowmark("prod");

export const key = "doks-systems:bowmark";
export const servers = ["server-deployment", "server-concrete-deployment"];
export const workers = ["worker-deployment", "worker-concrete-deployment"];
export const consumers = ["consumer-deployment", "consumer-concrete-deployment"];
const clients = ["client-deployment", "client-concrete-deployment"];
export const six = [...servers, ...workers, ...consumers];
export const eight = [...six, ...clients];

/** The Deployment's spec, and its or another owner's first container. */
export const deployment = (name: string): Loose => prod.object("Deployment", name).spec;
export const container = (name: string, kind = "Deployment"): Loose => prod.podSpec(kind, name).containers[0];

export function settingsOf(name: string, patch: Record<string, unknown>): void {
  parseSettings(name, readStackFile(name, patch));
}

export function settingsError(name: string, patch: Record<string, unknown>): SettingsError {
  try {
    settingsOf(name, patch);
  } catch (error) {
    if (error instanceof SettingsError) return error;
    throw error;
  }
  throw new Error("the settings were accepted");
}

export function claim(name: string, storage: string): object {
  return {
    metadata: { name },
    spec: {
      accessModes: ["ReadWriteOnce"],
      storageClassName: "do-block-storage",
      resources: { requests: { storage } },
    },
  };
}

export function definitions(): Loose {
  return parse(prod.object("Secret", "rabbitmq-definitions").stringData["definitions.json"]);
}

/** What `secret/key` holds. */
export function secretValue(reference: string | undefined): string | undefined {
  const [name = "", entry = ""] = (reference ?? "").split("/");
  return prod.object("Secret", name).stringData[entry];
}

export function sameKeys(...keys: string[]): (given: string[]) => boolean {
  return (given) => JSON.stringify(given.toSorted()) === JSON.stringify(keys.toSorted());
}

export function loadBalancer(): string {
  return (prod.rendering.outputs["platform"] as { loadBalancer: string }).loadBalancer;
}

/** Label selectors of the pods that policies admit to a port of a server. */
export function admittedCallers(server: string, port: number, one: RenderedStack = prod): string[] {
  const policies: Loose[] = one.all("NetworkPolicy").map(({ inputs }) => inputs);
  return policies
    .filter(({ spec }) => spec.podSelector.matchLabels?.app === server)
    .flatMap(({ spec }) => spec.ingress ?? [])
    .filter((rule: Loose) => rule.ports.some((entry: Loose) => entry.port === port))
    .flatMap((rule: Loose) => rule.from)
    .map(
      (peer: Loose) =>
        Object.entries(peer.podSelector.matchLabels).map(([label, value]) => `${label}=${String(value)}`)[0] ?? "",
    )
    .toSorted();
}
