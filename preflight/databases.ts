/** Checks whether DigitalOcean offers the managed databases of a stack at present, and in its region. */
import { shown, type Problem } from "../settings/reading/error.ts";
import type { Settings } from "../settings/index.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import { project } from "../settings/reading/keys.ts";
import type { DigitalOceanApi } from "./api.ts";

interface Offer {
  readonly regions: readonly string[];
  readonly versions: readonly string[];
  readonly layouts: readonly { readonly num_nodes: number; readonly sizes: readonly string[] }[];
}
type Engine = "pg" | "valkey" | "kafka";
interface Wanted {
  readonly path: string;
  readonly engine: Engine;
  readonly size: string;
  readonly nodes: number;
  readonly version: string | undefined;
}
interface Existing {
  readonly engine: string;
  readonly version: string;
}

/**
 * Problems with the region, version, size or node count of managed databases; empty if there are none.
 *
 * @param facts of each system, with its data services
 */
export async function checkDatabases(
  api: DigitalOceanApi,
  { region }: PlatformSetting,
  facts: Settings["facts"],
): Promise<Problem[]> {
  const wanted = Object.entries(facts).flatMap(([key, { services }]) => managed(key, services));
  if (wanted.length === 0) return [];
  const { options } = await api.get<{ options: Partial<Record<Engine, Offer>> }>("/v2/databases/options");
  const running = await api.list<Existing>("/v2/databases", "databases");
  return wanted.flatMap((one) => {
    const offer = options[one.engine];
    return offer === undefined ? [] : checkOffer(one, offer, region, running);
  });
}

function checkOffer(one: Wanted, offer: Offer, region: string, running: readonly Existing[]): Problem[] {
  const problem = (field: string, value: unknown, offers: readonly unknown[], what: string): Problem => ({
    path: `${one.path}.${field}`,
    value: shown(value),
    problem: `${what} is not offered by DigitalOcean`,
    fix: `use one of ${offers.join(", ")}`,
  });
  const counts = offer.layouts.filter(({ sizes }) => sizes.includes(one.size)).map(({ num_nodes: nodes }) => nodes);
  const sizes = [...new Set(offer.layouts.flatMap((layout) => layout.sizes))];
  // A database that runs already may have a version that is not offered to new ones.
  const runs = running.some(({ engine, version }) => engine === one.engine && version === one.version);
  const place = { path: `${project}:platform.region`, value: shown(region) };
  return [
    ...(offer.regions.includes(region)
      ? []
      : [{ ...place, problem: `has none of ${one.path}`, fix: `use one of ${offer.regions.join(", ")}` }]),
    ...(one.version === undefined || runs || offer.versions.includes(one.version)
      ? []
      : [problem("version", one.version, offer.versions, "for a new server")]),
    ...(sizes.includes(one.size) ? [] : [problem("size", one.size, sizes, "as a size")]),
    ...(counts.length === 0 || counts.includes(one.nodes)
      ? []
      : [problem("nodes", one.nodes, counts, `with ${one.size}`)]),
  ];
}

function managed(key: string, services: Settings["facts"][string]["services"]): Wanted[] {
  return Object.entries(services).flatMap(([path, service]) => {
    if (service.kind !== "managed") return [];
    const engine = path === "redis" ? "valkey" : path === "kafka" ? "kafka" : "pg";
    const version = "version" in service ? service.version : undefined;
    return [{ path: `${key}.${path}`, engine, size: service.size, nodes: service.nodes, version }];
  });
}
