/**
 * A real Kubernetes control plane on loopback: etcd, API server, controller manager and scheduler. kwok simulates
 * nodes, pods and volumes. All files are in one folder, so several control planes can run side by side.
 */
import { addonNamespaces } from "../../catalogue/kubernetes.ts";
import { overlayRanges } from "../../catalogue/networks.ts";
import type { ChildProcess } from "node:child_process";
import { generateKeyPairSync, randomBytes } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { tokenKubeconfig } from "../../components/cluster/kubeconfig.ts";
import { end, freePorts, runTool, until } from "../processes.ts";
import { moduleFolder, tool, type Tool } from "../tools.ts";
import { Client, hasCondition, type ApiObject } from "./client.ts";
import { playControllers, type Edge } from "./controllers.ts";
import { doksManager, initialClasses, initialKinds, initialObjects } from "./doks.ts";
import { addonKinds } from "./kinds.ts";

/** A control plane that runs. */
export interface ControlPlane {
  /** Client with every right. */
  readonly client: Client;
  /** Certificate of the API server in PEM; it signed itself, so it is also the authority to trust. */
  readonly ca: string;
  /** Path of a kubeconfig with every right. */
  readonly kubeconfig: string;
  stop(): Promise<void>;
}

/** How a control plane is to be. */
export interface ControlPlaneOptions {
  /** Bearer tokens with every right. @default - a new one */
  readonly tokens?: readonly string[] | undefined;
  /** Custom resource definitions to install. @default - every kind that the program makes objects of */
  readonly kinds?: () => readonly ApiObject[];
  /** Real nodes for it. @default - kwok simulates the nodes that it is given, and all that runs on them */
  readonly real?: RealNodes;
}

/** Where a control plane runs whose nodes are real, and how they start. */
export interface RealNodes {
  /** Address at which the API server listens: of this machine, and of no loopback device. */
  readonly address: string;
  /** Tokens of the nodes' parts, as the API server's file of tokens has them: `token,user,uid,"group"`. */
  readonly tokens: readonly string[];
  /** Further options of the API server. */
  readonly apiServerArgs: readonly string[];
  /** Folder of what its programs print, each in `<name>.log`. */
  readonly logs: string;
  run(name: Tool, args: readonly string[]): ChildProcess;
  /** What its load balancers and certificates are. */
  readonly edge: Edge;
  /** Starts the nodes; once they are ready all that a pod needs is there. Returns the kubelet. */
  start(plane: Pick<ControlPlane, "client" | "ca">): Promise<ChildProcess>;
}

/**
 * Starts a control plane, and waits until it accepts objects of all kinds that the program makes.
 *
 * @param folder empty, or with the data of an earlier run
 * @param nodes that the cluster has, where they are simulated
 * @throws {Error} if a part ends, or is not ready in three minutes; names its log
 */
export async function startControlPlane(
  folder: string,
  nodes: readonly ApiObject[],
  { tokens = [randomBytes(16).toString("hex")], kinds = addonKinds, real }: ControlPlaneOptions = {},
): Promise<ControlPlane> {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  // Builds the programs before it starts any: the first build takes minutes.
  for (const name of ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kwok"] as const)
    tool(name);
  const processes = new Map<Tool, ChildProcess>();
  const run = (name: Tool, args: readonly string[]) => {
    processes.set(name, real === undefined ? runTool(folder, name, args) : real.run(name, args));
  };
  const ready = (name: Tool, holds: () => Promise<boolean>) =>
    until(name, holds, { process: processes.get(name), log: join(real?.logs ?? folder, `${name}.log`) });
  const host = real?.address ?? "127.0.0.1";
  const stop = async () => {
    // In reverse order, so that no client is left without its server.
    for (const process of [...processes.values()].toReversed()) await end(process);
  };
  try {
    const ports = await freePorts(4);
    const [etcd = 0, peer = 0, api = 0, kwok = 0] = ports;
    run("etcd", etcdArgs(folder, etcd, peer));

    writeCredentials(folder, tokens, real?.tokens ?? []);
    const [token = ""] = tokens;
    run("kube-apiserver", [...apiServerArgs(folder, etcd, host, api), ...(real?.apiServerArgs ?? simulatedArgs)]);
    const certificate = join(folder, "pki", "apiserver.crt");
    await ready("kube-apiserver", () => Promise.resolve(existsSync(certificate)));
    const ca = readFileSync(certificate, "utf8");
    const client = new Client(`https://${host}:${api}`, token, ca);
    await ready("kube-apiserver", async () => (await client.call("GET", "/readyz")) === "ok");

    const kubeconfig = join(folder, "kubeconfig");
    const address = { name: "sandbox", endpoint: client.server, caCertificate: Buffer.from(ca).toString("base64") };
    writeFileSync(kubeconfig, tokenKubeconfig(address, token), { mode: 0o600 });
    run("kube-controller-manager", controllerManagerArgs(folder, kubeconfig));
    run("kube-scheduler", ["--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port=0", "--profiling=false"]);
    if (real === undefined) run("kwok", kwokArgs(folder, kubeconfig, kwok));
    await populate(client, nodes, kinds(), real === undefined ? initialObjects() : initialClasses());
    await ready("kube-controller-manager", () => hasDefaultAccount(client));
    if (real !== undefined) processes.set("kubelet", await real.start({ client, ca }));
    const [kubelet, least] = real === undefined ? (["kwok", nodes.length] as const) : (["kubelet", 1] as const);
    await ready(kubelet, () => nodesReady(client, least));
    const controllers = playControllers(client, real?.edge);
    return {
      client,
      ca,
      kubeconfig,
      stop: async () => {
        await controllers.stop();
        client.close();
        await stop();
      },
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Installs what a DOKS cluster has from the start, and the kinds and namespaces of add-ons. */
async function populate(
  client: Client,
  nodes: readonly ApiObject[],
  kinds: readonly ApiObject[],
  objects: readonly ApiObject[],
): Promise<void> {
  const initial = initialKinds();
  const namespaces = addonNamespaceNames.map(namespace);
  // Like DOKS, only if they are missing: it does not put its own version over one that somebody has upgraded.
  await Promise.all(initial.map(async (one) => (await client.get(one)) ?? applied(client, one, doksManager)));
  await Promise.all([...kinds, ...namespaces].map((one) => applied(client, one, "sandbox")));
  await addNodes(client, nodes);
  for (const kind of [...initial, ...kinds]) {
    await until(`kind ${kind.metadata.name}`, async () => {
      const now = await client.get(kind);
      return now !== undefined && hasCondition(now, "Established");
    });
  }
  await Promise.all(objects.map((one) => client.apply(one, doksManager)));
}

/** Applies an object; again if the server had no time for it, as for dozens of kinds at once on a busy machine. */
async function applied(client: Client, object: ApiObject, manager: string): Promise<void> {
  await until(`${object.kind} ${object.metadata.name}`, async () => {
    await client.apply(object, manager);
    return true;
  });
}

/** Makes nodes. Their size is in their status, which the API server only takes through a path of its own. */
export async function addNodes(client: Client, nodes: readonly ApiObject[]): Promise<void> {
  await Promise.all(
    nodes.map(async (node) => {
      await client.apply(node, "sandbox");
      const path = `/api/v1/nodes/${node.metadata.name}/status?fieldManager=sandbox&force=true`;
      await client.call("PATCH", path, node, "application/apply-patch+yaml");
    }),
  );
}

/** Namespaces of add-ons, which must exist for a stack whose add-ons are `existing`, as they are in the sandbox. */
const addonNamespaceNames = [addonNamespaces.envoyGateway, "monitoring"];

function namespace(name: string): ApiObject {
  return { apiVersion: "v1", kind: "Namespace", metadata: { name } };
}

async function hasDefaultAccount(client: Client): Promise<boolean> {
  const accounts = await client.list("v1", "serviceaccounts", "default");
  return accounts.some(({ metadata }) => metadata.name === "default");
}

async function nodesReady(client: Client, least: number): Promise<boolean> {
  const nodes = await client.list("v1", "nodes");
  return nodes.length >= least && nodes.every((node) => hasCondition(node, "Ready"));
}

function etcdArgs(folder: string, port: number, peer: number): string[] {
  const [client, peers] = [`http://127.0.0.1:${port}`, `http://127.0.0.1:${peer}`];
  return [
    ...["--name", "sandbox", "--data-dir", join(folder, "etcd"), "--unsafe-no-fsync", "--log-level", "warn"],
    ...["--listen-client-urls", client, "--advertise-client-urls", client],
    ...["--listen-peer-urls", peers, "--initial-advertise-peer-urls", peers, "--initial-cluster", `sandbox=${peers}`],
  ];
}

/** Without nodes that could reach it, the API server has no address in the cluster. */
const simulatedArgs = ["--authorization-mode", "RBAC", "--endpoint-reconciler-type", "none"];

function apiServerArgs(folder: string, etcd: number, address: string, port: number): string[] {
  return [
    ...["--etcd-servers", `http://127.0.0.1:${etcd}`, "--service-cluster-ip-range", overlayRanges.services],
    ...["--bind-address", address, "--advertise-address", address, "--secure-port", String(port)],
    // The API server makes a self-signed certificate in this folder.
    ...["--cert-dir", join(folder, "pki"), "--token-auth-file", join(folder, "tokens.csv")],
    ...["--service-account-issuer", "https://kubernetes.default.svc.cluster.local"],
    ...["--service-account-key-file", join(folder, "accounts.pub")],
    ...["--service-account-signing-key-file", join(folder, "accounts.key"), "--profiling=false"],
  ];
}

function controllerManagerArgs(folder: string, kubeconfig: string): string[] {
  return [
    ...["--kubeconfig", kubeconfig, "--leader-elect=false", "--secure-port=0", "--profiling=false"],
    ...["--service-account-private-key-file", join(folder, "accounts.key")],
    ...["--root-ca-file", join(folder, "pki", "apiserver.crt"), "--allocate-node-cidrs=false"],
  ];
}

function kwokArgs(folder: string, kubeconfig: string, port: number): string[] {
  const stages = join(folder, "stages.yaml");
  writeFileSync(stages, kwokStages());
  return [
    ...[
      "--kubeconfig",
      kubeconfig,
      "--config",
      stages,
      "--manage-all-nodes=true",
      "--node-lease-duration-seconds",
      "40",
    ],
    ...["--cidr", overlayRanges.pods, "--node-ip", "127.0.0.1", "--server-address", `127.0.0.1:${port}`],
  ];
}

/**
 * kwok's configuration: nodes become ready and stay so, pods run at once, or after the time in kwok's own annotation
 * `pod-ready.stage.kwok.x-k8s.io/delay`, Jobs complete, and claims of every storage class get a volume.
 */
function kwokStages(): string {
  const folder = join(moduleFolder("sigs.k8s.io/kwok"), "kustomize", "stage");
  const files = [
    "node/fast/node-initialize.yaml",
    "node/heartbeat-with-lease/node-heartbeat-with-lease.yaml",
    ...["ready", "complete", "delete"].map((stage) => `pod/fast/pod-${stage}.yaml`),
    ...["pv-bind", "pv-delete", "pvc-provision", "pvc-delete"].map((stage) => `volume/fast/${stage}.yaml`),
  ];
  const text = files.map((file) => readFileSync(join(folder, file), "utf8")).join("\n---\n");
  const delay = `delay:\n    durationFrom:\n      expressionFrom: '.metadata.annotations["pod-ready.stage.kwok.x-k8s.io/delay"]'`;
  return text
    .replace("name: pod-ready\nspec:\n", (head) => `${head}  ${delay}\n`)
    .replaceAll("self.spec.storageClassName == 'kwok-volume'", "has(self.spec.storageClassName)");
}

/** Writes the file of tokens, of which the first have every right, and the key pair for ServiceAccount tokens. */
function writeCredentials(folder: string, tokens: readonly string[], others: readonly string[]): void {
  const secret = { mode: 0o600 };
  const lines = [...tokens.map((token) => `${token},sandbox,sandbox,system:masters`), ...others];
  writeFileSync(join(folder, "tokens.csv"), lines.map((line) => `${line}\n`).join(""), secret);
  const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
  writeFileSync(join(folder, "accounts.key"), privateKey.export({ type: "pkcs8", format: "pem" }), secret);
  writeFileSync(join(folder, "accounts.pub"), publicKey.export({ type: "spki", format: "pem" }), secret);
}
