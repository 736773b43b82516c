/** The cluster of a stack, and its node pools. */
import { z } from "zod";
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
  .discriminatedUnion("source", [createCluster, stackCluster, kubeconfigCluster])
  .describe("The cluster that the systems run on.");

const nodes = z.int().min(1).max(512);

export const poolsSetting = z
  .record(
    dnsLabel,
    z.strictObject({
      size: sizeSlug.describe("Size of its nodes."),
      min: nodes.describe("Nodes that it always has.").meta({ examples: [2] }),
      max: nodes.describe("Nodes that DigitalOcean's autoscaler adds at most.").meta({ examples: [40] }),
    }),
  )
  .default({})
  .describe("Node pools by name; `min` and `max` bound DigitalOcean's autoscaler.")
  .meta({ examples: [{ batch: { size: "s-4vcpu-8gb", min: 1, max: 3 } }] });
