/** The stacks that Caracal's acceptance lines are about, and how the tests ask about them. */
import { alone, type Loose } from "../../support/stack.ts";

export const caracal = alone("caracal");
export const key = "doks-systems:caracal";
export const prod = await caracal("prod");
export const staging = await caracal("staging");
export const local = await caracal("local");
export const consumers = ["ledger-writer", "metrics-aggregator", "audit-logger"];
export const services = ["caracal-gateway", "caracal-mcp-adapter", ...consumers.map((name) => `caracal-${name}`)];
export const deployment = (name: string, one = prod): Loose => one.object("Deployment", name).spec;
export const container = (name: string, kind = "Deployment", one = prod): Loose =>
  one.podSpec(kind, name).containers[0];
export const set = (name: string, one = prod): Loose => one.object("StatefulSet", name).spec;
export const config = (one = prod): Record<string, string> => one.object("ConfigMap", "caracal-config-v03").data;
export const secret = (name: string, one = prod): Record<string, string> =>
  one.object("kubernetes:core/v1:Secret", name).stringData;
export const own = (one = prod) =>
  one.objects().filter(({ metadata }) => metadata.namespace === "caracal") as unknown as Loose[];
export const storage = (name: string, one = prod): string =>
  set(name, one).volumeClaimTemplates[0].spec.resources.requests.storage;
