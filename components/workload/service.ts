import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../site/namespace.ts";

/** A TCP port of a Service. */
export interface ServicePort {
  /** Name of the port in the Service, `http`; ServiceMonitors refer to it. */
  readonly name: string;
  /** Port that clients connect to. */
  readonly port: number;
  /** Port of the container; NetworkPolicies count this one. */
  readonly targetPort: number;
}

/** A Service of a workload, for clients in the cluster. */
export interface ServiceArgs {
  /** `metadata.name`, which is also its host name in the namespace. */
  readonly serviceName: string;
  /** Ports of the Service; `nodePort` and routes use the first one. */
  readonly ports: readonly ServicePort[];
  /** Whether DNS answers with the addresses and names of the pods, instead of one address for all. @default false */
  readonly headless?: boolean;
  /** Whether DNS has pods that are not ready, so that the members of an ensemble find each other at their start. @default false */
  readonly publishNotReady?: boolean;
  /** Annotations of the Service, for instance those that Prometheus reads. @default - none */
  readonly annotations?: Record<string, string>;
  /**
   * Port to open on every node, 30000 to 32767. DigitalOcean's firewall does not open it, so it can be reached from the VPC
   * only. @default - none
   */
  readonly nodePort?: number;
}

/** Label with a Service's name, by which a ServiceMonitor selects one of several Services of a workload. */
export const serviceLabel = "doks-systems/service";

/** A port with the same number in Service and container. */
export function samePort(name: string, port: number): ServicePort {
  return { name, port, targetPort: port };
}

/** A Service and where it leads. */
interface PlacedService extends ServiceArgs {
  /** The namespace that it is in. */
  readonly namespace: Namespace;
  /** Labels of the pods behind it. */
  readonly labels: Record<string, string>;
  /** Resources to wait for, beside the namespace. @default [] */
  readonly after?: readonly pulumi.Resource[];
}

/** Makes a Service: of type `ClusterIP` or, with `nodePort`, of type `NodePort`. */
export function service(name: string, args: PlacedService, parent: pulumi.Resource): k8s.core.v1.Service {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: args.namespace.meta(args.serviceName, {
        labels: { [serviceLabel]: args.serviceName },
        // By default Pulumi waits ten seconds for the Service to settle. That proves nothing more, because it waits for the pods
        // behind it anyway.
        annotations: {
          ...args.annotations,
          ...(args.nodePort === undefined ? {} : { "kubernetes.digitalocean.com/firewall-managed": "false" }),
          "pulumi.com/skipAwait": "true",
        },
      }),
      spec: {
        type: args.nodePort === undefined ? "ClusterIP" : "NodePort",
        clusterIP: args.headless === true ? "None" : undefined,
        publishNotReadyAddresses: args.publishNotReady === true ? true : undefined,
        selector: args.labels,
        ports: args.ports.map((port, i) => ({
          ...port,
          protocol: "TCP",
          nodePort: i === 0 ? args.nodePort : undefined,
        })),
      },
    },
    { parent, dependsOn: [...args.namespace.ready, ...(args.after ?? [])] },
  );
}
