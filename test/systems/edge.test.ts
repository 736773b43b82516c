/** The edge that all systems share: who issues certificates, what clients may send, how much of it the proxies hold. */
import { describe, expect, it } from "vitest";
import { problems, stack, type Loose, ownClusterOnly } from "../support/stack.ts";

const platform = "doks-systems:platform";
const prod = await stack("prod");

describe("certificates", () => {
  const from = async (acmeServer: string) => {
    const rendered = await stack("staging", { [platform]: { edge: { acmeServer } } });
    const [{ inputs: issuer }] = rendered.all("ClusterIssuer") as [Loose];
    const asked = rendered.all("Certificate").map(({ inputs }: Loose) => inputs.spec.issuerRef.name);
    expect(new Set(asked)).toEqual(new Set([issuer.metadata.name]));
    expect((rendered.rendering.outputs["platform"] as Loose).issuer).toBe(issuer.metadata.name);
    return { name: issuer.metadata.name, ...issuer.spec.acme };
  };

  it("come from Let's Encrypt, and every route asks the issuer that there is", async () => {
    expect(await from("production")).toMatchObject({
      name: "letsencrypt-prod",
      server: "https://acme-v02.api.letsencrypt.org/directory",
      privateKeySecretRef: { name: "letsencrypt-prod-account" },
      email: "ops@bowmark.ca",
    });
  });

  it("come from another ACME server when a stack says so: another issuer, another account", async () => {
    expect(await from("staging")).toMatchObject({
      name: "letsencrypt-staging",
      server: "https://acme-staging-v02.api.letsencrypt.org/directory",
      privateKeySecretRef: { name: "letsencrypt-staging-account" },
    });
    expect(await from("https://ca.example.com/directory")).toMatchObject({
      name: "acme-ca-example-com-directory",
      server: "https://ca.example.com/directory",
    });
  });

  it("are asked of no server that is not reached over https", () => {
    for (const acmeServer of ["letsencrypt", "http://ca.example.com/directory", ""]) {
      const [problem] = problems("staging", { [platform]: { edge: { acmeServer } } });
      expect(problem?.path, acmeServer).toBe(`${platform}.edge.acmeServer`);
    }
  });

  it("are asked of the same server by a classic Ingress", async () => {
    const edge = { kind: "ingress", replicas: null, acmeServer: "staging" };
    const rendered = await stack("staging", { [platform]: { edge } });
    const { annotations } = rendered.object("Ingress", "ingress-service").metadata;
    expect(annotations["cert-manager.io/cluster-issuer"]).toBe("letsencrypt-staging");
    expect(rendered.object("ClusterIssuer", "letsencrypt-staging").spec.acme.solvers).toEqual([
      { http01: { ingress: { ingressClassName: "nginx", serviceType: "ClusterIP" } } },
    ]);
  });

  it("of a route that proves its host open no port on the nodes, and are let through to the pod that answers", () => {
    expect(prod.object("ClusterIssuer", "letsencrypt-prod").spec.acme.solvers[0].http01.gatewayHTTPRoute).toEqual({
      serviceType: "ClusterIP",
      parentRefs: [{ name: "edge", namespace: "envoy-gateway-system", sectionName: "http" }],
    });
    expect(prod.object("NetworkPolicy", "edge-to-dotdo-challenges").spec).toEqual({
      podSelector: { matchLabels: { "acme.cert-manager.io/http01-solver": "true" } },
      policyTypes: ["Ingress"],
      ingress: [
        {
          from: [{ namespaceSelector: { matchLabels: { "kubernetes.io/metadata.name": "envoy-gateway-system" } } }],
          ports: [{ protocol: "TCP", port: 8089 }],
        },
      ],
    });
  });

  it("of hosts on another stack's cluster come from that stack's issuer", async () => {
    const rendered = await stack("staging", {
      [platform]: {
        cluster: { source: "stack", stack: "acme/doks-systems/platform", ...ownClusterOnly },
        pools: null,
        edge: { kind: "stack", acmeEmail: null, replicas: null },
        addons: { envoyGateway: "existing", certManager: "existing", metricsServer: "existing" },
      },
    });
    expect(rendered.object("Certificate", "dotdo-tls").spec.issuerRef.name).toBe("letsencrypt-prod");
    expect(rendered.podSpec("Deployment", "dotdo").priorityClassName).toBe("doks-systems-workload");
    expect(rendered.all("PriorityClass")).toEqual([]);
  });
});

describe("the gateway", () => {
  it("passes on paths and header names as they came", () => {
    const { spec } = prod.object("ClientTrafficPolicy", "edge");
    expect(spec.targetRefs).toEqual([{ group: "gateway.networking.k8s.io", kind: "Gateway", name: "edge" }]);
    expect(spec.path).toEqual({ escapedSlashesAction: "KeepUnchanged", disableMergeSlashes: true });
    expect(spec.headers).toEqual({ withUnderscoresAction: "Allow" });
  });

  it("holds no more than its memory limit, and waits for no request longer than ten minutes", () => {
    const { container } = prod.object("EnvoyProxy", "edge").spec.provider.kubernetes.envoyDeployment;
    expect(container.resources).toEqual({
      requests: { cpu: "100m", memory: "512Mi" },
      limits: { memory: "1Gi" },
    });
    expect(prod.object("ClientTrafficPolicy", "edge").spec.timeout.http.requestReceivedTimeout).toBe("600s");
  });

  it("never ends WebSockets or requests by their number", () => {
    const policies = prod.all("BackendTrafficPolicy").map(({ inputs }: Loose) => inputs.spec);
    expect(policies.length).toBeGreaterThan(10);
    // Envoy Gateway v1.9.0 takes 50,000 clients a proxy (internal/xds/bootstrap).
    for (const { circuitBreaker } of policies) {
      for (const limit of ["maxConnections", "maxParallelRequests", "maxPendingRequests"]) {
        expect(circuitBreaker[limit]).toBeGreaterThan(50_000);
      }
    }
  });

  it("holds a body only where a request does not say how large it is", () => {
    const sections = (wanted: (spec: Loose) => boolean) =>
      prod
        .all("BackendTrafficPolicy")
        .map(({ inputs }: Loose) => inputs.spec)
        .filter(({ targetRefs: [{ name }] }) => name === "dotdo")
        .filter(wanted)
        .map(({ targetRefs: [{ sectionName = "every other" }] }) => sectionName as string)
        .toSorted();
    expect(sections(({ requestBuffer }) => requestBuffer !== undefined)).toEqual([
      "dotdo",
      "dotdo-keyed",
      "every other",
    ]);
    expect(sections(({ requestBuffer }) => requestBuffer === undefined)).toEqual([
      "dotdo-sized",
      "dotdo-sized-keyed",
      "dotdo-too-large",
      "dotdo-websocket",
      "dotdo-websocket-keyed",
    ]);
    const filter = prod.object("HTTPRouteFilter", "dotdo-too-large").spec.directResponse;
    expect(filter).toMatchObject({ statusCode: 413, body: { inline: "a body may have 100 MiB\n" } });
  });
});

describe("where there is no room for everything", () => {
  const classOf = (kind: string, name: string): string => prod.podSpec(kind, name).priorityClassName;
  const value = (name: string): number => prod.object("PriorityClass", name).value;

  it("data goes before workloads, and workloads before tasks", () => {
    const [data, workload, task] = [
      classOf("StatefulSet", "caracal-kafka"),
      classOf("Deployment", "dotdo"),
      classOf("CronJob", "pg-backup"),
    ].map(value) as [number, number, number];
    expect(data).toBeGreaterThan(workload);
    expect(workload).toBeGreaterThan(task);
    // Below -10 the cluster autoscaler makes no node (its flag expendable-pods-priority-cutoff).
    expect(task).toBeGreaterThanOrEqual(-10);
    for (const { owner, template } of prod.podTemplates()) {
      expect(prod.names("PriorityClass"), owner).toContain(template.spec.priorityClassName);
    }
  });

  it("a workload that grows ends no dump, and a database does not wait for a new node", () => {
    const policy = (name: string): string => prod.object("PriorityClass", name).preemptionPolicy;
    expect(policy(classOf("Deployment", "dotdo"))).toBe("Never");
    expect(policy(classOf("StatefulSet", "postgres"))).toBe("PreemptLowerPriority");
  });

  it("is not this program's to say on a cluster of somebody else's", async () => {
    const local = await stack("local");
    expect(local.all("PriorityClass")).toEqual([]);
    for (const { owner, template } of local.podTemplates()) {
      expect(template.spec, owner).not.toHaveProperty("priorityClassName");
    }
  });

  it("a backup says what it keeps on its node's disk", () => {
    const { containers, volumes } = prod.podSpec("CronJob", "pg-backup");
    const mebibytes = (amount: string) => Number(/^(\d+)Mi$/.exec(amount)?.[1]);
    const sum = (amounts: string[]) => amounts.map(mebibytes).reduce((a, b) => a + b, 0);
    const kept = sum(volumes.filter((one: Loose) => one.emptyDir).map((one: Loose) => one.emptyDir.sizeLimit));
    expect(kept).toBe(384);
    for (const kind of ["requests", "limits"]) {
      const said = sum(containers.map((one: Loose) => one.resources[kind]["ephemeral-storage"]));
      expect(said).toBeGreaterThan(kept);
    }
  });
});

it("Grafana reads ConfigMaps and no Secret", () => {
  const { values } = prod.one("Release", "prometheus").inputs;
  expect(values.grafana.rbac.create).toBe(false);
  const { dashboards, datasources } = values.grafana.sidecar;
  expect([dashboards.resource, datasources.resource]).toEqual(["configmap", "configmap"]);
  const [role, binding] = values.extraManifests;
  expect(role.rules).toEqual([{ apiGroups: [""], resources: ["configmaps"], verbs: ["get", "list", "watch"] }]);
  expect(binding).toMatchObject({
    kind: "ClusterRoleBinding",
    roleRef: { kind: "ClusterRole", name: role.metadata.name },
    subjects: [{ kind: "ServiceAccount", name: "prometheus-grafana", namespace: "monitoring" }],
  });
});
