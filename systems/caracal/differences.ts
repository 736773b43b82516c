import type { Difference } from "../../settings/slices/facts.ts";
import type { CaracalSetting } from "./settings.ts";

/** Differences from the README of the v0.3 manifests, and what images must have that the published ones lack. */
export const caracalDifferences: readonly Difference<CaracalSetting>[] = [
  {
    path: "imageTag",
    text:
      "must name images that start: of those that the v0.3 revision builds none does. The consumers' needs an entry point " +
      "that runs CONSUMER_TYPE until it is told to stop, the gateway's and the adapter's their programs",
  },
  {
    path: "workloads.caracal-db-migrate.command",
    text:
      "is a script on alembic's own interface; the document's `caracal db init` and `caracal db migrate up` are not " +
      "commands of the image's tool, and its `init-db` skips pending migrations",
  },
  {
    path: "workloads.caracal-gateway.reaches",
    text: "allows the internet on port 443, because the gateway forwards calls there; name other ports and pods in it",
  },
  {
    path: "workloads.caracal-gateway.probes",
    text:
      "look at port 8443; the document's metrics port 9090 has no listener. Gateway and adapter are not scraped: the " +
      "one has its metrics behind its TLS, the other has none",
  },
  {
    path: "workloads.caracal-mcp-adapter.env.LISTEN_ADDRESS",
    text: "is 0.0.0.0:8080 for the adapter alone; the ConfigMap's 0.0.0.0:8443 is the gateway's",
  },
  {
    path: "mtls",
    text: "is off: TLS_CA_FILE is empty, because the image takes the mounted ca.crt when the variable is missing, and asks for certificates",
    when: ({ mtls }) => !mtls,
  },
  {
    path: "workloads.caracal-ledger-writer.graceSeconds",
    text:
      "does not finish a batch: the consumers do not listen for SIGTERM, are killed after 60 s, and read the rest of " +
      "their batch again",
  },
  {
    path: "kafka.security",
    text: "has SASL, which the consumers' image does not use in its wait for Kafka at start: it needs an image that does",
    when: ({ kafka }) => kafka.kind === "managed" || (kafka.kind === "existing" && "mechanism" in kafka.security),
  },
  {
    path: "kafka",
    text:
      "has no alert for consumer lag, dead letters or a stalled ledger: the images export none of these numbers; they " +
      "come from an exporter beside the brokers (platform.addons.charts, workloads.caracal-kafka.reachedBy)",
  },
  {
    path: "workloads.caracal-mcp-adapter.reachedBy",
    text: "names nobody, so no agent may call the adapter. Name who may: {agents: {kind: pods, namespace: agents}}",
    when: ({ workloads }) => workloads["caracal-mcp-adapter"]?.reachedBy === undefined,
  },
  {
    path: "workloads.caracal-gateway.reachedBy",
    text:
      'names nobody, and exposure is "cluster-ip": nobody may call the gateway. Name who may: ' +
      "{agents: {kind: pods, namespace: agents}}",
    when: ({ exposure, workloads }) =>
      exposure.kind === "cluster-ip" && workloads["caracal-gateway"]?.reachedBy === undefined,
  },
];
