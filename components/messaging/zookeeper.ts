import * as pulumi from "@pulumi/pulumi";
import type { ZooKeeperSetting } from "../../settings/data-services.ts";
import { readScripts } from "../files.ts";
import type { Endpoint } from "../network/connections.ts";
import type { Site } from "../platform/site.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { Namespace } from "../workload/namespace.ts";
import type { Container } from "../workload/pod.ts";
import { samePort } from "../workload/service.ts";
import { StatefulWorkload } from "../workload/stateful-workload.ts";
import { heapOptions } from "./heap.ts";

export interface ZooKeeperArgs {
  readonly site: Site;
  readonly namespace: Namespace;
  readonly setting: ZooKeeperSetting;
  readonly serverName: string;
  readonly labels: Record<string, string>;
  readonly claimName: string;
  readonly pool: string;
}

const ports = { client: 2181, follower: 2888, election: 3888 };
/** The Confluent images' user, by number: its name alone does not satisfy `runAsNonRoot`. */
export const confluentUser = { uid: 1000, gid: 1000 };

/**
 * A ZooKeeper ensemble as a StatefulSet, open to nobody but its own members and whoever connects to it. It keeps working
 * while more than half of its members are up; old snapshots and logs are deleted daily.
 */
export class ZooKeeper extends pulumi.ComponentResource {
  /** The client port. */
  readonly endpoint: Endpoint;
  /** `host:2181` of every member, with commas. */
  readonly connect: string;

  constructor(name: string, args: ZooKeeperArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:messaging:ZooKeeper", name, { nodes: args.setting.nodes }, opts);
    const { site, namespace, serverName, setting } = args;
    const members = Array.from({ length: setting.nodes }, (_, i) => `${serverName}-${i}.${serverName}`);
    this.connect = members.map((member) => `${member}:${ports.client}`).join(",");
    const scripts = new ConfigObject(
      `${name}-scripts`,
      {
        site,
        namespace,
        objectName: `${serverName}-scripts`,
        data: readScripts(new URL("scripts/", import.meta.url), ["zookeeper-start.sh", "zookeeper-probe.sh"]),
      },
      { parent: this },
    );
    const set = new StatefulWorkload(
      name,
      {
        site,
        namespace,
        workloadName: serverName,
        labels: args.labels,
        replicas: setting.nodes,
        ports: Object.entries(ports).map(([port, number]) => samePort(port, number)),
        peerPorts: [ports.follower, ports.election],
        claim: { name: args.claimName, size: setting.storage, storageClass: site.storageClass() },
        pod: {
          containers: [this.container(args, members, scripts)],
          user: confluentUser,
          graceSeconds: 60,
          nodeSelector: site.nodeSelector(args.pool),
        },
      },
      { parent: this },
    );
    this.endpoint = { ...set.endpoint, ports: [ports.client] };
    this.registerOutputs({});
  }

  private container({ site, setting, claimName }: ZooKeeperArgs, members: string[], scripts: ConfigObject): Container {
    const probe = (kind: string) => ({
      exec: { command: ["bash", "/scripts/zookeeper-probe.sh", kind] },
      timeoutSeconds: 5,
    });
    const servers = members.map((member) => `${member}:${ports.follower}:${ports.election}`).join(";");
    return {
      name: "zookeeper",
      image: site.images.zookeeper,
      command: ["bash", "/scripts/zookeeper-start.sh"],
      env: {
        ZOOKEEPER_CLIENT_PORT: String(ports.client),
        ZOOKEEPER_TICK_TIME: "2000",
        ZOOKEEPER_INIT_LIMIT: "5",
        ZOOKEEPER_SYNC_LIMIT: "2",
        ZOOKEEPER_SERVERS: servers,
        ZOOKEEPER_QUORUM_LISTEN_ON_ALL_IPS: "true",
        // Off by default: the disk would fill.
        ZOOKEEPER_AUTOPURGE_PURGE_INTERVAL: "24",
        ZOOKEEPER_AUTOPURGE_SNAP_RETAIN_COUNT: "3",
        // The image has no variable for it, and refuses `ruok` without.
        KAFKA_OPTS: "-Dzookeeper.4lw.commands.whitelist=ruok,srvr",
        KAFKA_HEAP_OPTS: heapOptions(setting.resources.limits.memory),
      },
      ports,
      resources: setting.resources,
      readiness: { ...probe("ready"), initialDelaySeconds: 10, periodSeconds: 10, failureThreshold: 3 },
      liveness: { ...probe("live"), initialDelaySeconds: 30, periodSeconds: 30, failureThreshold: 3 },
      mounts: [
        { path: "/var/lib/zookeeper/data", subPath: "data", volume: { kind: "claim", name: claimName } },
        { path: "/var/lib/zookeeper/log", subPath: "log", volume: { kind: "claim", name: claimName } },
        { path: "/scripts", volume: { kind: "files", name: "scripts", from: scripts, executable: true } },
        ...confluentFolders("zookeeper"),
      ],
    };
  }
}

/** Folders that the Confluent images write to beside their data. */
export function confluentFolders(service: string): NonNullable<Container["mounts"]> {
  const scratch = (path: string, name: string, sizeLimit: string) => ({
    path,
    volume: { kind: "scratch" as const, name, sizeLimit },
  });
  const own = service === "schema-registry" ? "schema-registry" : "kafka";
  return [
    scratch(`/etc/${own}`, "settings", "16Mi"),
    ...(service === "schema-registry" ? [] : [scratch(`/etc/${service}/secrets`, "secrets", "1Mi")]),
    scratch(`/var/log/${own === "kafka" ? "kafka" : "confluent"}`, "logs", "256Mi"),
    scratch("/tmp", "tmp", "256Mi"),
  ];
}
