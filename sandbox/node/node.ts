/**
 * A real node: containerd, kubelet, kube-proxy and kube-router on a machine of its own, with a name server and volumes. It
 * stands for all nodes of a cluster.
 */
import { execFileSync, type ChildProcess } from "node:child_process";
import { randomBytes } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stringify } from "yaml";
import { overlayRanges } from "../../catalogue/networks.ts";
import { tokenKubeconfig } from "../../components/cluster/kubeconfig.ts";
import type { Client } from "../control-plane/client.ts";
import type { RealNodes } from "../control-plane/control-plane.ts";
import { Acme } from "../edge/acme.ts";
import { Authority } from "../edge/authority.ts";
import { RealEdge } from "../edge/real-edge.ts";
import { tool, type Tool } from "../tools.ts";
import { dnsAddress, dnsObjects } from "./dns.ts";
import type { Machine } from "./machine.ts";
import { oneNodePolicies } from "./one-node.ts";
import { outsideServer } from "./outside.ts";
import { startOutsideNames, type PublicNames } from "./outside-names.ts";
import { startOutsideSpaces, type OutsideSpaces } from "./outside-spaces.ts";
import { pauseImage } from "./own-images.ts";
import { startVolumes } from "./volumes.ts";

/** Name of the node. */
export const nodeName = "sandbox-0";

/** What is around a node. */
export interface Around {
  /** Address that every image is pulled from, as the machine reaches it. */
  readonly registry: string;
  readonly spaces: OutsideSpaces;
  readonly names: PublicNames;
  /** Address of the directory of the ACME server; undefined in a cluster without Envoy Gateway and cert-manager. */
  readonly acme: string | undefined;
}

export class RealNode implements RealNodes {
  readonly address: string;
  readonly tokens: readonly string[];
  readonly apiServerArgs: readonly string[];
  readonly logs: string;
  readonly edge: RealEdge;
  readonly #machine: Machine;
  readonly #around: Around;
  readonly #secrets = { kubelet: randomBytes(16).toString("hex"), proxy: randomBytes(16).toString("hex") };
  #acme: Acme | undefined;
  #volumes: { stop(): Promise<void> } | undefined;

  constructor(machine: Machine, around: Around) {
    this.#machine = machine;
    this.#around = around;
    this.edge = new RealEdge(machine, around.acme !== undefined);
    this.address = machine.address;
    this.logs = machine.folder;
    this.tokens = [
      `${this.#secrets.kubelet},system:node:${nodeName},kubelet,"system:nodes"`,
      `${this.#secrets.proxy},system:kube-proxy,kube-proxy`,
    ];
    for (const name of ["kubelet", "kube-proxy", "kube-router", "coredns", "versitygw"] as const) tool(name);
    if (around.acme !== undefined) tool("pebble");
    const { certificate, key } = this.#clientCertificate();
    this.apiServerArgs = [
      ...["--authorization-mode", "Node,RBAC", "--enable-admission-plugins", "NodeRestriction"],
      ...["--kubelet-client-certificate", certificate, "--kubelet-client-key", key],
      ...["--kubelet-preferred-address-types", "InternalIP", "--allow-privileged=true"],
    ];
  }

  run(name: Tool, args: readonly string[]): ChildProcess {
    return this.#machine.run(name, tool(name), args);
  }

  async start({ client, ca }: { client: Client; ca: string }): Promise<ChildProcess> {
    const kubeconfig = (user: string, token: string) =>
      this.#file(
        `${user}.kubeconfig`,
        tokenKubeconfig(
          { name: "sandbox", endpoint: client.server, caCertificate: Buffer.from(ca).toString("base64") },
          token,
        ),
      );
    this.#startOutside();
    this.#machine.run("containerd", "containerd", ["--config", this.#containerdConfig()]);
    const identity = ["--hostname-override", nodeName];
    const access = kubeconfig("kubelet", this.#secrets.kubelet);
    const kubelet = this.run("kubelet", [
      ...["--config", this.#kubeletConfig(), "--kubeconfig", access, "--node-ip", this.address, ...identity],
    ]);
    const proxy = kubeconfig("kube-proxy", this.#secrets.proxy);
    this.run("kube-proxy", ["--config", this.#proxyConfig(proxy)]);
    await Promise.all([...dnsObjects(), ...oneNodePolicies()].map((object) => client.apply(object, "sandbox")));
    this.#volumes = startVolumes(client, join(this.#machine.folder, "volumes"), nodeName);
    return kubelet;
  }

  /** The ACME server outside; undefined before the node's start, and where nobody asks for one. */
  get acme(): Acme | undefined {
    return this.#acme;
  }

  /**
   * Starts to enforce NetworkPolicies; until then every pod reaches every other.
   *
   * @throws {Error} if that takes more than three minutes
   */
  async enforcePolicies(kubeconfig: string): Promise<void> {
    this.run("kube-router", [
      ...["--kubeconfig", kubeconfig, "--hostname-override", nodeName],
      ...["--run-router=false", "--run-firewall=true", "--run-service-proxy=false"],
      ...["--service-cluster-ip-range", overlayRanges.services],
    ]);
    for (let tries = 0; tries < 900; tries += 1) {
      if (this.#machine.command("iptables", ["-S", "FORWARD"]).includes("KUBE-ROUTER-FORWARD")) return;
      await sleep(200);
    }
    throw new Error(
      `policies are not enforced after 180 s; the log is ${join(this.#machine.folder, "kube-router.log")}`,
    );
  }

  /** Ends what works for the node outside its machine. */
  async stop(): Promise<void> {
    await this.#volumes?.stop();
  }

  /** Starts what is outside of the cluster. */
  #startOutside(): void {
    const { spaces, names, acme } = this.#around;
    const authority = new Authority();
    this.#machine.run("outside", "ip", ["netns", "exec", "outside", process.execPath, outsideServer]);
    startOutsideSpaces(this.#machine, spaces, authority);
    startOutsideNames(this.#machine, names);
    if (acme !== undefined) this.#acme = new Acme(this.#machine, authority, { directory: acme });
  }

  #file(name: string, text: string): string {
    const path = join(this.#machine.folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  }

  /** What the API server shows to the kubelet, which trusts this one certificate. */
  #clientCertificate(): { certificate: string; key: string } {
    const [certificate, key] = ["crt", "key"].map((end) => join(this.#machine.folder, `kubelet-client.${end}`)) as [
      string,
      string,
    ];
    const options = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "365"];
    const subject = ["-subj", "/O=system:masters/CN=kube-apiserver"];
    execFileSync("openssl", ["req", "-x509", ...options, ...subject, "-keyout", key, "-out", certificate], {
      stdio: ["ignore", "ignore", "pipe"],
    });
    return { certificate, key };
  }

  #containerdConfig(): string {
    const { folder } = this.#machine;
    const { registry } = this.#around;
    const mirrors = join(folder, "registries");
    mkdirSync(join(mirrors, "_default"), { recursive: true });
    writeFileSync(
      join(mirrors, "_default", "hosts.toml"),
      `server = "${registry}"\n[host."${registry}"]\ncapabilities = ["pull", "resolve"]\n`,
    );
    const network = join(folder, "networks");
    mkdirSync(network, { recursive: true });
    writeFileSync(join(network, "10-pods.conflist"), JSON.stringify(podNetwork));
    return this.#file(
      "containerd.toml",
      `version = 2
root = '${join(folder, "containerd")}'
state = '/run/containerd'
[plugins.'io.containerd.grpc.v1.cri']
  sandbox_image = '${pauseImage}'
  # Without the capability to lower it, runc would fail over the first pod that has a value.
  restrict_oom_score_adj = true
  max_concurrent_downloads = 8
  [plugins.'io.containerd.grpc.v1.cri'.cni]
    bin_dir = '/usr/lib/cni'
    conf_dir = '${network}'
  [plugins.'io.containerd.grpc.v1.cri'.registry]
    config_path = '${mirrors}'
`,
    );
  }

  #kubeletConfig(): string {
    const { folder, cgroup } = this.#machine;
    const none = this.#file("resolv.conf", "options ndots:5\n");
    return this.#file(
      "kubelet.yaml",
      stringify({
        ...{ apiVersion: "kubelet.config.k8s.io/v1beta1", kind: "KubeletConfiguration" },
        containerRuntimeEndpoint: "unix:///run/containerd/containerd.sock",
        ...{
          failCgroupV1: false,
          cgroupDriver: "cgroupfs",
          cgroupRoot: `/${cgroup}`,
          enforceNodeAllocatable: ["pods"],
        },
        ...{ failSwapOn: false, protectKernelDefaults: true, seccompDefault: true },
        ...{ clusterDNS: [dnsAddress], clusterDomain: "cluster.local", resolvConf: none },
        authentication: {
          anonymous: { enabled: false },
          webhook: { enabled: true },
          x509: { clientCAFile: join(folder, "kubelet-client.crt") },
        },
        authorization: { mode: "Webhook" },
        ...{ readOnlyPort: 0, healthzPort: 0, maxPods: 110, volumePluginDir: join(folder, "kubelet", "plugins") },
        // What is full is this machine's disk, and nothing of the sandbox's.
        evictionHard: { "memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%" },
        imageGCHighThresholdPercent: 100,
        // A container that ends is started again at once: waiting longer each time protects nobody here.
        crashLoopBackOff: { maxContainerRestartPeriod: "2s" },
        ...{ serializeImagePulls: false, maxParallelImagePulls: 8, registryPullQPS: 0 },
      }),
    );
  }

  #proxyConfig(kubeconfig: string): string {
    return this.#file(
      "kube-proxy.yaml",
      stringify({
        ...{ apiVersion: "kubeproxy.config.k8s.io/v1alpha1", kind: "KubeProxyConfiguration" },
        ...{ mode: "nftables", hostnameOverride: nodeName, clusterCIDR: overlayRanges.pods },
        ...{ clientConnection: { kubeconfig }, bindAddress: this.address },
        // The machine around keeps its own limits.
        conntrack: { maxPerCore: 0, min: 0, tcpEstablishedTimeout: "0s", tcpCloseWaitTimeout: "0s" },
      }),
    );
  }
}

/** Each pod has a link of its own, so that what goes from one to another is routed, and policies see it. */
const podNetwork = {
  cniVersion: "1.0.0",
  name: "pods",
  plugins: [
    {
      ...{ type: "ptp", ipMasq: false },
      ipam: {
        type: "host-local",
        ranges: [[{ subnet: overlayRanges.pods }]],
        routes: [{ dst: "0.0.0.0/0" }],
      },
    },
    { type: "portmap", capabilities: { portMappings: true } },
  ],
};
