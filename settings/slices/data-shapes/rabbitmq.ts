/** Shape of RabbitMQ; a system adds it to its own. Pure. */
import type { RabbitMqSetting } from "./brokers.ts";
import type { ProbeSetting } from "../workload.ts";
import { size, starting, users, type Shapes } from "./task.ts";

const configFiles = ["load_definitions.conf", "90-doks-systems.conf"];

/** Shape of a RabbitMQ in the cluster, by its name; empty for one that exists already. */
export function rabbitMqShapes(serverName: string, setting: RabbitMqSetting, pool: string): Shapes {
  if (setting.kind === "existing") return {};
  const diagnostics = (command: string): ProbeSetting => ({
    exec: ["rabbitmq-diagnostics", command],
    timeoutSeconds: 10,
  });
  return {
    [serverName]: {
      kind: "data",
      pool,
      user: users.rabbitmq,
      ports: { amqp: 5672, management: 15_672 },
      resources: size(["100m", "500m"], ["256Mi", "512Mi"]),
      writable: { "/var/log/rabbitmq": "64Mi", "/tmp": "64Mi" },
      mounts: [
        "/var/lib/rabbitmq",
        ...configFiles.map((file) => `/etc/rabbitmq/conf.d/${file}`),
        "/etc/rabbitmq/definitions",
      ],
      probes: {
        startup: starting(5672),
        readiness: { ...diagnostics("ping"), initialDelaySeconds: 20, periodSeconds: 15 },
        liveness: { ...diagnostics("status"), initialDelaySeconds: 60, periodSeconds: 30, failureThreshold: 5 },
      },
      graceSeconds: 120,
    },
  };
}
