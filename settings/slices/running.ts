/** What a stack may say of a workload that ran before this program: the fields that Kubernetes lets nobody change. */
import { z } from "zod";
import { dnsLabel, labels, objectName, volumeSize } from "./fields.ts";

const own = { unset: "this program's own" };

const claim = z.strictObject({
  name: dnsLabel
    .describe("Name of the template: that of a claim, up to `-<workload>-0`.")
    .meta({ examples: ["pgdata"] }),
  size: volumeSize.describe("As the template has it, though the claims may have grown since."),
  storageClass: objectName.optional().meta({
    description: "Its class.",
    unset: "none in the template: the cluster's default at that time",
    examples: ["do-block-storage"],
  }),
  labels: labels.optional().meta({ description: "Labels of the template.", unset: "none" }),
  mounts: z
    .record(
      z
        .string()
        .regex(/^\/[^\0:]*[^\0:/]$/, "use an absolute path that does not end with a slash, such as /bitnami/postgresql")
        .meta({ form: "absolute path" }),
      z.string().regex(/^([^/\0][^\0]*)?$/, 'use a folder of the volume, such as data, or "" for all of it'),
    )
    .describe('Where it is mounted, by path: a folder of the volume, or `""` for all of it.')
    .meta({ examples: [{ "/var/lib/postgresql/data": "" }, { "/var/lib/postgresql/data": "data" }] }),
});

/** The fields that must agree with an object that is there, or it could only be replaced. */
export const running = z
  .strictObject({
    selector: labels.optional().meta({
      description: "Labels that select its pods; its Services and policies select by them, too.",
      ...own,
      examples: [{ app: "database" }],
    }),
    serviceName: objectName.optional().meta({
      description: "The StatefulSet's Service. Where it is the one that clients use, there is no other.",
      ...own,
      examples: ["database"],
    }),
    headless: z
      .boolean()
      .optional()
      .meta({
        description: "Whether that Service is headless (`clusterIP: None`); `false` keeps its address.",
        ...own,
      }),
    podManagement: z
      .enum(["OrderedReady", "Parallel"])
      .optional()
      .meta({ description: "Whether the StatefulSet's pods start one by one.", ...own }),
    claims: z
      .array(claim)
      .min(1)
      .optional()
      .meta({
        description:
          "The StatefulSet's claim templates, all of them, in their order. Where the data is in a folder of its own, a variable says it, such as `PGDATA` in `env`.",
        ...own,
        examples: [
          [{ name: "pgdata", size: "20Gi", mounts: { "/var/lib/postgresql/data": "" } }],
          [{ name: "storage", size: "20Gi", mounts: { "/var/lib/postgresql/data": "data" } }],
        ],
      }),
  })
  .refine(({ claims = [] }) => new Set(claims.map(({ name }) => name)).size === claims.length, "name each claim once");
export type Running = z.infer<typeof running>;
