/** Secrets are in Secrets: the rules, tried. */
import { secretRules } from "../../policy/rules/secrets.ts";
import { checkRules, object, container, web } from "./support.ts";

checkRules(secretRules, {
  "secrets-in-secrets": [
    ...[
      { name: "DATABASE_URL", value: "postgres://app:hunter22@db/app" },
      { name: "db_password", value: "hunter22" },
      { name: "DB_PASS", value: "hunter22" },
    ].map((variable) => ({
      breaks: web({ containers: [{ ...container, env: [variable] }] }),
      says: `container web has ${variable.name} as a plain value`,
      // What the kubelet fills in from a Secret.
      holds: web({
        containers: [
          { ...container, env: [{ name: variable.name, value: variable.value.replace("hunter22", "$(FROM_SECRET)") }] },
        ],
      }),
    })),
    {
      breaks: [
        object("Service", "web", {
          metadata: { name: "web", namespace: "shop", annotations: { probe: "amqp://user:hunter22@queue" } },
          spec: {},
        }),
      ],
      says: "holds a key or a password at annotations.probe",
      holds: [],
    },
    {
      breaks: [
        object("ConfigMap", "web", { data: { "app.properties": "[secret]" } }),
        ...web({ volumes: [{ configMap: { name: "web" } }] }),
      ],
      says: "holds a secret at data.app.properties",
      holds: [
        object("Secret", "web", { stringData: { password: "[secret]" } }),
        ...web({ volumes: [{ secret: { secretName: "web" } }] }),
      ],
    },
    {
      breaks: web({ containers: [{ ...container, env: [{ name: "DB_PASSWORD", value: "hunter2" }] }] }),
      says: "container web has DB_PASSWORD as a plain value",
      holds: web({ containers: [{ ...container, env: [{ name: "DB_PASSWORD", valueFrom: { secretKeyRef: {} } }] }] }),
    },
    {
      breaks: [
        object("ConfigMap", "web", { data: { url: "postgres://app:hunter2@db/app" } }),
        ...web({ volumes: [{ configMap: { name: "web" } }] }),
      ],
      says: "holds a key or a password at data.url",
      holds: [
        object("ConfigMap", "web", { data: { url: "postgres://db/app" } }),
        ...web({ volumes: [{ configMap: { name: "web" } }] }),
      ],
    },
  ],
  "nothing-unused": [
    {
      // A Deployment of the same name is no reader.
      breaks: [object("Secret", "web", { stringData: {} }), ...web({})],
      says: "Secret shop/web is read by nothing",
      holds: [
        object("Secret", "web", { stringData: {} }),
        ...web({ containers: [{ ...container, envFrom: [{ secretRef: { name: "web" } }] }] }),
      ],
    },
    {
      // Nor is one in another namespace.
      breaks: [
        object("Secret", "tls", { stringData: {} }),
        object("Gateway", "x", {
          metadata: { name: "x", namespace: "other" },
          spec: { tls: { certificateRefs: [{ name: "tls" }] } },
        }),
      ],
      says: "Secret shop/tls is read by nothing",
      holds: [
        object("Secret", "tls", { stringData: {} }),
        object("Gateway", "x", { spec: { tls: { certificateRefs: [{ name: "tls" }] } } }),
      ],
    },
    {
      breaks: [object("Secret", "old", { stringData: { password: "[secret]" } })],
      says: "Secret shop/old is read by nothing",
      holds: [
        object("ConfigMap", "board", {
          metadata: { name: "board", namespace: "shop", labels: { grafana_dashboard: "1" } },
        }),
      ],
    },
  ],
});
