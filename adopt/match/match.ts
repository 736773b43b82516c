/** Matches what the program would make with what is there. */
import { inCluster, providerOf, type Resource } from "../../graph/resource.ts";
import { byUrn } from "../../graph/stack.ts";
import type { Ground } from "../ground/ground.ts";
import type { LiveObject } from "../ground/cluster.ts";
import { findInAccount, type Found } from "./cloud.ts";
import { schemaOf } from "./schema.ts";
import { identityOf, inputsOf } from "./object.ts";

/** A resource of the program that is there already. */
export interface Match {
  readonly resource: Resource;
  /** The id with which `pulumi import` takes it over. */
  readonly id: string;
  /** The inputs with which the program would have made it as it is. */
  readonly inputs: Readonly<Record<string, unknown>>;
  /** The object, of a resource that is one. */
  readonly object?: LiveObject;
}

/** What is there of a stack. */
export interface Matches {
  /** By URN. */
  readonly found: ReadonlyMap<string, Match>;
  /** What could not be seen, so that nothing is known of it. */
  readonly unseen: readonly string[];
}

/**
 * Looks for every resource.
 *
 * @param resources of the stack, masked
 */
export async function match(resources: readonly Resource[], ground: Ground): Promise<Matches> {
  const unseen = new Set<string>();
  const all = byUrn(resources);
  const inAccount = new Map<string, Promise<Found | undefined>>();
  const found = await Promise.all(
    resources.map(async (resource): Promise<[string, Match | undefined]> => {
      const { urn } = resource;
      if (inCluster(resource)) return [urn, await objectOf(resource)];
      const one = await itemOf(urn);
      return [urn, one && { resource, id: one.id, inputs: one.inputs }];
    }),
  );
  const there = found.filter((entry): entry is [string, Match] => entry[1] !== undefined);
  return { found: new Map(there), unseen: [...unseen, ...(ground.account?.refused ?? [])].toSorted() };

  /** What is in the account in the place of a resource. What the resource names is looked for first. */
  function itemOf(urn: string): Promise<Found | undefined> {
    const known = inAccount.get(urn) ?? findItem(urn);
    inAccount.set(urn, known);
    return known;
  }

  async function findItem(urn: string): Promise<Found | undefined> {
    const resource = all.get(urn);
    const { account } = ground;
    if (resource === undefined || account === undefined || providerOf(resource) !== "digitalocean") return undefined;
    const named = Object.entries(resource.inputsFrom).map(
      async ([input, urns]): Promise<[string, string | undefined]> => {
        const items = await Promise.all(urns.map(itemOf));
        return [input, items.find((item) => item !== undefined)?.cloudId];
      },
    );
    const ids = new Map(await Promise.all(named));
    return findInAccount(resource, { account, idOf: (input) => ids.get(input) });
  }

  async function objectOf(resource: Resource): Promise<Match | undefined> {
    const identity = identityOf(resource);
    if (ground.cluster === undefined || identity === undefined) return undefined;
    const { apiVersion, kind, namespace, name } = identity;
    const listed = await ground.cluster.list(apiVersion, kind, namespace);
    if ("refused" in listed) {
      unseen.add(listed.refused);
      return undefined;
    }
    const object = listed.objects.find(({ metadata }) => metadata.name === name);
    const id = namespace === undefined ? name : `${namespace}/${name}`;
    if (object === undefined) return undefined;
    return { resource, id, inputs: inputsOf(resource, object, await schemaOf(object, ground.cluster)), object };
  }
}

/**
 * The stack as if the program had made what is there: its components, and the resources that were found, with the inputs that they
 * have. A comparison with it shows what an update would do after the import.
 *
 * @param isAsked whether a resource is looked for; the others are as if nothing would change in them
 */
export function standing(
  resources: readonly Resource[],
  { found }: Matches,
  isAsked: (resource: Resource) => boolean,
): Resource[] {
  return resources.flatMap((resource) => {
    if (!resource.custom || !isAsked(resource)) return [resource];
    const one = found.get(resource.urn);
    return one === undefined ? [] : [{ ...resource, inputs: one.inputs }];
  });
}
