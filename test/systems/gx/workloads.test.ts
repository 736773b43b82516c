/** GX Protocol's acceptance lines: namespace and workloads. Production has a managed database, staging its own in the cluster. */
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { problems, type Loose } from "../../support/stack.ts";
import { gx, key, prod, staging, all, deployment, container } from "./support.ts";

/** With more than one outbox-submitter, as the document has it. */
const several = await gx("prod", {
  [key]: { acceptDuplicateCommands: true, workloads: { "outbox-submitter": { replicas: 4 } } },
});

describe("namespace and workloads", () => {
  it("gx 1: namespace backend-mainnet enforces restricted", () => {
    const { labels } = prod.object("kubernetes:core/v1:Namespace", "backend-mainnet").metadata;
    expect(labels["pod-security.kubernetes.io/enforce"]).toBe("restricted");
  });

  it("gx 2: every pod template satisfies restricted", () => {
    for (const one of [prod, staging]) {
      expect(one.podTemplates().length).toBeGreaterThan(4);
      for (const { owner, template } of one.podTemplates())
        expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
  });

  it("gx 3: svc-identity listens on 3001 and its replicas are the autoscaler's", () => {
    expect(container("svc-identity").ports).toEqual([{ name: "http", containerPort: 3001 }]);
    expect(deployment("svc-identity").template.metadata.labels).toEqual({
      app: "svc-identity",
      component: "api",
      tier: "backend",
    });
    expect(deployment("svc-identity")).not.toHaveProperty("replicas");
  });

  it("gx 4: svc-identity-hpa keeps 3 to 10 pods at 70 % CPU and 80 % memory", () => {
    const { spec } = prod.object("HorizontalPodAutoscaler", "svc-identity-hpa");
    expect(spec).toMatchObject({ minReplicas: 3, maxReplicas: 10 });
    expect(spec.scaleTargetRef).toEqual({ apiVersion: "apps/v1", kind: "Deployment", name: "svc-identity" });
    const targets = spec.metrics.map(({ resource }: Loose) => [resource.name, resource.target.averageUtilization]);
    expect(targets).toEqual([
      ["cpu", 70],
      ["memory", 80],
    ]);
    expect(spec.behavior.scaleDown).toMatchObject({ stabilizationWindowSeconds: 300, selectPolicy: "Min" });
  });

  it("gx 5: outbox-submitter is one, replaced whole; more, and one by one, where commands may run twice", () => {
    expect(deployment("outbox-submitter")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(deployment("outbox-submitter").selector).toEqual({ matchLabels: { app: "outbox-submitter" } });
    expect(deployment("outbox-submitter", several)).toMatchObject({
      replicas: 4,
      strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
    });
  });

  it("gx 6: projector is one, replaced whole; a second is refused and no autoscaler has it", () => {
    expect(deployment("projector")).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(deployment("projector").selector).toEqual({ matchLabels: { app: "projector" } });
    for (const [field, value] of Object.entries({ replicas: 2, autoscaling: { min: 1, max: 2 } })) {
      const found = problems("prod", { [key]: { workloads: { projector: { [field]: value } } } });
      expect(found.map(({ path }) => path)).toEqual([`${key}.workloads.projector.${field}`]);
    }
    expect(prod.names("HorizontalPodAutoscaler")).toEqual(["svc-identity-hpa"]);
  });

  it("gx 7: every image of ours is the registry's, with a tag that does not move", () => {
    for (const name of all) expect(container(name).image).toBe(`registry.digitalocean.com/geo/${name}:2.0.0`);
    expect(problems("prod", { [key]: { imageTag: "latest" } })[0]?.path).toBe(`${key}.imageTag`);
  });

  it("gx 8 and 9: the Services map their ports", () => {
    expect(prod.object("Service", "svc-identity").spec).toMatchObject({
      type: "ClusterIP",
      selector: { app: "svc-identity" },
      ports: [{ name: "http", port: 80, targetPort: 3001 }],
    });
    const metrics = { "outbox-submitter": 9090, projector: 9091 };
    for (const [name, port] of Object.entries(metrics)) {
      const { spec } = prod.object("Service", `${name}-metrics`);
      expect(spec).toMatchObject({ selector: { app: name }, ports: [{ name: "metrics", port, targetPort: port }] });
    }
  });

  it("gx 10: svc-identity has its three probes on 3001, or those that the stack says", async () => {
    const { livenessProbe, readinessProbe, startupProbe } = container("svc-identity");
    expect([livenessProbe, readinessProbe, startupProbe].map(({ httpGet }) => httpGet.path)).toEqual([
      "/livez",
      "/readyz",
      "/health",
    ]);
    for (const probe of [livenessProbe, readinessProbe, startupProbe]) expect(probe.httpGet.port).toBe("http");
    const probes = { readiness: { http: { path: "/health" } }, liveness: { tcp: "http" }, startup: "off" };
    const other = container("svc-identity", await gx("prod", { [key]: { workloads: { "svc-identity": { probes } } } }));
    expect(other.readinessProbe).toEqual({ ...readinessProbe, httpGet: { path: "/health", port: "http" } });
    expect(other.livenessProbe).toMatchObject({ tcpSocket: { port: "http" }, failureThreshold: 3 });
    expect(other.livenessProbe).not.toHaveProperty("httpGet");
    expect(other).not.toHaveProperty("startupProbe");
  });

  it("gx 11: both workers are probed at their metrics port, the projector at its /health", () => {
    for (const probe of ["livenessProbe", "readinessProbe"]) {
      expect(container("projector")[probe].httpGet).toEqual({ path: "/health", port: "metrics" });
      // The other's /health ends the process when PostgreSQL is away.
      expect(container("outbox-submitter")[probe].tcpSocket).toEqual({ port: "metrics" });
      expect(container("outbox-submitter")[probe]).not.toHaveProperty("httpGet");
    }
  });

  it("gx 18: two ServiceAccounts, whose token no pod has and no Role knows", () => {
    const accounts = Object.fromEntries(all.map((name) => [name, prod.podSpec("Deployment", name).serviceAccountName]));
    expect(accounts).toEqual({
      "svc-identity": "backend-api",
      "outbox-submitter": "backend-worker",
      projector: "backend-worker",
    });
    for (const { template, owner } of prod.podTemplates()) {
      expect(template.spec.automountServiceAccountToken, owner).toBe(false);
    }
    expect(prod.names("ServiceAccount")).toEqual(expect.arrayContaining(["backend-api", "backend-worker"]));
    expect(prod.all("RoleBinding")).toEqual([]);
  });

  it("gx 19: svc-identity, and outbox-submitter where there are several, prefer nodes of their own", () => {
    for (const name of ["svc-identity", "outbox-submitter"]) {
      const [preferred] = several.podSpec("Deployment", name).affinity.podAntiAffinity
        .preferredDuringSchedulingIgnoredDuringExecution;
      expect(preferred).toMatchObject({ weight: 100, podAffinityTerm: { topologyKey: "kubernetes.io/hostname" } });
      expect(preferred.podAffinityTerm.labelSelector).toEqual({ matchLabels: { app: name } });
    }
  });

  it("gx 20: the pool has at least three nodes of 4 vCPU and 8 GB", () => {
    const pool = prod.one("KubernetesNodePool", "general").inputs;
    expect(pool.size).toBe("s-4vcpu-8gb");
    expect(pool.minNodes).toBeGreaterThanOrEqual(3);
    for (const name of all) {
      expect(prod.podSpec("Deployment", name).nodeSelector).toEqual({ "doks.digitalocean.com/node-pool": "general" });
    }
  });

  it("gx 34: drains leave two of svc-identity, and all but one of several outbox-submitters", () => {
    expect(prod.object("PodDisruptionBudget", "svc-identity").spec.minAvailable).toBe(2);
    expect(several.object("PodDisruptionBudget", "outbox-submitter").spec.maxUnavailable).toBe(1);
    expect(several.names("PodDisruptionBudget")).toEqual(["outbox-submitter", "svc-identity"]);
    // A budget for one pod would let no node be drained.
    expect(prod.names("PodDisruptionBudget")).toEqual(["svc-identity"]);
    // Of two pods two could never be left.
    expect(staging.object("PodDisruptionBudget", "svc-identity").spec.maxUnavailable).toBe(1);
  });

  it("gx 37: no replicas are stated, so an update does not undo what the autoscaler did", () => {
    expect(deployment("svc-identity")).not.toHaveProperty("replicas");
    // What was fixed before stays until the autoscaler takes it over: left out of what is applied it would become one.
    expect(prod.one("Deployment", "svc-identity").ignoreChanges).toEqual(["spec.replicas"]);
  });
});
