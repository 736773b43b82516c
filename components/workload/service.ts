import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { Namespace } from "./namespace.ts";

export interface ServicePort {
  readonly name: string;
  readonly port: number;
  /** Port of the container. */
  readonly targetPort: number;
}

/** A ClusterIP Service, or a headless one for a StatefulSet. */
export function service(
  name: string,
  args: {
    namespace: Namespace;
    serviceName: string;
    labels: Record<string, string>;
    ports: readonly ServicePort[];
    headless?: boolean;
  },
  parent: pulumi.Resource,
): k8s.core.v1.Service {
  return new k8s.core.v1.Service(
    `${name}-service`,
    {
      metadata: {
        name: args.serviceName,
        namespace: args.namespace.namespaceName,
        // The pods behind it are awaited already; settling would add ten seconds and prove nothing more.
        annotations: { "pulumi.com/skipAwait": "true" },
      },
      spec: {
        type: "ClusterIP",
        ...(args.headless === true ? { clusterIP: "None" } : {}),
        selector: args.labels,
        ports: args.ports.map((port) => ({ ...port, protocol: "TCP" })),
      },
    },
    { parent, dependsOn: args.namespace.ready },
  );
}
