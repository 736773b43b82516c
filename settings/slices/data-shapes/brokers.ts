/** RabbitMQ, and how clients of Kafka brokers that exist already prove themselves. */
import { z } from "zod";
import { volumeSize } from "../fields.ts";
import {
  caCertificate,
  existingHost,
  existingPort,
  existingUser,
  parameters,
  passwordVersion,
  where,
} from "./service-fields.ts";

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

/** RabbitMQ: a StatefulSet, or a broker that exists already. DigitalOcean has no managed RabbitMQ. */
export const rabbitMqSetting = z
  .discriminatedUnion(
    "kind",
    [
      z
        .strictObject({
          kind: z.literal("in-cluster"),
          storage: volumeSize
            .default("5Gi")
            .describe("Size of the claim; claims grow by the runbook, never by this setting."),
          config: parameters("consumer_timeout", "3600000").describe(
            "Further lines of rabbitmq.conf, by name. What the broker takes for its memory follows from the container's limit.",
          ),
          passwordVersion,
        })
        .describe("A StatefulSet of one pod, with a volume."),
      z
        .strictObject({
          kind: z.literal("existing"),
          host: existingHost,
          port: existingPort(5672),
          user: existingUser,
          where,
        })
        .describe(
          "A broker that exists already, with the system's virtual hosts; its password is the secret `rabbitmqPassword`. " +
            "Clients speak AMQP without TLS.",
        ),
    ],
    { error: 'use "in-cluster" or "existing"; DigitalOcean has no managed RabbitMQ' },
  )
  .prefault({ kind: "in-cluster" })
  .describe("RabbitMQ; DigitalOcean has no managed one.");
export type RabbitMqSetting = z.infer<typeof rabbitMqSetting>;
