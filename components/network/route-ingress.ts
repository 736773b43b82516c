/** A Route as a classic Ingress with the annotations of the nginx controller, which the cluster must already have. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import { acmeIssuer } from "./edge.ts";
import type { RouteArgs, RouteRule } from "./route-args.ts";

/** Makes the Ingress; returns the address that its controller reports. */
export function ingressRoute(name: string, args: RouteArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const seconds = String(args.timeoutSeconds);
  const ingress = new k8s.networking.v1.Ingress(
    name,
    {
      metadata: args.namespace.meta(args.routeName, {
        annotations: {
          "cert-manager.io/cluster-issuer": acmeIssuer,
          "nginx.ingress.kubernetes.io/proxy-body-size": `${args.maxBodyMiB}m`,
          "nginx.ingress.kubernetes.io/proxy-connect-timeout": seconds,
          "nginx.ingress.kubernetes.io/proxy-send-timeout": seconds,
          "nginx.ingress.kubernetes.io/proxy-read-timeout": seconds,
        },
      }),
      spec: {
        ...(args.edge.ingressClass === undefined ? {} : { ingressClassName: args.edge.ingressClass }),
        tls: [{ hosts: args.groups.flatMap((group) => [...group.hosts]), secretName: args.tlsSecretName }],
        rules: args.groups.flatMap((group) =>
          group.hosts.map((host) => ({ host, http: { paths: group.rules.map(ingressPath) } })),
        ),
      },
    },
    { parent, dependsOn: [...args.namespace.ready, ...args.edge.ready] },
  );
  return ingress.status.apply((status) => status.loadBalancer.ingress[0]?.ip ?? "");
}

function ingressPath(rule: RouteRule) {
  const { serviceName, port } = rule.to.at();
  return {
    path: rule.path,
    pathType: "Prefix",
    backend: { service: { name: serviceName, port: { number: port.port } } },
  };
}
