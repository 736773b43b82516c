/** How clients prove themselves to brokers, in the forms that Java clients and librdkafka take. Pure. */
import type { KafkaSecurity } from "../../settings/slices/kafka-security.ts";

/** Where clients' pods find the brokers' certificate authority. */
export const caPath = "/etc/kafka-client/ca.crt";

/** Java's login module for a SASL mechanism, with user and password. */
export function jaasConfig(mechanism: string, username: string, password: string): string {
  const module =
    mechanism === "PLAIN"
      ? "org.apache.kafka.common.security.plain.PlainLoginModule"
      : "org.apache.kafka.common.security.scram.ScramLoginModule";
  const quoted = (text: string) => `"${text.replaceAll(/["\\]/g, "\\$&")}"`;
  return `${module} required username=${quoted(username)} password=${quoted(password)};`;
}

/** A Java client's settings by name; the password is in one of them. */
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

/** As a properties file; backslashes begin escapes there. */
export function propertiesFile(settings: Record<string, string>): string {
  return Object.entries(settings)
    .map(([key, value]) => `${key}=${value.replaceAll("\\", "\\\\")}\n`)
    .join("");
}
