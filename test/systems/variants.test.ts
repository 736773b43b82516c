/** The kinds that no committed stack uses: each has the same face and keeps the same promises. */
import { describe, expect, it } from "vitest";
import { restrictedViolations } from "../../policy/pod-security.ts";
import { alone, env, problems, type Loose, type RenderedStack, ownClusterOnly } from "../support/stack.ts";

const bowmarkKey = "doks-systems:bowmark";
const bowmark = alone("bowmark");
const platform = "doks-systems:platform";

describe("managed PostgreSQL", () => {
  const managed = () =>
    bowmark("prod", { [bowmarkKey]: { database: { kind: "managed", size: "db-s-1vcpu-2gb", nodes: 2 } } });

  it("is in the stack's VPC, open to the cluster only, protected and kept", async () => {
    const rendered = await managed();
    const cluster = rendered.one("DatabaseCluster", "bow-mark-postgres-prod");
    expect(cluster.inputs).toMatchObject({ engine: "pg", version: "16", nodeCount: 2, region: "nyc1" });
    expect(cluster.inputs.privateNetworkUuid).toEqual(expect.any(String));
    expect(cluster).toMatchObject({ protect: true, retainOnDelete: true });
    const rules = rendered.one("DatabaseFirewall", "bow-mark-postgres").inputs.rules;
    expect(rules).toEqual([{ type: "k8s", value: clusterId(rendered) }]);
    const databases = rendered.all("DatabaseDb").map(({ inputs }) => inputs["name"]);
    expect(databases).toEqual(["bowmark_reports_concrete", "bowmark_reports_paving"]);
  });

  it("has the same Secret keys, over TLS, and no StatefulSet", async () => {
    const rendered = await managed();
    const { stringData } = rendered.object("Secret", "postgres");
    expect(Object.keys(stringData).toSorted()).toEqual(["dbConcrete", "dbPaving", "host", "password", "port", "user"]);
    expect(stringData.host).toContain("private-");
    expect(stringData.port).toBe("25060");
    for (const app of ["paving", "concrete"]) {
      const [migrate] = rendered.one("Job", `bow-mark-migrate-${app}`).inputs.spec.template.spec.containers;
      expect(env(migrate, "DATABASE_URL")).toBe(`pg-migrate-${app}-url/DATABASE_URL`);
      const { DATABASE_URL: url } = rendered.object("Secret", `pg-migrate-${app}-url`).stringData;
      expect(new URL(url).searchParams.get("sslmode")).toBe("require");
    }
    expect(rendered.names("StatefulSet")).toEqual(["rabbitmq"]);
  });

  it("is reached inside the VPC only, after the admin has granted", async () => {
    const rendered = await managed();
    const { egress } = rendered.object("NetworkPolicy", "consumer-deployment").spec;
    expect(egress).toContainEqual({
      to: [{ ipBlock: { cidr: "10.20.0.0/20" } }],
      ports: [{ protocol: "TCP", port: 25060 }],
    });
    const before = rendered.waitsFor(rendered.one("Deployment", "consumer-deployment")).map(({ name }) => name);
    expect(before).toEqual(expect.arrayContaining(["bow-mark-postgres-grant", "bow-mark-postgres"]));
    for (const { owner, template } of rendered.podTemplates()) {
      expect(restrictedViolations(template.spec), owner).toEqual([]);
    }
  });
});

describe("an existing PostgreSQL", () => {
  it("is used as it is: Secret and connections, no server, no database of ours", async () => {
    const database = { kind: "existing", host: "db.example.com", user: "reports", tls: "verify-full" };
    const rendered = await bowmark("prod", { [bowmarkKey]: { database } });
    expect(rendered.object("Secret", "postgres").stringData).toMatchObject({
      host: "db.example.com",
      user: "reports",
      password: "placeholder-for-bowmark-databasePassword",
    });
    expect(rendered.names("StatefulSet")).toEqual(["rabbitmq"]);
    // Its tables are the application's to migrate; nobody sets it up.
    const jobs = rendered.names("Job").map((name) => name.replace(/-[0-9a-f]{8}$/, ""));
    expect(jobs).toEqual(["pg-migrate-concrete", "pg-migrate-paving"]);
    for (const kind of ["DatabaseCluster", "DatabaseDb", "DatabaseUser"]) expect(rendered.all(kind)).toEqual([]);
    expect(rendered.rendering.missing.map(({ path }) => path)).toContain(
      "doks-systems:secrets.bowmark.databasePassword",
    );
  });
});

describe("an existing PostgreSQL in a private network", () => {
  it("is reached in the range that the settings name, and nowhere else", async () => {
    const database = { kind: "existing", host: "db.internal.example", user: "reports", privateRange: "10.116.0.0/20" };
    const rendered = await bowmark("prod", { [bowmarkKey]: { database } });
    const { egress } = rendered.object("NetworkPolicy", "consumer-deployment").spec;
    expect(egress).toContainEqual({
      to: [{ ipBlock: { cidr: "10.116.0.0/20" } }],
      ports: [{ protocol: "TCP", port: 5432 }],
    });
  });
});

describe("an existing bucket", () => {
  it("is used with the key of the secrets, at its own endpoint", async () => {
    const bucket = { kind: "existing", name: "elsewhere", region: "eu-1", endpoint: "https://s3.example.com:9000" };
    const rendered = await bowmark("prod", { [bowmarkKey]: { backup: { bucket } } });
    expect(rendered.names("SpacesBucket")).toEqual(["bow-mark-files"]);
    const [, upload] = rendered.containers("CronJob", "pg-backup");
    expect(env(upload, "SPACES_ENDPOINT")).toBe("https://s3.example.com:9000");
    const { egress } = rendered.object("NetworkPolicy", "pg-backup").spec;
    expect(egress.at(-1).ports).toEqual([{ protocol: "TCP", port: 9000 }]);
    expect(rendered.object("Secret", "spaces-backup").stringData).toMatchObject({ name: "elsewhere", region: "eu-1" });
  });
});

describe("the restore drill of a server elsewhere", () => {
  it("has a volume of 20 GiB, or as the settings say", async () => {
    const database = { kind: "existing", host: "db.example.com", user: "reports" };
    for (const [backup, size] of [
      [{}, "20Gi"],
      [{ drillStorage: "500Gi" }, "500Gi"],
    ] as const) {
      const rendered = await bowmark("prod", { [bowmarkKey]: { database, backup } });
      const { volumes } = rendered.podSpec("CronJob", "pg-backup-drill");
      const { ephemeral } = volumes.find(({ name }: Loose) => name === "restored");
      expect(ephemeral.volumeClaimTemplate.spec.resources).toEqual({ requests: { storage: size } });
    }
  });
});

describe("private images", () => {
  const pulled = async (pullSecret: object): Promise<{ rendered: RenderedStack; config: Loose }> => {
    const rendered = await bowmark("prod", { [bowmarkKey]: { images: { pullSecret } } });
    const secret = rendered.object("Secret", "regcred");
    expect(secret.type).toBe("kubernetes.io/dockerconfigjson");
    return { rendered, config: JSON.parse(secret.stringData[".dockerconfigjson"]) };
  };

  it("are pulled with the credentials given, by every application pod", async () => {
    const { rendered, config } = await pulled({ kind: "credentials", server: "docker.io", username: "someone" });
    const auth = Buffer.from("someone:placeholder-for-bowmark-registryPassword").toString("base64");
    expect(config).toEqual({ auths: { "docker.io": { auth } } });
    for (const name of rendered.names("Deployment")) {
      expect(rendered.podSpec("Deployment", name).imagePullSecrets).toEqual([{ name: "regcred" }]);
    }
  });

  it("are pulled from the platform's registry with a read-only credential that lasts a year", async () => {
    const { rendered, config } = await pulled({ kind: "platform-registry" });
    expect(Object.keys(config.auths)).toEqual(["registry.digitalocean.com"]);
    const credential = rendered.all("ContainerRegistryDockerCredentials")[0];
    expect(credential?.inputs).toMatchObject({ write: false, expirySeconds: 31_536_000 });
    expect(credential?.retainOnDelete).toBe(true);
  });
});

describe("the cluster", () => {
  it("is VPC-native, patched by DigitalOcean, and never replaced for a version", async () => {
    const prod = await bowmark("prod");
    const cluster = prod.one("KubernetesCluster", "doks-prod");
    expect(cluster.inputs).toMatchObject({
      version: "1.36.3-do.0",
      ha: true,
      autoUpgrade: true,
      surgeUpgrade: true,
      maintenancePolicy: { day: "sunday", startTime: "04:00" },
      clusterSubnet: "10.100.0.0/16",
      serviceSubnet: "10.101.0.0/19",
      nodePool: { name: "system", size: "s-2vcpu-4gb", nodeCount: 2 },
      destroyAllAssociatedResources: false,
    });
    expect(cluster.ignoreChanges).toEqual(["version"]);
    expect(cluster.protect).toBe(true);
  });

  it("shows a version only when an upgrade is asked for", async () => {
    const upgrading = await bowmark("prod", { [platform]: { catalogue: "lenient", cluster: { upgradeTo: "1.37" } } });
    const cluster = upgrading.one("KubernetesCluster", "doks-prod");
    expect(cluster.inputs.version).toBe("1.37.3-do.0");
    expect(cluster.ignoreChanges).toEqual([]);
  });

  it("gives the provider a kubeconfig that does not expire, and an identity that outlives the token", async () => {
    const prod = await bowmark("prod", { "digitalocean:token": "token-1" });
    const provider = prod.one("pulumi:providers:kubernetes", "platform");
    expect(provider.inputs.kubeconfig).toContain("token: token-1");
    expect(provider.secretPaths).toContainEqual(["kubeconfig"]);
    expect(provider.inputs.clusterIdentifier).toBe(clusterId(prod));
    expect(provider.inputs).toMatchObject({ enableConfigMapMutable: "true", enableSecretMutable: "true" });
    expect(JSON.stringify(prod.rendering.outputs["platform"])).not.toContain("token-1");
  });

  it("that exists already gets no pool selectors, no storage class, and nothing from DigitalOcean", async () => {
    const local = await bowmark("local");
    expect(local.rendering.resources.filter(({ type }) => type.startsWith("digitalocean:"))).toEqual([]);
    for (const { template } of local.podTemplates()) expect(template.spec).not.toHaveProperty("nodeSelector");
    for (const { inputs } of local.all("StatefulSet")) {
      expect((inputs as Loose).spec.volumeClaimTemplates[0].spec).not.toHaveProperty("storageClassName");
    }
    expect(local.all("helm.v3:Release")).toEqual([]);
  });
});

describe("add-ons", () => {
  it("are installed from pinned charts, or from a mirror, or not at all", async () => {
    const charts = (one: RenderedStack) =>
      Object.fromEntries(
        [...one.all("Chart"), ...one.all("Release")].map(({ name, inputs }) => [
          inputs["name"] ?? name,
          inputs["chart"],
        ]),
      );
    expect(charts(await bowmark("prod"))).toEqual({
      "platform-addons-gateway-kinds": "oci://docker.io/envoyproxy/gateway-crds-helm",
      "envoy-gateway": "oci://docker.io/envoyproxy/gateway-helm",
      "cert-manager": "oci://quay.io/jetstack/charts/cert-manager",
      "metrics-server": "metrics-server",
      "prometheus-operator-crds": "prometheus-operator-crds",
      prometheus: "kube-prometheus-stack",
    });
    const mirrored = await bowmark("prod", {
      [platform]: { addons: { chartMirror: "oci://mirror.example.com/charts" } },
    });
    expect(charts(mirrored)).toMatchObject({
      "platform-addons-gateway-kinds": "oci://mirror.example.com/charts/gateway-crds-helm",
      "cert-manager": "oci://mirror.example.com/charts/cert-manager",
    });
    const existing = {
      envoyGateway: "existing",
      certManager: "existing",
      metricsServer: "none",
      prometheus: "existing",
    };
    const used = await bowmark("prod", { [platform]: { addons: existing } });
    expect(charts(used)).toEqual({});
    expect(used.names("Gateway")).toEqual(["edge"]);
  });

  it("wait for each other: charts after their kinds, cert-manager after the routes' kinds, gateway after all", async () => {
    const prod = await bowmark("prod");
    const before = (kind: string, name: string) => prod.waitsFor(prod.one(kind, name)).map((resource) => resource.name);
    expect(before("Release", "envoy-gateway")).toContain("platform-addons-gateway-kinds");
    expect(before("Release", "prometheus")).toContain("platform-addons-prometheus-kinds");
    expect(before("Release", "cert-manager")).toContain("platform-addons-gateway-kinds");
    for (const kind of ["GatewayClass", "Gateway"])
      expect(before(kind, "edge")).toEqual(
        expect.arrayContaining(["platform-addons-gateway-kinds", "platform-addons-envoy-gateway"]),
      );
    expect(before("ClusterIssuer", "letsencrypt-prod")).toContain("platform-addons-cert-manager");
    expect(before("HTTPRoute", "ingress-service-paving")).toContain("platform-edge-gateway");
  });

  it("bring Gateway API's kinds over those of DOKS, at the controller's version, and no other object is taken over", async () => {
    const prod = await bowmark("prod");
    const [kinds, controller] = [
      prod.one("Chart", "platform-addons-gateway-kinds").inputs,
      prod.one("Release", "envoy-gateway").inputs,
    ];
    expect(kinds.version).toBe(controller.version);
    // Only the standard channel goes over DOKS's kinds wherever their policy on upgrades is.
    expect(kinds.values).toEqual({
      crds: { gatewayAPI: { enabled: true, channel: "standard" }, envoyGateway: { enabled: true } },
    });
    expect(controller.values.crds).toEqual({ enabled: false });
    const takesOver = { upsertExistingObjects: "true", enablePatchForce: "true" };
    expect(prod.one("pulumi:providers:kubernetes", "platform-addons-adopter").inputs).toMatchObject(takesOver);
    expect(prod.one("pulumi:providers:kubernetes", "platform").inputs).not.toHaveProperty("upsertExistingObjects");
  });

  it("leave their kinds when they go, and every object of them", async () => {
    const prod = await bowmark("prod");
    expect(prod.one("Chart", "platform-addons-gateway-kinds").retainOnDelete).toBe(true);
    expect(prod.one("Release", "cert-manager").inputs.values.crds).toEqual({ enabled: true, keep: true });
    expect(prod.one("Release", "prometheus-operator-crds").inputs.values).toEqual({
      crds: { annotations: { "helm.sh/resource-policy": "keep" } },
    });
  });

  it("without an edge there is no route, certificate, record or load balancer", async () => {
    const none = { environment: "staging", edge: { kind: "none", acmeEmail: null } };
    const bare = await bowmark("prod", { [platform]: none });
    for (const kind of ["Gateway", "HTTPRoute", "Certificate", "DnsRecord", "ClusterIssuer"])
      expect(bare.all(kind)).toEqual([]);
  });
});

describe("the cluster of another stack", () => {
  /** A stack of one system that deploys to the cluster of `acme/doks-systems/platform`. */
  const shared = (patch: object = {}) =>
    bowmark("staging", {
      [platform]: {
        cluster: { source: "stack", stack: "acme/doks-systems/platform", ...ownClusterOnly },
        pools: null,
        edge: { kind: "stack", acmeEmail: null, replicas: null },
        registry: { kind: "existing", name: "geo", tier: null },
        addons: { envoyGateway: "existing", certManager: "existing", metricsServer: "existing" },
      },
      ...patch,
    });

  it("is used as its outputs say, and nothing of it is made again", async () => {
    const rendered = await shared();
    for (const kind of ["KubernetesCluster", "KubernetesNodePool", "Vpc", "Release", "Gateway", "ClusterIssuer"]) {
      expect(rendered.names(kind)).toEqual([]);
    }
    const provider = rendered.one("pulumi:providers:kubernetes", "platform");
    expect(provider.inputs.kubeconfig).toContain("https://shared.k8s.ondigitalocean.com");
    expect(provider.secretPaths).toContainEqual(["kubeconfig"]);
    for (const { inputs } of rendered.all("DnsRecord")) expect(inputs["value"]).toBe("192.0.2.30");
    expect(rendered.all("DnsRecord").length).toBeGreaterThan(0);
    expect(rendered.names("HTTPRoute").length).toBeGreaterThan(0);
    expect(rendered.podSpec("StatefulSet", "postgres").nodeSelector).toEqual({
      "doks.digitalocean.com/node-pool": expect.any(String),
    });
  });

  it("is where managed databases are open to, in its VPC", async () => {
    const rendered = await shared({ [bowmarkKey]: { database: { kind: "managed", size: "db-s-1vcpu-1gb" } } });
    const vpc = rendered.one("DatabaseCluster", "bow-mark-postgres-staging").inputs.privateNetworkUuid;
    const [rule] = rendered.one("DatabaseFirewall", "bow-mark-postgres").inputs.rules;
    const { clusterId: id } = rendered.rendering.outputs["platform"] as { clusterId: string };
    expect(rule).toEqual({ type: "k8s", value: id });
    expect(vpc).not.toBe(id);
    const { egress } = rendered.object("NetworkPolicy", "consumer-deployment").spec;
    expect(egress).toContainEqual({
      to: [{ ipBlock: { cidr: "10.30.0.0/20" } }],
      ports: [{ protocol: "TCP", port: 25060 }],
    });
  });

  it("is refused without its edge elsewhere", () => {
    const alone = { edge: { kind: "stack", acmeEmail: null } };
    expect(problems("prod", { [platform]: alone })).toEqual([
      expect.objectContaining({ path: "doks-systems:platform.edge.kind", problem: "needs cluster.source stack" }),
    ]);
  });
});

describe("Redis", () => {
  const gx = alone("gx");
  const gxKey = "doks-systems:gx";

  /** Both are over TLS, which GX's published image refuses. */
  const imageSupports = { redisTls: true };

  it("managed: DigitalOcean's Valkey, kept, in the VPC, over TLS", async () => {
    const redis = { kind: "managed", size: "db-s-1vcpu-1gb" };
    const rendered = await gx("prod", { [gxKey]: { redis, imageSupports } });
    const cluster = rendered.one("DatabaseCluster", "gx-redis-prod");
    expect(cluster.inputs).toMatchObject({ engine: "valkey", evictionPolicy: "noeviction" });
    expect(cluster).toMatchObject({ protect: true, retainOnDelete: true });
    const urls = Object.values(rendered.object("Secret", "backend-secrets").stringData as Record<string, string>);
    expect(urls.filter((url) => url.startsWith("rediss://"))).toHaveLength(1);
  });

  it("existing: its address, with the password of the secrets, and no server", async () => {
    const redis = { kind: "existing", host: "redis.example.com", tls: true };
    const rendered = await gx("prod", { [gxKey]: { redis, imageSupports } });
    expect(rendered.names("DatabaseCluster")).toEqual(["gx-postgres-prod"]);
    expect(rendered.names("StatefulSet")).toEqual([]);
    const urls = Object.values(rendered.object("Secret", "backend-secrets").stringData as Record<string, string>);
    expect(urls).toContainEqual(
      expect.stringMatching(/^rediss:.*placeholder-for-gx-redisPassword@redis\.example\.com/),
    );
    expect(rendered.rendering.missing.map(({ path }) => path)).toContain("doks-systems:secrets.gx.redisPassword");
  });
});

describe("monitoring", () => {
  const alertsOf = (rendered: RenderedStack, name: string): string[] =>
    rendered.object("PrometheusRule", name).spec.groups[0].rules.map(({ alert }: Loose) => alert);

  it("has the alerts of every system, of its pools, and of its certificates", async () => {
    const prod = await bowmark("prod");
    expect(alertsOf(prod, "bow-mark-alerts")).toEqual([
      "PodNotReady",
      "PodRestarting",
      "VolumeFillingUp",
      "BackupStale",
      "BackupFailed",
      "CertificateExpiring",
    ]);
    expect(alertsOf(prod, "node-pools")).toEqual(Object.keys(prodPools(prod)).map(() => "PoolAtMaximum"));
  });

  it("of a Prometheus that the cluster has: the same rules and dashboards, in its namespace, and no chart", async () => {
    const [installed, existing] = [
      await bowmark("prod"),
      await bowmark("prod", { [platform]: { addons: { prometheus: "existing" } } }),
    ];
    for (const kind of ["PrometheusRule", "ServiceMonitor"])
      expect(existing.names(kind)).toEqual(installed.names(kind));
    expect(existing.names("Release")).not.toContain("prometheus");
    expect(existing.object("ConfigMap", "bow-mark-dashboard").metadata.labels).toMatchObject({
      grafana_dashboard: "1",
    });
  });

  it("off: nothing of it anywhere", async () => {
    const off = await bowmark("prod", { [platform]: { addons: { prometheus: "none" }, monitoring: null } });
    expect([...off.names("PrometheusRule"), ...off.names("ServiceMonitor")]).toEqual([]);
    expect(off.names("ConfigMap")).not.toContain("bow-mark-dashboard");
    const visitors = off.objects().filter(({ metadata }) => metadata.name.endsWith("prometheus"));
    expect(visitors).toEqual([]);
  });
});

it("a chart of the stack's own is installed at its version", async () => {
  const keda = { chart: "keda", repository: "https://charts.example.com", version: "2.19.0", namespace: "keda" };
  const rendered = await bowmark("prod", { [platform]: { addons: { charts: { keda } } } });
  expect(rendered.one("Release", "keda").inputs).toMatchObject({
    chart: "keda",
    version: "2.19.0",
    namespace: "keda",
    repositoryOpts: { repo: "https://charts.example.com" },
  });
});

function prodPools(rendered: RenderedStack): object {
  return Object.fromEntries(rendered.names("KubernetesNodePool").map((name) => [name, true]));
}

describe("an adopted namespace", () => {
  it("is left as it is: no labels, no policy for pods that are not ours", async () => {
    const adopted = await bowmark("prod", { [bowmarkKey]: { namespace: { name: "default", create: false } } });
    expect(adopted.names("Namespace")).not.toContain("default");
    const inDefault = adopted.all("NetworkPolicy").map(({ inputs }) => (inputs as Loose).spec.podSelector);
    expect(inDefault.length).toBeGreaterThan(10);
    for (const selector of inDefault) expect(Object.keys(selector.matchLabels ?? {})).toHaveLength(1);
    // Each workload's own policy still denies what it did not declare.
    expect(adopted.object("NetworkPolicy", "worker-deployment").spec.policyTypes).toEqual(["Ingress", "Egress"]);
  });
});

function clusterId(rendered: RenderedStack): string {
  return (rendered.rendering.outputs["platform"] as { clusterId: string }).clusterId;
}
