/** Settings with which clients log in to brokers, in the forms that Java clients read. Pure. */
import type { KafkaSecurity } from "../../settings/slices/data-shapes/brokers.ts";

/** Path in clients' containers of the certificate (PEM) of the brokers' authority. */
export const caPath = "/etc/kafka-client/ca.crt";

/**
 * `sasl.jaas.config` of a Java client: its login module with user and password.
 *
 * @param mechanism `PLAIN`, `SCRAM-SHA-256` or `SCRAM-SHA-512`
 */
export function jaasConfig(mechanism: string, username: string, password: string): string {
  const module =
    mechanism === "PLAIN"
      ? "org.apache.kafka.common.security.plain.PlainLoginModule"
      : "org.apache.kafka.common.security.scram.ScramLoginModule";
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  return `${module} required username=${quoted(username)} password=${quoted(password)};`;
}

/**
 * Security settings of a Java client, by name; `sasl.jaas.config` contains the password.
 *
 * @param hasCertificate whether the file at `caPath` exists, to verify the brokers by
 */
export function javaSettings(
  security: KafkaSecurity,
  password: string | undefined,
  hasCertificate: boolean,
): Record<string, string> {
  return {
    "security.protocol": security.protocol,
    ...("mechanism" in security
      ? {
          "sasl.mechanism": security.mechanism,
          "sasl.jaas.config": jaasConfig(security.mechanism, security.username, password ?? ""),
        }
      : {}),
    ...(hasCertificate ? { "ssl.truststore.type": "PEM", "ssl.truststore.location": caPath } : {}),
  };
}

/** Content of a Java properties file, in which a backslash must be doubled. */
export function propertiesFile(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll("\\", "\\\\")}\n`)
    .join("");
}
