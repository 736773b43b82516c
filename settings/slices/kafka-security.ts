/** How clients of Kafka brokers that exist already prove themselves. */
import { z } from "zod";
import { caCertificate, existingUser } from "./service-fields.ts";

const sasl = {
  mechanism: z
    .enum(["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"])
    .describe("How the password is proved; it is the secret `kafkaPassword`."),
  username: existingUser,
};
export const kafkaSecurity = z
  .discriminatedUnion("protocol", [
    z.strictObject({ protocol: z.literal("PLAINTEXT") }).describe("Not at all, in the clear."),
    z.strictObject({ protocol: z.literal("SSL"), caCertificate }).describe("Not at all, over TLS."),
    z.strictObject({ protocol: z.literal("SASL_PLAINTEXT"), ...sasl }).describe("With a password, in the clear."),
    z.strictObject({ protocol: z.literal("SASL_SSL"), ...sasl, caCertificate }).describe("With a password, over TLS."),
  ])
  .describe("How clients prove themselves.");
export type KafkaSecurity = z.infer<typeof kafkaSecurity>;
