/** Every rule refuses what it is there to refuse, and accepts what is right beside it. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { beforeAll, describe, expect, it } from "vitest";
import { evaluate, isBroken } from "../../policy/evaluate.ts";
import { rules } from "../../policy/rules/index.ts";
import type { PolicyResource } from "../../policy/stack.ts";
import { readWaivers } from "../../policy/waivers.ts";
import type { Patch } from "../../preview/render/stack-file.ts";
import { publicResources } from "../../preview/render/public-resource.ts";
import { stack } from "../support/stack.ts";

type Inputs = Record<string, unknown>;

function resource(type: string, name: string, inputs: Inputs, options: Partial<PolicyResource> = {}): PolicyResource {
  const urn = `urn:pulumi:test::doks-systems::${type}::${name}`;
  return { urn, type, name, inputs, dependsOn: [], protect: false, retainOnDelete: false, ...options };
}
function object(kind: string, name: string, rest: Inputs, options: Partial<PolicyResource> = {}): PolicyResource {
  const inputs = { kind, metadata: { name, namespace: "shop" }, ...rest };
  return resource(`kubernetes:any/v1:${kind}`, name, inputs, options);
}
const cloud = (kind: string, inputs: Inputs, options?: Partial<PolicyResource>) =>
  resource(`digitalocean:index/x:${kind}`, (inputs["name"] as string | undefined) ?? kind, inputs, options);
const platform = (environment: string) => resource("doks-systems:platform:Platform", "platform", { environment });
const production = platform("production");

const hardened = {
  runAsNonRoot: true,
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
  seccompProfile: { type: "RuntimeDefault" },
};
const resources = { requests: { cpu: "100m", memory: "128Mi" }, limits: { cpu: "1", memory: "256Mi" } };
const container = { name: "web", image: "example.com/web:1.2.3", resources, securityContext: hardened };
const labels = { app: "web" };
const workload = (kind: string, spec: Inputs = {}, pod: Inputs = {}) =>
  object(kind, "web", {
    spec: { template: { metadata: { labels }, spec: { containers: [container], ...pod } }, ...spec },
  });
const denied = object("NetworkPolicy", "web", {
  spec: { podSelector: { matchLabels: labels }, policyTypes: ["Ingress", "Egress"] },
});
const web = (pod: Inputs) => [workload("Deployment", {}, pod), denied];
const claim = (storageClassName?: string) => ({ volumeClaimTemplates: [{ spec: { storageClassName } }] });
const cluster = {
  ...{ name: "prod", version: "1.36.3-do.0", autoUpgrade: true, surgeUpgrade: true, ha: true },
  maintenancePolicy: { day: "sunday" },
};
const kept = { protect: true, retainOnDelete: true };
const budget = (spec: Inputs) =>
  object("PodDisruptionBudget", "web", { spec: { selector: { matchLabels: labels }, ...spec } });
const database = cloud("DatabaseCluster", { name: "pg", privateNetworkUuid: "vpc" }, kept);
const firewall = (value: string) =>
  cloud("DatabaseFirewall", { rules: [{ type: "k8s", value }] }, { dependsOn: [database.urn] });

/** Of each rule: what breaks it, what it says, and what does not break it. */
const cases: Record<string, { breaks: PolicyResource[]; says: string; holds: PolicyResource[] }[]> = {
  "data-protected": [
    {
      breaks: [production, cloud("SpacesBucket", { name: "files" })],
      says: "SpacesBucket files is not protected",
      holds: [platform("staging"), cloud("SpacesBucket", { name: "files" })],
    },
    {
      breaks: [production, object("StatefulSet", "pg", { spec: claim("x-retain") })],
      says: "StatefulSet shop/pg is not protected",
      // Nothing in it is lost.
      holds: [production, object("StatefulSet", "pg", { spec: {} })],
    },
    {
      breaks: [
        production,
        resource("kubernetes:core/v1:Namespace", "shop", { metadata: { name: "shop" } }),
        object("PersistentVolumeClaim", "disk", { spec: {} }, kept),
      ],
      says: "Namespace shop is not protected",
      holds: [production, resource("kubernetes:core/v1:Namespace", "empty", { metadata: { name: "empty" } })],
    },
    {
      breaks: [production, resource("tls:index/privateKey:PrivateKey", "ca", {})],
      says: "PrivateKey ca is not protected",
      // A certificate's key is issued anew with it.
      holds: [
        production,
        resource("tls:index/privateKey:PrivateKey", "leaf", {}),
        resource(
          "tls:index/certRequest:CertRequest",
          "leaf",
          {},
          {
            dependsOn: ["urn:pulumi:test::doks-systems::tls:index/privateKey:PrivateKey::leaf"],
          },
        ),
      ],
    },
  ],
  "data-retained": [
    {
      breaks: [production, cloud("DatabaseDb", { name: "orders" }, { protect: true })],
      says: "DatabaseDb orders is deleted with its resource",
      // What the engine does not tell is no violation.
      holds: [production, cloud("DatabaseDb", { name: "orders" }, { protect: true, retainOnDelete: undefined })],
    },
  ],
  "volumes-retained": [
    {
      breaks: [production, object("StatefulSet", "pg", { spec: claim("do-block-storage") }, kept)],
      says: "StatefulSet shop/pg its claims use do-block-storage",
      holds: [production, object("StatefulSet", "pg", { spec: claim("do-block-storage-retain") }, kept)],
    },
    {
      breaks: [production, object("PersistentVolumeClaim", "disk", { spec: {} }, kept)],
      says: "the default storage class",
      holds: [platform("local"), object("PersistentVolumeClaim", "disk", { spec: {} })],
    },
  ],
  "claims-retained": [
    {
      breaks: [
        object("StatefulSet", "pg", { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" } } }),
      ],
      says: "deletes its claims",
      holds: [
        object("StatefulSet", "pg", { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Retain" } } }),
      ],
    },
  ],
  "cluster-keeps-volumes": [
    {
      breaks: [production, cloud("KubernetesCluster", { ...cluster, destroyAllAssociatedResources: true }, kept)],
      says: "takes its volumes with it",
      holds: [production, cloud("KubernetesCluster", { ...cluster, destroyAllAssociatedResources: false }, kept)],
    },
  ],
  "volume-owners": [
    {
      breaks: web({ volumes: [{ name: "disk", persistentVolumeClaim: { claimName: "disk" } }] }),
      says: "mounts a claim",
      holds: [
        workload("StatefulSet", {}, { volumes: [{ name: "disk", persistentVolumeClaim: { claimName: "disk" } }] }),
        denied,
      ],
    },
  ],
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
  "no-default-namespace": [
    {
      breaks: [object("ConfigMap", "x", { metadata: { name: "x", namespace: "default" } })],
      says: "is in `default`",
      holds: [],
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
  "databases-are-private": [
    {
      breaks: [database, cloud("DatabaseFirewall", { rules: [] }, { dependsOn: [database.urn] })],
      says: "has a firewall without a rule",
      // The engine's preview does not know it yet.
      holds: [database, cloud("DatabaseFirewall", {}, { dependsOn: [database.urn], unknown: ["rules"] })],
    },
    {
      breaks: [cloud("DatabaseCluster", { name: "pg" }, kept), firewall("cluster-id")],
      says: "is not in the VPC",
      holds: [
        cloud("DatabaseCluster", { name: "pg" }, { ...kept, unknown: ["privateNetworkUuid"] }),
        firewall("cluster-id"),
      ],
    },
    { breaks: [database], says: "has no firewall", holds: [database, firewall("cluster-id")] },
    { breaks: [database, firewall("0.0.0.0/0")], says: "admits the whole internet", holds: [] },
  ],
  "buckets-are-private": [
    {
      breaks: [
        cloud("SpacesBucketPolicy", {
          policy: '{"Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:GetObject"}]}',
        }),
      ],
      says: "admits everybody",
      holds: [cloud("SpacesBucketPolicy", { policy: '{"Statement":{"Effect":"Deny","Principal":{"AWS":"*"}}}' })],
    },
    {
      breaks: [cloud("SpacesBucket", { name: "b", acl: "public-read" })],
      says: "is not private",
      holds: [cloud("SpacesBucket", { name: "b", acl: "private" })],
    },
    {
      breaks: [production, cloud("SpacesBucket", { name: "b", acl: "private", forceDestroy: true }, kept)],
      says: "is emptied when it is deleted",
      holds: [platform("staging"), cloud("SpacesBucket", { name: "b", acl: "private", forceDestroy: true })],
    },
  ],
  "buckets-keep-versions": [
    {
      breaks: [production, cloud("SpacesBucket", { name: "b", acl: "private" }, kept)],
      says: "keeps no versions",
      holds: [production, cloud("SpacesBucket", { name: "b", acl: "private", versioning: { enabled: true } }, kept)],
    },
  ],
  "cluster-upgrades": [
    {
      breaks: [production, cloud("KubernetesCluster", { ...cluster, surgeUpgrade: false, ha: undefined }, kept)],
      says: "does not say surgeUpgrade, ha",
      holds: [production, cloud("KubernetesCluster", cluster, kept)],
    },
  ],
};

describe.each(rules)("$name", (rule) => {
  const found = (given: PolicyResource[]) =>
    evaluate("test", given, [], [rule]).findings.map(({ resource: name, message }) => `${name} ${message}`);

  it("refuses what breaks it, and nothing else", () => {
    expect(cases[rule.name] ?? []).not.toEqual([]);
    for (const { breaks, says, holds } of cases[rule.name] ?? []) {
      expect(
        found(breaks).filter((line) => line.includes(says)),
        says,
      ).toHaveLength(1);
      expect(found(holds)).toEqual([]);
    }
  });

  it("says why it is there, and how to satisfy it", () => {
    for (const text of [rule.description, rule.why, rule.example]) expect(text.length).toBeGreaterThan(10);
  });
});

describe("every stack", () => {
  const policy = async (name: string, patch: Patch = {}) => {
    const seen = publicResources((await stack(name, patch)).rendering);
    const given = seen.map((one) => ({
      ...one,
      protect: one.protect ?? false,
      retainOnDelete: one.retainOnDelete ?? false,
    }));
    return { given, ...evaluate(name, given, readWaivers()) };
  };
  let prod: Awaited<ReturnType<typeof policy>>;
  beforeAll(async () => {
    prod = await policy("prod");
  });

  it.each(["prod", "staging", "local"])(
    "%s breaks no rule that is not waived, and needs every waiver",
    async (name) => {
      const { findings, unused } = await policy(name);
      expect(findings.filter(({ waived }) => waived === undefined)).toEqual([]);
      expect(unused).toEqual([]);
    },
  );

  it("a waiver names its resource: another one breaks the rule still", () => {
    const others = readWaivers().map((waiver) => ({ ...waiver, resources: ["StatefulSet bow-mark/other"] }));
    const { findings, unused } = evaluate("prod", prod.given, others);
    expect(findings.filter(isBroken).map(({ resource: name }) => name)).toEqual([
      "StatefulSet bow-mark/postgres",
      "StatefulSet bow-mark/rabbitmq",
    ]);
    expect(unused).toEqual([{ rule: "volumes-retained", resource: "StatefulSet bow-mark/other" }]);
  });

  it("a waiver is for the stacks that it names", () => {
    const elsewhere = readWaivers().map((waiver) => ({ ...waiver, stacks: ["staging"] }));
    expect(evaluate("prod", prod.given, elsewhere).findings.filter(isBroken)).toHaveLength(2);
  });

  it("taking the protection off anything that prod protects for its data is found", () => {
    const holding = prod.given.filter(({ protect, type }) => protect && !/NodePool|Vpc$/.test(type));
    expect(holding.length).toBeGreaterThan(15);
    for (const one of holding) {
      const changed = prod.given.map((other) => (other === one ? { ...other, protect: false } : other));
      const broken = evaluate("prod", changed, readWaivers()).findings.filter(isBroken);
      expect(broken.map(({ urn, rule }) => `${rule} ${urn}`)).toEqual(
        // A namespace without a set or a claim in it is protected all the same, for what people put there.
        /Namespace$/.test(one.type) && broken.length === 0 ? [] : [`data-protected ${one.urn}`],
      );
    }
  });
});

describe("waivers.yaml", () => {
  it("names stacks that there are", () => {
    for (const name of readWaivers().flatMap(({ stacks }) => stacks))
      expect(existsSync(`Pulumi.${name}.yaml`), name).toBe(true);
  });

  it("is refused with the entry and the reason when something is wrong", () => {
    const folder = mkdtempSync(join(tmpdir(), "waivers-"));
    const file = pathToFileURL(join(folder, "waivers.yaml"));
    const read = (text: string) => {
      writeFileSync(file, text);
      return () => readWaivers(file);
    };
    try {
      expect(
        read("- {rule: no-such-rule, stacks: [prod], resources: [x], reason: a reason that is long enough}"),
      ).toThrow(/policy\/waivers\.yaml.*[^]*\[0\]\.rule/);
      expect(read("- {rule: image-pinned, stacks: [prod], resources: [x], reason: because}")).toThrow(
        /a reason is a sentence/,
      );
      expect(read("")()).toEqual([]);
    } finally {
      rmSync(folder, { recursive: true });
    }
  });
});
