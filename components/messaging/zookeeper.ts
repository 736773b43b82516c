import type * as pulumi from "@pulumi/pulumi";
import { Component, type ComponentArgs } from "../site/component.ts";
import type { ZooKeeperSetting } from "../../settings/slices/data-services.ts";
import { readScripts } from "../workload/file-objects.ts";
import type { Endpoint } from "../connections/destinations.ts";
import type { Place } from "../site/namespace.ts";
import { ConfigObject } from "../workload/config-objects.ts";
import type { OwnedContainer } from "../workload/shaped-pod.ts";
import { samePort } from "../workload/service.ts";
import { hostService, StatefulWorkload } from "../workload/stateful-workload.ts";
import { heapOptions } from "./heap.ts";

/** Arguments of `ZooKeeper`. */
export interface ZooKeeperArgs extends Place, ComponentArgs {
  /** Number of members, an odd one, and the size of each one's volume: `kafka.zookeeper` in the system's settings. */
  readonly setting: ZooKeeperSetting;
  /** `metadata.name` of the StatefulSet, and of the headless Service in the members' host names. */
  readonly serverName: string;
  /** Labels that select the pods; they cannot be changed later. @default - `app: <serverName>` */
  readonly labels?: Record<string, string>;
}

const claimName = "zookeeper-data";
const ports = { client: 2181, follower: 2888, election: 3888 };

/**
 * A ZooKeeper ensemble as a StatefulSet. It works as long as more than half of its members are up, and deletes old snapshots
 * and logs once a day. NetworkPolicies let only its own members and workloads connect that declare it.
 */
export class ZooKeeper extends Component {
  /** The client port, for `connectsTo` of the brokers. */
  readonly endpoint: Endpoint;
  /** `zookeeper-0.zookeeper:2181,…`: host and client port of every member, as `zookeeper.connect` of a broker has it. */
  readonly connect: string;

  constructor(name: string, args: ZooKeeperArgs, opts?: pulumi.ComponentResourceOptions) {
    super("doks-systems:messaging:ZooKeeper", name, { nodes: args.setting.nodes }, args, opts);
    const { site, namespace, serverName, setting } = args;
    const members = Array.from(
      { length: setting.nodes },
      (_, i) => `${serverName}-${i}.${hostService(namespace, serverName)}`,
    );
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
        claim: { name: claimName, size: setting.storage, storageClass: site.storageClass() },
        pod: { containers: [this.container(args, members, scripts)] },
      },
      { parent: this },
    );
    this.endpoint = { ...set.endpoint, ports: [ports.client] };
    this.registerOutputs({});
  }

  private container(args: ZooKeeperArgs, members: string[], scripts: ConfigObject): OwnedContainer {
    const { site, namespace, serverName } = args;
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
        // By default ZooKeeper deletes no snapshots and logs, and the disk would fill.
        ZOOKEEPER_AUTOPURGE_PURGE_INTERVAL: "24",
        ZOOKEEPER_AUTOPURGE_SNAP_RETAIN_COUNT: "3",
        // The probes send `ruok`, which ZooKeeper answers only if it is on this list; the image has no variable for the list.
        KAFKA_OPTS: "-Dzookeeper.4lw.commands.whitelist=ruok,srvr",
        KAFKA_HEAP_OPTS: heapOptions(namespace.shape(serverName).resources.limits.memory),
      },
      mounts: [
        { path: "/var/lib/zookeeper/data", subPath: "data", volume: { kind: "claim", name: claimName } },
        { path: "/var/lib/zookeeper/log", subPath: "log", volume: { kind: "claim", name: claimName } },
        { path: "/scripts", volume: { kind: "files", name: "scripts", from: scripts, executable: true } },
      ],
    };
  }
}
