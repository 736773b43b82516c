/**
 * Orphans: resources that exist at DigitalOcean but are not in the stack's state. An update was interrupted before it
 * could save them, or they were retained when their resource was deleted. Making them a second time would cost money
 * and split the data, so it is refused, with the command that imports them.
 */
import * as pulumi from "@pulumi/pulumi";
import { DigitalOceanApi } from "./api.ts";

interface Kind {
  /** Path of the API that lists the resources of this kind. */
  readonly path: string;
  /** Key of the items in the response. */
  readonly root: string;
  /** Field of an item that is Pulumi's id of the resource. */
  readonly id: string;
}

/**
 * Kinds to look for, by Pulumi's type token: DigitalOcean lets a name be used twice, or a second resource would split
 * the data.
 */
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

/** Id of the resource with a name at DigitalOcean; undefined if there is none. */
export async function findOrphan(
  api: DigitalOceanApi,
  { path, root, id }: Kind,
  name: string,
): Promise<string | undefined> {
  const all = await api.list<Record<string, string>>(path, root);
  return all.find((one) => one["name"] === name)?.[id];
}

/** The command that imports an existing resource into a stack's state. */
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

/**
 * Transformation that gives resources of these kinds a hook. Before the engine creates one, also in a preview, the hook
 * fails if a resource of that name exists at DigitalOcean.
 */
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
        const id = await findOrphan(new DigitalOceanApi(await valueOf(token)), kind, wanted);
        if (id === undefined) return;
        const command = importCommand({
          stack: pulumi.getStack(),
          type,
          name,
          id,
          parent: await valueOf(parent.urn),
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

/** Waits for the value of an output. */
function valueOf<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => {
    output.apply((value) => {
      resolve(value);
    });
  });
}
