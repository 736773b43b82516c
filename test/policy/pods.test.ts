/** What pods run and may, and how they are moved: the rules, tried. */
import { podRules } from "../../policy/rules/pods.ts";
import {
  checkRules,
  object,
  cloud,
  platform,
  production,
  hardened,
  container,
  workload,
  denied,
  web,
  cluster,
  budget,
} from "./support.ts";

checkRules(podRules, {
  "image-pinned": [
    ...["redis:latest-alpine", "node:lts-slim", "x:canary"].map((image) => ({
      breaks: web({ containers: [{ ...container, image }] }),
      says: `runs ${image}, a tag that moves`,
      holds: web({ containers: [{ ...container, image: "x:main-3f9c2e1" }] }),
    })),
    {
      breaks: web({ containers: [{ ...container, image: "example.com:5000/web" }] }),
      says: "runs example.com:5000/web, which has no tag",
      holds: web({ containers: [{ ...container, image: `example.com:5000/web@sha256:${"0".repeat(64)}` }] }),
    },
    {
      breaks: web({ initContainers: [{ ...container, name: "wait", image: "busybox:latest" }] }),
      says: "container wait runs busybox:latest, a tag that moves",
      holds: [platform("local"), ...web({ initContainers: [{ ...container, name: "wait", image: "busybox:latest" }] })],
    },
  ],
  "requests-and-limits": [
    {
      breaks: web({
        containers: [{ ...container, resources: { requests: { cpu: "1", memory: "1Gi" }, limits: { cpu: "1" } } }],
      }),
      says: "container web has no limits.memory",
      holds: web({}),
    },
  ],
  "pods-restricted": [
    {
      breaks: web({ containers: [{ ...container, securityContext: { ...hardened, privileged: true } }] }),
      says: "container web: is privileged",
      holds: web({}),
    },
  ],
  "no-bare-pods": [
    { breaks: [object("Pod", "web", { spec: { containers: [] } })], says: "nobody makes it again", holds: web({}) },
  ],
  "no-node-names": [
    {
      breaks: web({ nodeSelector: { "kubernetes.io/hostname": "general-x1" } }),
      says: "chooses a node by its name",
      holds: web({ nodeSelector: { "doks.digitalocean.com/node-pool": "general" } }),
    },
  ],
  "cron-jobs-do-not-pile-up": [
    {
      breaks: [object("CronJob", "dump", { spec: { jobTemplate: { spec: { template: { spec: {} } } } } })],
      says: "may run twice at once",
      holds: [
        object("CronJob", "dump", {
          spec: { concurrencyPolicy: "Forbid", jobTemplate: { spec: { template: { spec: {} } } } },
        }),
      ],
    },
  ],
  "drains-are-possible": [
    {
      breaks: [workload("Deployment", { replicas: 1 }), denied, budget({ minAvailable: 1 })],
      says: "lets none of its 1 pods go",
      // A chart's pods are not seen.
      holds: [budget({ minAvailable: 1 })],
    },
    {
      breaks: [workload("Deployment", { replicas: 2 }), denied, budget({ minAvailable: 2 })],
      says: "lets none of its 2 pods go",
      holds: [workload("Deployment", { replicas: 3 }), denied, budget({ minAvailable: 2 })],
    },
    {
      breaks: [workload("Deployment", { replicas: 2 }), denied, budget({ minAvailable: "51%" })],
      says: "lets none of its 2 pods go",
      holds: [workload("Deployment", { replicas: 2 }), denied, budget({ maxUnavailable: "10%" })],
    },
    {
      // The autoscaler's minimum counts, not what is written at the Deployment.
      breaks: [
        workload("Deployment", { replicas: 9 }),
        denied,
        budget({ minAvailable: 1 }),
        object("HorizontalPodAutoscaler", "web", {
          spec: { minReplicas: 1, scaleTargetRef: { kind: "Deployment", name: "web" } },
        }),
      ],
      says: "lets none of its 1 pods go",
      holds: [workload("Deployment", { replicas: 9 }), denied, budget({ minAvailable: 1 })],
    },
  ],
  "several-pods-have-a-budget": [
    {
      breaks: [production, workload("Deployment", { replicas: 2 }), denied],
      says: "has no disruption budget",
      holds: [production, workload("Deployment", { replicas: 2 }), denied, budget({ maxUnavailable: 1 })],
    },
  ],
  "version-skew": [
    {
      breaks: [
        cloud("KubernetesCluster", cluster),
        ...web({ containers: [{ ...container, image: "registry.k8s.io/kubectl:v1.33.1" }] }),
      ],
      says: "runs registry.k8s.io/kubectl:v1.33.1 beside a cluster of 1.36",
      holds: [
        cloud("KubernetesCluster", cluster),
        ...web({ containers: [{ ...container, image: "registry.k8s.io/kubectl:v1.35.9" }] }),
      ],
    },
  ],
});
