/** The kinds that no committed stack uses: each has the same face and keeps the same promises. Images, clusters, namespaces. */
import { describe, expect, it } from "vitest";
import { problems, type Loose, type RenderedStack, ownClusterOnly } from "../../support/stack.ts";
import { bowmark, bowmarkKey, clusterId, platform } from "./support.ts";

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

describe("an adopted namespace", () => {
  it("is left as it is: no labels, no policy for pods that are not ours", async () => {
    const adopted = await bowmark("prod", { [bowmarkKey]: { namespace: { name: "default", create: false } } });
    expect(adopted.names("Namespace")).not.toContain("default");
    const inDefault = adopted.all("NetworkPolicy").map(({ inputs }) => (inputs as Loose).spec.podSelector);
    expect(inDefault.length).toBeGreaterThan(10);
    for (const selector of inDefault) expect(selector.matchLabels).toHaveProperty(["doks-systems/system"], "bow-mark");
    // Each workload's own policy still denies what it did not declare.
    expect(adopted.object("NetworkPolicy", "worker-deployment").spec.policyTypes).toEqual(["Ingress", "Egress"]);
  });
});
