import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "../site/namespace.ts";

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  /** Port of the container. */
  readonly targetPort: number;
}

/** A Service inside the cluster. */
export interface ServiceArgs {
  readonly serviceName: string;
  readonly ports: readonly ServicePort[];
  /** One DNS name for each pod instead of one address for all. @default false */
  readonly headless?: boolean;
  /** Names of pods that are not ready, so that members of a cluster find each other before they are. @default false */
  readonly publishNotReady?: boolean;
  readonly annotations?: Record<string, string>;
  /** Opens this port on every node, to the VPC alone: DigitalOcean's firewall stays as it is. @default none */
  readonly nodePort?: number;
}

/** Tells Services of one workload apart, for monitors that select by label. */
export const serviceLabel = "doks-systems/service";

/** A port whose number is the same on both sides. */
export function samePort(name: string, port: number): ServicePort {
  return { name, port, targetPort: port };
}

/** A ClusterIP Service, or a headless one. */
export function service(
  name: string,
  args: ServiceArgs & { namespace: Namespace; labels: Record<string, string> },
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  return new k8s.core.v1.Service(
    name,
    {
      metadata: args.namespace.meta(args.serviceName, {
        labels: { [serviceLabel]: args.serviceName },
        // The pods behind it are awaited already; settling would add ten seconds and prove nothing more.
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
    { parent, dependsOn: args.namespace.ready },
  );
}
