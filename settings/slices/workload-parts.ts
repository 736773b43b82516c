/** Parts of what a stack may say of a workload: how Kubernetes asks whether it is well, and whom it talks to. */
import { z } from "zod";
import { cidr, dnsLabel, labels, port } from "./fields.ts";

export const seconds = z
  .int()
  .min(0)
  .max(3600)
  .meta({ examples: [20] });
export const someSeconds = z
  .int()
  .min(1)
  .max(3600)
  .meta({ examples: [20] });
/** Without it a workload stays as its system has it. */
export const system = { unset: "the system's" };
const kubernetes = { unset: "the system's, else Kubernetes'" };

/** A port's name as Kubernetes takes it: a letter in it, no two dashes together. */
export const portName = z
  .string()
  .max(15, "use at most 15 characters")
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "use lower-case letters, digits and single dashes, beginning with a letter")
  .meta({ form: "name of a port" });
const portReference = z.union([port, portName]).meta({ examples: ["http"] });

export const probe = z
  .strictObject({
    http: z
      .strictObject({
        path: z
          .string()
          .startsWith("/", "begin the path with a slash")
          .optional()
          .meta({ description: "What is asked for.", form: "path", unset: "`/`", examples: ["/healthz"] }),
        port: portReference.optional().meta({ description: "Which port is asked.", unset: "the first" }),
        scheme: z.enum(["HTTP", "HTTPS"]).optional().meta({ description: "With TLS or without.", unset: "`HTTP`" }),
      })
      .optional()
      .meta({ description: "A GET that must answer 200 to 399.", examples: [{ path: "/healthz" }], ...system }),
    tcp: portReference.optional().meta({ description: "A port that must take connections.", ...system }),
    exec: z
      .array(z.string())
      .min(1)
      .optional()
      .meta({ description: "A command that must end with 0.", examples: [["sh", "-c", "test -e /tmp/ok"]], ...system }),
    initialDelaySeconds: seconds
      .optional()
      .meta({ description: "Seconds from the start of the container to the first probe.", ...kubernetes }),
    periodSeconds: someSeconds.optional().meta({ description: "Seconds from one probe to the next.", ...kubernetes }),
    timeoutSeconds: someSeconds
      .optional()
      .meta({ description: "Seconds until a probe without an answer has failed.", examples: [7], ...kubernetes }),
    successThreshold: z
      .int()
      .min(1)
      .max(100)
      .optional()
      .meta({ description: "Probes in a row until it is well again.", examples: [2], ...kubernetes }),
    failureThreshold: z
      .int()
      .min(1)
      .max(1000)
      .optional()
      .meta({ description: "Failed probes in a row until it counts.", examples: [6], ...kubernetes }),
  })
  .refine(
    ({ http, tcp, exec }) => [http, tcp, exec].filter((one) => one !== undefined).length <= 1,
    "give one of http, tcp and exec",
  )
  .meta({ id: "probe" });
export const probeOrOff = z.union([z.literal("off"), probe]);

export const ports = z
  .array(port)
  .min(1)
  .describe("TCP ports.")
  .meta({ examples: [[8443], [9443]] });
const addresses = z
  .array(cidr("10.116.0.0/20"))
  .min(1)
  .meta({ examples: [["10.116.0.0/20"], ["10.117.0.0/20"]] });
export const publicAddresses = addresses.optional().meta({
  description: "Which public addresses.",
  unset: "all",
  examples: [["203.0.113.0/24"], ["198.51.100.0/24"]],
});
export const privateAddresses = addresses.describe("Which addresses.");
export const somePods = {
  namespace: dnsLabel.optional().meta({ description: "Their namespace.", unset: "the system's own" }),
  labels: labels.optional().meta({ description: "Their labels.", unset: "every pod of the namespace" }),
};

export const reach = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("internet"), addresses: publicAddresses, ports }).describe("Public addresses."),
  z
    .strictObject({ kind: z.literal("private"), addresses: privateAddresses, ports })
    .describe("Private addresses, such as those of a VPC."),
  z.strictObject({ kind: z.literal("pods"), ...somePods, ports }).describe("Pods of the cluster."),
]);

const ownPorts = ports
  .optional()
  .meta({ description: "Which of the workload's TCP ports.", unset: "all", examples: [[8443], [9090]] });
export const visitor = z
  .discriminatedUnion("kind", [
    z.strictObject({ kind: z.literal("pods"), ...somePods, ports: ownPorts }).describe("Pods of the cluster."),
    z.strictObject({ kind: z.literal("cluster"), ports: ownPorts }).describe("Every pod of the cluster."),
    z
      .strictObject({ kind: z.literal("addresses"), addresses: privateAddresses, ports: ownPorts })
      .describe("Addresses outside the cluster."),
  ])
  .describe("Who may connect to it.");
