/**
 * Stand-ins for the providers: they answer without a cloud, and give a resource of the same name the same id and
 * password.
 */
import { registryHost } from "../../catalogue/image.ts";
import { createHash } from "node:crypto";
import type { MockCallArgs, MockResourceArgs } from "@pulumi/pulumi/runtime/mocks.js";

type State = Record<string, unknown>;

/** Id and outputs of a resource, in the place of what its provider would answer after making it. */
export function standInResource(args: MockResourceArgs): { id: string; state: State } {
  const inputs = args.inputs as State;
  if (args.custom !== true) return { id: "", state: inputs };
  const id = identifier(args.type, args.name, inputs);
  return { id, state: { ...inputs, ...(outputs[args.type]?.(args.name, inputs, id) ?? {}) } };
}

/**
 * Result of a provider's function.
 *
 * @throws {Error} if there is no stand-in for the function
 */
export function standInCall(args: MockCallArgs): State {
  if (args.token === "digitalocean:index/getDatabaseCa:getDatabaseCa") {
    return { id: "ca", certificate: pem("CERTIFICATE", "managed database authority") };
  }
  if (args.token === "digitalocean:index/getKubernetesVersions:getKubernetesVersions") {
    const prefix = String((args.inputs as State)["versionPrefix"]);
    const latestVersion = `${prefix}3-do.0`;
    return { id: "versions", latestVersion, validVersions: [latestVersion], versionPrefix: prefix };
  }
  if (args.token === "digitalocean:index/getKubernetesCluster:getKubernetesCluster") {
    const name = String((args.inputs as State)["name"]);
    // An offline preview does not know the name of a cluster that the settings name by its id.
    const id = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(name) ? name : uuid(`cluster ${name}`);
    return {
      ...{ id, name, urn: `do:kubernetes:${id}`, vpcUuid: uuid(`vpc of ${name}`) },
      endpoint: `https://${id}.k8s.ondigitalocean.com`,
      kubeConfigs: [{ clusterCaCertificate: base64(`certificate authority of ${name}`) }],
    };
  }
  if (args.token === "digitalocean:index/getVpc:getVpc") {
    return { id: String((args.inputs as State)["id"]), ipRange: "10.30.0.0/20" };
  }
  throw new Error(`no stand-in for ${args.token}: add one in graph/render/stand-ins.ts`);
}

function identifier(type: string, name: string, inputs: State): string {
  const metadata = inputs["metadata"] as { name?: string; namespace?: string } | undefined;
  if (metadata?.name === undefined) return uuid(`${type}::${name}`);
  return metadata.namespace === undefined ? metadata.name : `${metadata.namespace}/${metadata.name}`;
}

const outputs: Record<string, (name: string, inputs: State, id: string) => State> = {
  "random:index/randomBytes:RandomBytes": (name, inputs) => {
    const bytes = bytesFor(name, Number(inputs["length"]));
    return { hex: bytes.toString("hex"), base64: bytes.toString("base64") };
  },
  "digitalocean:index/kubernetesCluster:KubernetesCluster": (name, _inputs, id) => ({
    endpoint: `https://${id}.k8s.ondigitalocean.com`,
    clusterUrn: `do:kubernetes:${id}`,
    kubeConfigs: [{ clusterCaCertificate: base64(`certificate authority of ${name}`) }],
  }),
  "digitalocean:index/vpcNatGateway:VpcNatGateway": (_name, inputs) => ({
    vpcs: (inputs["vpcs"] as State[]).map((one) => ({ ...one, gatewayIp: "10.20.0.2" })),
    egresses: [{ publicGateways: [{ ipv4: "192.0.2.10" }] }],
  }),
  "digitalocean:index/databaseCluster:DatabaseCluster": (name, inputs, id) => ({
    clusterUrn: `do:dbaas:${id}`,
    host: `${name}-do-user-0.db.ondigitalocean.com`,
    privateHost: `private-${name}-do-user-0.db.ondigitalocean.com`,
    port: ports[String(inputs["engine"])] ?? 25060,
    user: inputs["engine"] === "valkey" ? "default" : "doadmin",
    password: text(`${name} admin`),
  }),
  "digitalocean:index/databaseConnectionPool:DatabaseConnectionPool": (name, inputs) => ({
    privateHost: `private-${name}-do-user-0.db.ondigitalocean.com`,
    port: 25061,
    name: inputs["name"],
  }),
  "tls:index/privateKey:PrivateKey": (name, inputs) => ({
    privateKeyPem: pem(inputs["algorithm"] === "RSA" ? "RSA PRIVATE KEY" : "EC PRIVATE KEY", `${name} private`),
    publicKeyPem: pem("PUBLIC KEY", `${name} public`),
  }),
  "tls:index/selfSignedCert:SelfSignedCert": (name) => certificate(name),
  "tls:index/certRequest:CertRequest": (name) => ({ certRequestPem: pem("CERTIFICATE REQUEST", name) }),
  "tls:index/locallySignedCert:LocallySignedCert": (name) => certificate(name),
  "pulumi:pulumi:StackReference": () => ({
    outputs: {
      platform: {
        cluster: {
          name: "doks-platform",
          endpoint: "https://shared.k8s.ondigitalocean.com",
          caCertificate: base64("certificate authority of the shared cluster"),
          clusterId: uuid("shared cluster"),
          vpcId: uuid("shared vpc"),
          vpcRange: "10.30.0.0/20",
          region: "nyc1",
        },
        loadBalancer: "192.0.2.30",
        issuer: "letsencrypt-prod",
        priorityClasses: {
          data: "doks-systems-data",
          deployment: "doks-systems-workload",
          task: "doks-systems-task",
        },
      },
    },
    secretOutputNames: [],
  }),
  "digitalocean:index/databaseUser:DatabaseUser": (name) => ({ password: text(`${name} user`) }),
  "digitalocean:index/spacesBucket:SpacesBucket": (_name, inputs) => ({
    bucketUrn: `do:space:${String(inputs["name"])}`,
  }),
  "digitalocean:index/spacesKey:SpacesKey": (name) => ({
    accessKey: `DO00${text(name).slice(0, 16).toUpperCase()}`,
    secretKey: text(`${name} secret`),
  }),
  "digitalocean:index/containerRegistryDockerCredentials:ContainerRegistryDockerCredentials": (name) => ({
    dockerCredentials: JSON.stringify({ auths: { [registryHost]: { auth: base64(text(name)) } } }),
  }),
  // Addresses from the range for documentation, RFC 5737.
  "kubernetes:gateway.networking.k8s.io/v1:Gateway": () => ({ status: { addresses: [{ value: "192.0.2.10" }] } }),
  "kubernetes:core/v1:Service": (_name, inputs) => {
    const { type } = inputs["spec"] as { type?: string };
    return type === "LoadBalancer" ? { status: { loadBalancer: { ingress: [{ ip: "192.0.2.40" }] } } } : {};
  },
  "kubernetes:networking.k8s.io/v1:Ingress": () => ({
    status: { loadBalancer: { ingress: [{ ip: "192.0.2.20" }] } },
  }),
};

/** DigitalOcean's usual port of each engine. */
const ports: Record<string, number> = { pg: 25060, valkey: 25061, kafka: 25073 };

/** A text in the form of a PEM block, without a real key or certificate in it: making those would take seconds. */
function pem(label: string, name: string): string {
  const body = bytesFor(name, 48).toString("base64");
  return `-----BEGIN ${label}-----\n${body}\n-----END ${label}-----\n`;
}

function certificate(name: string): State {
  return { certPem: pem("CERTIFICATE", name), validityEndTime: "2027-11-21T00:00:00Z" };
}

function bytesFor(name: string, length: number): Buffer {
  const blocks = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash("sha256").update(`${name}#${i}`).digest(),
  );
  return Buffer.concat(blocks).subarray(0, length);
}

function text(name: string): string {
  return bytesFor(name, 20).toString("hex");
}

function base64(value: string): string {
  return Buffer.from(value).toString("base64");
}

function uuid(name: string): string {
  const hex = bytesFor(name, 16).toString("hex");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}
