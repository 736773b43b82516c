/** The cluster of a stack, and its node pools. */
import { z } from "zod";
import { poolLabel } from "../../catalogue/doks.ts";
import { cidr, dnsLabel } from "../slices/fields.ts";

const sizeSlug = z
  .string()
  .regex(/^[a-z0-9_]+(-[a-z0-9_]+)+$/, "use a Droplet size slug, such as s-4vcpu-8gb")
  .meta({ form: "Droplet size slug", examples: ["s-2vcpu-4gb", "s-8vcpu-16gb"] });

const minorVersion = z
  .string()
  .regex(/^1\.[0-9]{2}$/, 'use a Kubernetes minor version in quotes, such as "1.36"')
  .meta({ form: "Kubernetes minor in quotes", examples: ["1.36", "1.35"] });

const createCluster = z
  .strictObject({
    source: z.literal("create"),
    name: dnsLabel.optional().meta({
      description: "DigitalOcean's name of the cluster and its VPC.",
      examples: ["my-cluster"],
      unset: "`doks-<stack>`",
    }),
    version: minorVersion.describe(
      "Kubernetes minor; DigitalOcean's newest patch of it is taken at creation, later patches install themselves.",
    ),
    upgradeTo: minorVersion.optional().meta({
      description: "Set it to the next minor to upgrade in place; afterwards move it to `version`.",
      unset: "no upgrade",
      examples: ["1.37"],
    }),
    ha: z.boolean().describe("Highly available control plane: 40 $ a month, cannot be switched off again."),
    systemPool: z
      .strictObject({
        size: sizeSlug.describe("Size of its nodes."),
        count: z
          .int()
          .min(1)
          .max(10)
          .describe("How many nodes it has.")
          .meta({ examples: [3] }),
      })
      .describe("The built-in pool, for add-ons. Changing its size replaces the whole cluster, so it stays as it is."),
    vpcRange: cidr("10.30.0.0/20")
      .default("10.20.0.0/20")
      .describe("Of nodes and managed databases, /16 to /28. No two networks of a DigitalOcean account may overlap."),
    clusterSubnet: cidr("10.110.0.0/16")
      .default("10.100.0.0/16")
      .describe("Of pods, a /25 for each node; it cannot grow."),
    serviceSubnet: cidr("10.111.0.0/19")
      .default("10.101.0.0/19")
      .describe("Of Services, an address each; it cannot grow."),
    nat: z
      .union([
        z.literal(false),
        z.strictObject({
          size: z
            .int()
            .min(1)
            .max(64)
            .default(1)
            .describe("Size of the gateway, as DigitalOcean counts it: 1 is the smallest.")
            .meta({ examples: [2] }),
        }),
      ])
      .default(false)
      .describe(
        "A NAT gateway, so that all requests to the internet come from one address that stays: the stack output " +
          "`platform.outgoingAddresses`, for access lists of others. Without it they come from the nodes, whose addresses change.",
      )
      .meta({ examples: [{ size: 1 }] }),
    maintenance: z
      .strictObject({
        day: z
          .enum(["any", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"])
          .describe("Day of the week."),
        startTime: z
          .string()
          .regex(/^([01][0-9]|2[0-3]):00$/, 'use a full hour in UTC, in quotes, such as "04:00"')
          .describe("When it begins; it ends four hours later.")
          .meta({ form: "full hour in UTC, in quotes", examples: ["05:00"] }),
      })
      .default({ day: "sunday", startTime: "04:00" })
      .describe("When DigitalOcean installs patches."),
  })
  .describe("A DOKS cluster of this stack, in a VPC of its own.");

const existingCluster = z
  .strictObject({
    source: z.literal("existing"),
    name: z
      .string()
      .min(1)
      .max(255)
      .optional()
      .meta({
        description:
          "DigitalOcean's name of it; `name` or `id`, not both. A cluster that is made anew under this name is another one.",
        unset: "`id` says which",
        examples: ["k8s-prod", "k8s-staging"],
      }),
    id: z
      .uuid("use the cluster's UUID, the column ID of `doctl kubernetes cluster list`")
      .optional()
      .meta({
        description: "DigitalOcean's id of it.",
        unset: "`name` says which",
        form: "UUID",
        examples: ["8d91899c-0739-4a1a-acc5-deadbeefbb8f", "bd5f5959-5e1e-4205-a714-a914373942af"],
      }),
  })
  .describe(
    "A DOKS cluster of the account that this program has not made. It is never changed, moved to a project, or deleted; `pools` says " +
      "which of its pools are used, and which are made in it.",
  );

/** A label's key, as Kubernetes takes it. Source: Kubernetes, "Labels and Selectors". */
const labelKey = z
  .string()
  .regex(
    /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?\/)?[A-Za-z0-9]([\w.-]{0,61}[A-Za-z0-9])?$/,
    "use the key of a label, such as doks.digitalocean.com/node-pool",
  )
  .meta({ form: "key of a label", examples: ["example.com/pool"] });

const storageClassName = z
  .string()
  .regex(
    /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/,
    "use the name of a StorageClass (kubectl get storageclass), or default",
  );

const kubeconfigCluster = z
  .strictObject({
    source: z.literal("kubeconfig"),
    path: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "File to read.",
        unset: "what `kubectl` would use: `$KUBECONFIG`, else `~/.kube/config`",
        examples: ["/home/me/.kube/kind.yaml"],
      }),
    context: z
      .string()
      .min(1)
      .optional()
      .meta({
        description: "Which cluster of the file.",
        unset: "the file's current context",
        examples: ["kind-doks"],
      }),
    storageClass: storageClassName.default("default").meta({
      description:
        "Class of every volume; `default` names none, so that each is of the cluster's default class. Claims of StatefulSets " +
        "never change theirs.",
      form: "name of a StorageClass, or `default`",
      examples: ["do-block-storage-retain", "standard"],
    }),
    nodeSelectors: z
      .union([
        z.literal(false),
        z.strictObject({
          label: labelKey
            .default(poolLabel)
            .describe("Key of the node label whose value is the name of the pool that a pod must run on."),
        }),
      ])
      .default(false)
      .describe("Whether pods keep to the pools that the systems name. `false` lets them run on any node.")
      .meta({ examples: [{ label: "example.com/pool" }] }),
  })
  .describe("Any cluster that you can reach with `kubectl`.");

const stackCluster = z
  .strictObject({
    source: z.literal("stack"),
    stack: z
      .string()
      .regex(/^[\w.-]+(\/[\w.-]+){0,2}$/, "use a stack's name, such as organization/doks-systems/platform")
      .describe("The stack that made the cluster with this program; its output `platform` says where it is.")
      .meta({ form: "name of a stack", examples: ["my-org/doks-systems/platform", "my-org/doks-systems/shared"] }),
  })
  .describe("The cluster of another stack of this program.");

export const clusterSetting = z
  .discriminatedUnion("source", [createCluster, existingCluster, stackCluster, kubeconfigCluster])
  .describe("The cluster that the systems run on.");

const nodes = z.int().min(1).max(512);

const madePool = z
  .strictObject({
    kind: z.literal("create").optional(),
    size: sizeSlug.describe("Size of its nodes."),
    min: nodes.describe("Nodes that it always has.").meta({ examples: [2] }),
    max: nodes.describe("Nodes that DigitalOcean's autoscaler adds at most.").meta({ examples: [40] }),
  })
  .describe("This stack makes it.");

const toCount = "only to count whether pods fit";
const existingPool = z
  .strictObject({
    kind: z.literal("existing"),
    size: sizeSlug.optional().meta({ description: `Size of its nodes, ${toCount}.`, unset: "not counted" }),
    min: nodes.optional().meta({
      description: `Nodes that it always has, ${toCount}.`,
      unset: "as many as `max`",
      examples: [2],
    }),
    max: nodes
      .optional()
      .meta({ description: `Nodes that it has at most, ${toCount}.`, unset: "not counted", examples: [40] }),
  })
  .describe("The cluster has it already: pods run on it, and this stack never changes it.");

const pool = z
  .discriminatedUnion("kind", [madePool, existingPool])
  .describe("One that this stack makes, unless it says `kind: existing`.");

export const poolsSetting = z
  .record(dnsLabel, pool)
  .default({})
  .describe("Node pools by name; `min` and `max` bound DigitalOcean's autoscaler.")
  .meta({ examples: [{ batch: { size: "s-4vcpu-8gb", min: 1, max: 3 } }] });

type Pools = z.infer<typeof poolsSetting>;

/** The pools that the stack makes, without those that the cluster has already. */
export function madePools(pools: Pools): Readonly<Record<string, Extract<Pools[string], { kind?: "create" }>>> {
  return Object.fromEntries(
    Object.entries(pools).flatMap(([name, one]) => (one.kind === "existing" ? [] : [[name, one]])),
  );
}
