/** The kinds of PostgreSQL server that a stack may have, with what each takes. */
import { z } from "zod";
import { dnsLabel, volumeSize } from "../fields.ts";
import {
  caCertificate,
  cloudName,
  databaseSize,
  existingHost,
  existingPort,
  existingUser,
  parameters,
  passwordVersion,
  standbyNodes,
  where,
} from "../data-shapes/service-fields.ts";
import { generation } from "./generation.ts";

const storageClass = dnsLabel.optional().meta({
  description: "StorageClass of the claim, for the life of the volume.",
  unset: "the system's own; in production one that keeps a volume whose claim is deleted",
  examples: ["do-block-storage", "do-block-storage-retain"],
});

export const claimSize = "Size of the claim; claims grow by the runbook, never by this setting.";

/** @param storage default size of the claim of a server in the cluster, `10Gi` */
export function postgresServers(storage: string) {
  return [
    z
      .strictObject({
        kind: z.literal("in-cluster"),
        generation,
        storage: volumeSize.default(storage).describe(claimSize),
        storageClass,
        version: z
          .enum(["15", "16", "17", "18"])
          .default("16")
          .describe("Major version, for the life of the volume: another one cannot read it. Clients have the same."),
        parameters: parameters("work_mem", "16MB").describe(
          "Server settings by name. `max_connections` follows from the workloads' `connections` unless it is here.",
        ),
        passwordVersion,
      })
      .describe("A StatefulSet of one pod, with a volume."),
    z
      .strictObject({
        kind: z.literal("managed"),
        generation,
        name: cloudName,
        size: databaseSize,
        nodes: standbyNodes,
        version: z.enum(["15", "16", "17", "18"]).default("16").describe("Major version; clients have the same."),
        tls: z
          .enum(["require", "verify-ca", "verify-full"])
          .default("require")
          .describe("What clients check; DigitalOcean's authority is mounted for all of them."),
        connectionPool: z
          .strictObject({
            size: z
              .int()
              .min(1)
              .max(500)
              .describe("Connections to the server.")
              .meta({ examples: [20] }),
          })
          .optional()
          .meta({
            description: "Clients connect through PgBouncer in session mode; migrations and backups past it.",
            unset: "none",
          }),
      })
      .describe("DigitalOcean's managed PostgreSQL."),
    z
      .strictObject({
        kind: z.literal("existing"),
        generation,
        host: existingHost,
        port: existingPort(5432),
        user: existingUser,
        version: z
          .enum(["14", "15", "16", "17", "18"])
          .default("18")
          .describe("The server's major version: clients of that version can also dump it. Newer clients can, too."),
        tls: z
          .enum(["disable", "require", "verify-ca", "verify-full"])
          .default("require")
          .describe("Whether clients use TLS, and what they check of the server's certificate."),
        caCertificate,
        where,
      })
      .describe("A server that exists already; its password is the secret `databasePassword`."),
  ] as const;
}

export type PostgresServerSetting = z.infer<ReturnType<typeof postgresServers>[number]>;
