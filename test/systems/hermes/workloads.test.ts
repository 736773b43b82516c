/** Hermes' acceptance lines: namespace and Deployment. */
import { describe, expect, it } from "vitest";
import { env, problems, type Loose } from "../../support/stack.ts";
import { hermes, key, name, prod, managed, deployment, container } from "./support.ts";

describe("namespace and Deployment", () => {
  it("hermes 1: namespace kafka is created and kept, or neither created nor deleted where it is adopted", async () => {
    expect(prod.one("kubernetes:core/v1:Namespace", "kafka")).toMatchObject({ protect: true, retainOnDelete: true });
    const adopted = await hermes("prod", { [key]: { namespace: { create: false } } });
    expect(adopted.names("kubernetes:core/v1:Namespace")).not.toContain("kafka");
    expect(adopted.object("Deployment", name).metadata.namespace).toBe("kafka");
    const selectors = adopted.all("NetworkPolicy").map(({ inputs }) => (inputs as Loose).spec.podSelector);
    for (const selector of selectors) expect(Object.keys(selector.matchLabels ?? {})).not.toEqual([]);
  });

  it("hermes 2: Deployment hermes-ipfs-cache has exactly one replica and strategy Recreate", () => {
    expect(deployment()).toMatchObject({ replicas: 1, strategy: { type: "Recreate" } });
    expect(prod.object("Deployment", name).metadata.namespace).toBe("kafka");
  });

  it("hermes 3: selector and pod label are app: hermes-ipfs-cache", () => {
    expect(deployment().selector).toEqual({ matchLabels: { app: name } });
    expect(deployment().template.metadata.labels).toEqual({ app: name });
  });

  it("hermes 4: the image is the registry's, with a tag that does not move in production", () => {
    expect(container().image).toBe("registry.digitalocean.com/geo/hermes-ipfs-cache:1.4.0");
    expect(problems("prod", { [key]: { imageTag: "latest" } }).map(({ path }) => path)).toEqual([`${key}.imageTag`]);
  });

  it("hermes 4: a digest is an image too", async () => {
    const digest = `sha256:${"0".repeat(64)}`;
    const pinned = await hermes("prod", { [key]: { imageTag: digest } });
    expect(container(pinned).image).toBe(`registry.digitalocean.com/geo/hermes-ipfs-cache@${digest}`);
  });

  it("hermes 5: the pod pulls with regcred, which opens registry.digitalocean.com", () => {
    expect(deployment().template.spec.imagePullSecrets).toEqual([{ name: "regcred" }]);
    const secret = prod.object("Secret", "regcred");
    expect(secret.type).toBe("kubernetes.io/dockerconfigjson");
    expect(Object.keys(JSON.parse(secret.stringData[".dockerconfigjson"]).auths)).toEqual([
      "registry.digitalocean.com",
    ]);
  });

  it("hermes 6: requests and limits are the document's", () => {
    expect(container().resources).toEqual({
      requests: { memory: "256Mi", cpu: "250m" },
      limits: { memory: "1Gi", cpu: "1000m" },
    });
  });

  it("hermes 7 and 8: database and Substreams come from their Secrets", () => {
    expect(env(container(), "DATABASE_URL")).toBe("ipfs-cache-db-credentials/DATABASE_URL");
    for (const variable of ["SUBSTREAMS_ENDPOINT", "SUBSTREAMS_API_TOKEN"]) {
      expect(env(container(), variable)).toBe(`substreams-credentials/${variable}`);
    }
    const { SUBSTREAMS_ENDPOINT: endpoint } = prod.object("Secret", "substreams-credentials").stringData;
    expect(endpoint).toBe("https://mainnet.eth.streamingfast.io");
  });

  it("hermes 9: IPFS_GATEWAY is the public gateway unless the stack has another, and ends with a slash", async () => {
    expect(env(container(), "IPFS_GATEWAY")).toBe("https://gateway.ipfs.io/ipfs/");
    const other = await hermes("prod", { [key]: { ipfsGateway: "https://ipfs.example.com/ipfs/" } });
    expect(env(container(other), "IPFS_GATEWAY")).toBe("https://ipfs.example.com/ipfs/");
    const [problem] = problems("prod", { [key]: { ipfsGateway: "https://ipfs.example.com/ipfs" } });
    expect(problem?.fix).toBe("end it with a slash");
  });

  it("hermes 10 and 35: block range, log level and further variables are the stack's to set", async () => {
    expect(env(container(), "START_BLOCK")).toBe("0");
    expect(env(container(), "END_BLOCK")).toBe("0");
    expect(env(container(), "RUST_LOG")).toBe("info,hermes_ipfs_cache=debug");
    const other = container(
      await hermes("prod", {
        [key]: {
          startBlock: 19_000_000,
          endBlock: 20_000_000,
          logLevel: "warn",
          variableNames: { ipfsGateway: "IPFS_GATEWAY_URL", startBlock: "SUBSTREAMS_START_BLOCK" },
          workloads: { [name]: { env: { MODULE: "map_events" } } },
        },
      }),
    );
    expect(env(other, "SUBSTREAMS_START_BLOCK")).toBe("19000000");
    expect(env(other, "START_BLOCK")).toBeUndefined();
    expect(env(other, "END_BLOCK")).toBe("20000000");
    expect(env(other, "IPFS_GATEWAY_URL")).toBe("https://gateway.ipfs.io/ipfs/");
    expect(env(other, "RUST_LOG")).toBe("warn");
    expect(env(other, "MODULE")).toBe("map_events");
  });

  it("hermes 11: the pod has no port and no Service selects it", () => {
    expect(container()).not.toHaveProperty("ports");
    const selectors = prod.all("kubernetes:core/v1:Service").map(({ inputs }) => (inputs as Loose).spec.selector);
    expect(selectors).toEqual([{ app: "ipfs-cache-postgres" }]);
    expect(managed.names("kubernetes:core/v1:Service")).toEqual([]);
  });

  it("hermes 12: the pod runs as user 1001 with every capability dropped", () => {
    const { spec } = deployment().template;
    expect(spec.securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1001, fsGroup: 1001 });
    expect(container().securityContext).toMatchObject({
      capabilities: { drop: ["ALL"] },
      allowPrivilegeEscalation: false,
    });
  });

  it("hermes 13: a change in either Secret restarts the pod", async () => {
    const annotations = (one = prod) => deployment(one).template.metadata.annotations;
    const checksums = ["ipfs-cache-db-credentials", "substreams-credentials"].map(
      (secret) => `checksum.doks-systems/${secret}`,
    );
    expect(Object.keys(annotations())).toEqual(checksums);
    const other = await hermes("prod", { [key]: { substreamsEndpoint: "https://other.example.com" } });
    expect(annotations(other)[checksums[1] ?? ""]).not.toBe(annotations()[checksums[1] ?? ""]);
    expect(annotations(other)[checksums[0] ?? ""]).toBe(annotations()[checksums[0] ?? ""]);
  });
});
