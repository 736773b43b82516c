/** Sizes and names of what a DigitalOcean account has already: another size, region or range would mean another resource. */
import { kindOf, type Resource } from "../../graph/resource.ts";
import { settingsKey } from "../../preview/review/setting.ts";
import { isGroup } from "../../settings/reading/group.ts";
import type { Agree, Seen, Suggestion } from "./suggestion.ts";

/** For each kind, the setting of each input that must agree. The setting's path is below the one that the resource is shaped by. */
const settings: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  Vpc: { ipRange: "cluster.vpcRange" },
  KubernetesCluster: {
    ...{
      region: "region",
      ha: "cluster.ha",
      clusterSubnet: "cluster.clusterSubnet",
      serviceSubnet: "cluster.serviceSubnet",
    },
    ...{ "nodePool.size": "cluster.systemPool.size", "nodePool.nodeCount": "cluster.systemPool.count" },
  },
  KubernetesNodePool: { size: "size", minNodes: "min", maxNodes: "max" },
  DatabaseCluster: { size: "size", nodeCount: "nodes", version: "version" },
};

/** The service that a managed database is, by its engine. */
const services: Readonly<Record<string, string>> = { pg: "database", valkey: "redis", kafka: "kafka" };

/** Sizes, regions and ranges of what was found. */
export const cloudValues: Agree = (seen) =>
  [...seen.matches.found.values()].flatMap(({ resource, inputs }) => {
    const root = rootOf(resource, seen);
    if (root === undefined) return [];
    return Object.entries(settings[kindOf(resource)] ?? {}).flatMap(([input, setting]): Suggestion[] => {
      const [wanted, there] = [at(resource.inputs, input), at(inputs, input)];
      if (there === undefined || there === wanted) return [];
      const what = `${kindOf(resource)} ${String(resource.inputs["name"])}`;
      return [{ path: `${root}.${setting}`, value: there, why: `${what} has it` }];
    });
  });

function rootOf(resource: Resource, { all }: Seen): string | undefined {
  const kind = kindOf(resource);
  if (kind === "KubernetesNodePool") return `platform.pools.${String(resource.inputs["name"])}`;
  if (kind !== "DatabaseCluster") return "platform";
  const service = services[String(resource.inputs["engine"])];
  const key = settingsKey(resource, all);
  return service === undefined || key === undefined ? undefined : `${key}.${service}`;
}

function at(inputs: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split(".").reduce<unknown>((value, step) => (isGroup(value) ? value[step] : undefined), inputs);
}

/** Guesses at what has another name than the program would give it: the one of its kind that the account has. */
export const cloudNames: Agree = async (seen) => {
  const { account } = seen.ground;
  if (account === undefined) return [];
  const absent = seen.resources.filter((one) => !seen.matches.found.has(one.urn));
  const guesses = absent.map(async (resource): Promise<Suggestion | undefined> => {
    const kind = kindOf(resource);
    if (kind === "ContainerRegistry") {
      const [only, ...more] = await account.list("/v2/registries", "registries");
      if (only === undefined || more.length > 0) return undefined;
      const why = "is the only registry of the account";
      return {
        path: "platform.registry",
        value: { kind: "existing", name: only["name"], tier: null },
        why: `${String(only["name"])} ${why}`,
      };
    }
    if (kind !== "DatabaseCluster") return undefined;
    const { engine, region } = resource.inputs;
    const all = await account.list("/v2/databases", "databases");
    const [only, ...more] = all.filter(
      (one) => one["engine"] === engine && one["region"] === region && !isTaken(one["name"], seen),
    );
    const root = rootOf(resource, seen);
    if (only === undefined || more.length > 0 || root === undefined) return undefined;
    return {
      path: `${root}.name`,
      value: only["name"],
      why: `${String(only["name"])} is the only ${String(engine)} of the region that nothing else is matched with`,
    };
  });
  return (await Promise.all(guesses)).filter((one) => one !== undefined);
};

function isTaken(name: unknown, { matches }: Seen): boolean {
  return [...matches.found.values()].some(
    ({ resource }) => kindOf(resource) === "DatabaseCluster" && resource.inputs["name"] === name,
  );
}
