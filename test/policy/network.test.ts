/** Who reaches whom: the rules, tried. */
import { networkRules } from "../../policy/rules/network.ts";
import { checkRules, resource, object, cloud, workload, web, cluster } from "./support.ts";

/** A Service of port 80 for the pods `web`, which listen on another. */
const opened = (type: string, targetPort: number) =>
  object("Service", "web", {
    metadata: {
      name: "web",
      namespace: "shop",
      annotations: { "service.beta.kubernetes.io/do-loadbalancer-type": "REGIONAL_NETWORK" },
    },
    spec: { type, selector: { app: "web" }, ports: [{ port: 80, targetPort }] },
  });
const admitting = (port: number) =>
  object("NetworkPolicy", "open", {
    spec: {
      podSelector: { matchLabels: { app: "web" } },
      policyTypes: ["Ingress"],
      ingress: [{ from: [{ ipBlock: { cidr: "0.0.0.0/0" } }], ports: [{ port }] }],
    },
  });

checkRules(networkRules, {
  "default-deny": [
    {
      breaks: [
        workload("Deployment"),
        object("NetworkPolicy", "x", {
          spec: {
            podSelector: { matchExpressions: [{ key: "app", operator: "NotIn", values: ["web"] }] },
            policyTypes: ["Ingress", "Egress"],
          },
        }),
      ],
      says: "for Ingress and Egress",
      holds: [
        workload("Deployment"),
        object("NetworkPolicy", "x", {
          spec: {
            podSelector: { matchExpressions: [{ key: "app", operator: "In", values: ["web"] }] },
            policyTypes: ["Ingress", "Egress"],
          },
        }),
      ],
    },
    {
      breaks: [
        workload("Deployment"),
        object("NetworkPolicy", "web", { spec: { podSelector: {}, policyTypes: ["Ingress"] } }),
      ],
      says: "no policy selects its pods for Egress",
      holds: [
        workload("Deployment"),
        object("NetworkPolicy", "all", { spec: { podSelector: {}, policyTypes: ["Ingress", "Egress"] } }),
      ],
    },
    {
      breaks: [
        workload("Deployment"),
        object("NetworkPolicy", "db", {
          spec: { podSelector: { matchLabels: { app: "db" } }, policyTypes: ["Ingress", "Egress"] },
        }),
      ],
      says: "for Ingress and Egress",
      holds: web({}),
    },
  ],
  "load-balancer-type": [
    {
      breaks: [object("Service", "web", { spec: { type: "LoadBalancer" } })],
      says: "does not say its type",
      holds: [
        object("Service", "web", {
          metadata: {
            name: "web",
            namespace: "shop",
            annotations: { "service.beta.kubernetes.io/do-loadbalancer-type": "REGIONAL" },
          },
          spec: { type: "LoadBalancer" },
        }),
      ],
    },
    {
      breaks: [object("EnvoyProxy", "edge", { spec: { provider: { kubernetes: {} } } })],
      says: "EnvoyProxy shop/edge does not say its type",
      holds: [],
    },
  ],
  "no-node-ports": [
    {
      breaks: [
        resource("doks-systems:cluster:StackCluster", "platform", {}),
        object("Service", "web", { spec: { type: "NodePort" } }),
      ],
      says: "is open on every node's public address",
      holds: [],
    },
    {
      breaks: [cloud("KubernetesCluster", cluster), object("Service", "web", { spec: { type: "NodePort" } })],
      says: "is open on every node's public address",
      // On a laptop it is how one gets in.
      holds: [object("Service", "web", { spec: { type: "NodePort" } })],
    },
  ],
  "open-ports-lead-to-pods": [
    {
      breaks: [...web({}), opened("NodePort", 3001)],
      says: "Service shop/web leads to Deployment shop/web:3001, where no policy admits addresses",
      holds: [...web({}), opened("NodePort", 3001), admitting(3001)],
    },
    {
      // The port of the Service is not the port of the pods, which policies count.
      breaks: [...web({}), opened("LoadBalancer", 3001), admitting(80)],
      says: "leads to Deployment shop/web:3001",
      holds: [...web({}), opened("ClusterIP", 3001)],
    },
  ],
  "no-default-namespace": [
    {
      breaks: [object("ConfigMap", "x", { metadata: { name: "x", namespace: "default" } })],
      says: "is in `default`",
      holds: [
        resource("doks-systems:workload:Namespace", "shop", { adopts: "default", ownLabels: {} }),
        object("ConfigMap", "x", { metadata: { name: "x", namespace: "default" } }),
      ],
    },
  ],
  "webhooks-let-upgrades-pass": [
    {
      breaks: [
        object("ValidatingWebhookConfiguration", "x", {
          webhooks: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "kube-system" } } }],
        }),
      ],
      says: "fails closed in kube-system",
      holds: [
        object("ValidatingWebhookConfiguration", "x", {
          webhooks: [
            {
              namespaceSelector: {
                matchExpressions: [{ key: "kubernetes.io/metadata.name", operator: "NotIn", values: ["kube-system"] }],
              },
            },
          ],
        }),
      ],
    },
    {
      breaks: [object("ValidatingWebhookConfiguration", "x", { webhooks: [{ failurePolicy: "Fail" }] })],
      says: "fails closed in kube-system",
      holds: [
        object("ValidatingWebhookConfiguration", "x", {
          webhooks: [{ failurePolicy: "Fail", namespaceSelector: { matchLabels: { a: "b" } } }],
        }),
      ],
    },
    {
      breaks: [
        object("MutatingWebhookConfiguration", "x", { webhooks: [{ failurePolicy: "Ignore", timeoutSeconds: 30 }] }),
      ],
      says: "waits too long",
      holds: [object("MutatingWebhookConfiguration", "x", { webhooks: [{ failurePolicy: "Ignore" }] })],
    },
  ],
});
