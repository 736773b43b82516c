/** The fields that the settings of several data services have. */
import { z } from "zod";
import { dnsLabel, port, serverHost, volumeSize } from "../fields.ts";
import { ports, privateAddresses, publicAddresses, somePods } from "../workload-parts.ts";

export const passwordVersion = z
  .int()
  .min(1)
  .max(99)
  .default(1)
  .describe("Raise it by one for a new password; the running server, the Secret and the readers follow in one update.")
  .meta({ examples: [2] });

const internet = z
  .strictObject({ kind: z.literal("internet"), addresses: publicAddresses })
  .describe("On the internet.");
const privateNetwork = z
  .strictObject({ kind: z.literal("private"), addresses: privateAddresses })
  .describe("At a private address, such as one of a VPC.");
const podsOfOthers = z
  .strictObject({
    kind: z.literal("pods"),
    ...somePods,
    ports: ports.optional().meta({
      description: "TCP ports of the pods, where they are not those that clients connect to.",
      unset: "the same",
      examples: [[5432], [6432]],
    }),
  })
  .describe("Pods of the cluster that somebody else keeps, who must let the system's pods in.");

/** Where a server outside of the cluster is. */
export const outsideWhere = z
  .discriminatedUnion("kind", [internet, privateNetwork])
  .default({ kind: "internet" })
  .describe("Where it is; clients may connect to nowhere else.");
/** Where a server that exists already is. */
export const where = z
  .discriminatedUnion("kind", [internet, privateNetwork, podsOfOthers])
  .default({ kind: "internet" })
  .describe("Where the server is; clients may connect to nowhere else.");
export type Where = z.infer<typeof where>;

export const existingHost = serverHost.describe(
  "Name of the server; for one in the cluster that of its Service, `postgres.shop.svc.cluster.local`.",
);
export const existingPort = (usual: number) =>
  port.default(usual).meta({ description: "Port of the server.", examples: [25_060] });
export const existingUser = z
  .string()
  .min(1)
  .describe("Who logs in.")
  .meta({ examples: ["reports", "admin"] });

/** DigitalOcean's name and size of a managed service. */
export const cloudName = dnsLabel
  .min(3, "use at least three characters")
  .optional()
  .meta({
    description: "DigitalOcean's name, for life: another one is another server.",
    unset: "generated",
    examples: ["my-database", "other-database"],
  });
export const databaseSize = z
  .string()
  .regex(/^[a-z0-9_]+(-[a-z0-9_]+)+$/, "use a database size slug, such as db-s-1vcpu-2gb")
  .describe("Size of each of its nodes.")
  .meta({ form: "database size slug", examples: ["db-s-2vcpu-4gb", "db-s-4vcpu-8gb"] });

export const standbyNodes = z
  .int()
  .min(1)
  .max(3)
  .default(1)
  .describe("1, or 2 to 3 with standby nodes (not on the 1 GB size).")
  .meta({ examples: [3] });

/** PEM of whoever signed a server's certificate. */
export const caCertificate = z
  .string()
  .startsWith("-----BEGIN CERTIFICATE-----", "give the certificate as PEM")
  .optional()
  .meta({
    description: "PEM of the authority that signed the server's certificate.",
    form: "PEM of a certificate",
    unset: "the public ones",
    examples: ["-----BEGIN CERTIFICATE-----\nMIIB…", "-----BEGIN CERTIFICATE-----\nMIIC…"],
  });

/** Further settings of a server, as its own file takes them. */
export function parameters(name: string, value: string) {
  return z
    .record(
      z
        .string()
        .regex(/^[a-z][a-z0-9_.-]*$/, `use a setting's name, such as ${name}`)
        .meta({ form: "setting" }),
      z.string("put it in quotes: values are texts").regex(/^[^\r\n]*$/, "keep it on one line"),
    )
    .default({})
    .meta({ examples: [{ [name]: value }] });
}

/** An odd count, so that one half and the other can never both have a majority. */
export const members = z.union([z.literal(1), z.literal(3), z.literal(5)]).default(3);
export const claim = (size: string) =>
  volumeSize.default(size).describe("Size of each member's claim; claims grow by the runbook, never by this setting.");
