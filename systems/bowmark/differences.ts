import type { Difference } from "../../settings/slices/facts.ts";
import type { BowMarkSetting } from "./settings.ts";

/** Differences from the document "Production Infrastructure". */
export const bowMarkDifferences: readonly Difference<BowMarkSetting>[] = [
  {
    path: "workloads.client-deployment.env.SSR_API_URL",
    text:
      "names the server inside the cluster, for both apps' clients; the document gives them no variables, and then " +
      "their server-rendered pages ask the public host and end with 500",
  },
  {
    path: "workloads.consumer-deployment.probes.liveness",
    text:
      "restarts a consumer (of either app) that has had no connection to RabbitMQ for ten minutes; the document has no " +
      "probe, and the image stays alive without consuming after any restart of the broker",
  },
  {
    path: "migrations",
    text:
      "run as Jobs before the consumers roll; the document has an init container, which takes the old consumer away " +
      "before a migration has succeeded",
  },
  {
    path: "email.port",
    text: "is for SMTP with STARTTLS; the image speaks implicit TLS alone, so no mail leaves: use 465",
    when: ({ email }) => email.port !== 465,
  },
  {
    path: "workloads.worker-deployment",
    text: "hangs for ever when Meilisearch is away at its start (the image, both apps): look at it after an outage there",
  },
];
