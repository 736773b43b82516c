/**
 * What is at DigitalOcean and in no state: made by an update that was cut off before it could write the answer down, or kept
 * when its resource went. To make it again would be a second one, which costs and splits the data; so it is refused, with
 * the command that takes it over.
 */
import * as pulumi from "@pulumi/pulumi";
import { DigitalOceanApi } from "./api.ts";

interface Kind {
  /** Call that lists all of them, and the root of its answer. */
  readonly path: string;
  readonly root: string;
  /** Field of an item that Pulumi has as its id. */
  readonly id: string;
}

/** Kinds whose names DigitalOcean does not keep from being used twice, or whose data a second one would split. */
export const orphanKinds: Readonly<Record<string, Kind>> = {
  "digitalocean:index/kubernetesCluster:KubernetesCluster": {
    path: "/v2/kubernetes/clusters",
    root: "kubernetes_clusters",
    id: "id",
  },
  "digitalocean:index/databaseCluster:DatabaseCluster": { path: "/v2/databases", root: "databases", id: "id" },
  "digitalocean:index/vpc:Vpc": { path: "/v2/vpcs", root: "vpcs", id: "id" },
  "digitalocean:index/project:Project": { path: "/v2/projects", root: "projects", id: "id" },
  "digitalocean:index/containerRegistry:ContainerRegistry": { path: "/v2/registries", root: "registries", id: "name" },
};

/** The id of one that has this name, if there is one. */
export async function findOrphan(
  api: DigitalOceanApi,
  { path, root, id }: Kind,
  name: string,
): Promise<string | undefined> {
  const all = await api.list<Record<string, string>>(path, root);
  return all.find((one) => one["name"] === name)?.[id];
}

/** What to type to take something over into the state. */
export function importCommand(what: {
  stack: string;
  type: string;
  name: string;
  id: string;
  parent: string;
  protect: boolean;
}): string {
  const { stack, type, name, id, parent, protect } = what;
  return [
    `npx pulumi import --stack ${stack} ${type} ${name} ${id}`,
    `--parent 'parent=${parent}' --protect=${protect} --generate-code=false --yes`,
  ].join(" ");
}

/** Has the engine ask, before it makes one of these, whether there is one already. */
export function refuseOrphans(token: pulumi.Output<string>): pulumi.ResourceTransformation {
  return ({ type, name, props, opts }) => {
    const kind = orphanKinds[type];
    if (kind === undefined || opts.parent === undefined) return undefined;
    const { parent, protect = false } = opts;
    const hook = new pulumi.ResourceHook(
      `no-orphan-${type.split(":").at(-1) ?? ""}-${name}`,
      async ({ newInputs }) => {
        const wanted = (newInputs as { name?: unknown }).name;
        if (typeof wanted !== "string") return;
        const id = await findOrphan(new DigitalOceanApi(await known(token)), kind, wanted);
        if (id === undefined) return;
        const command = importCommand({
          stack: pulumi.getStack(),
          type,
          name,
          id,
          parent: await known(parent.urn),
          protect,
        });
        throw new Error(
          `${wanted} is there already, as ${id}, and this stack's state does not know it. Once it is ready, take it over:\n  ${command}`,
        );
      },
      { onDryRun: true },
    );
    return {
      props,
      opts: { ...opts, hooks: { ...opts.hooks, beforeCreate: [...(opts.hooks?.beforeCreate ?? []), hook] } },
    };
  };
}

/** An output's value, once it is there. */
function known<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}
