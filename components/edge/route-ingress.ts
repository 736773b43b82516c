/** A Route as a classic Ingress with the annotations of the nginx controller, which the cluster must already have. */
import * as k8s from "@pulumi/kubernetes";
import type * as pulumi from "@pulumi/pulumi";
import type { RouteArgs, RouteGroup, RouteRule } from "./route-args.ts";
import { anySpelling } from "./route-rules.ts";

const nginx = "nginx.ingress.kubernetes.io";

/**
 * Makes the Ingress of a Route, and a second one for hidden paths.
 *
 * Annotations apply to a whole Ingress, so hidden paths have one of their own, which admits no client address and
 * answers 403. Its paths are regular expressions. With those, the controller treats all paths of the host as
 * case-insensitive regular expressions, and tries the longest first (ingress-nginx, "Ingress Path Matching").
 *
 * Requests without the route's `hashHeader` all reach one pod: to choose by path instead would need a map in the controller's
 * own configuration, which does not belong to this program.
 *
 * @returns the IP address that the controller reports; empty while there is none
 */
export function ingressRoute(name: string, args: RouteArgs, parent: pulumi.Resource): pulumi.Output<string> {
  const seconds = String(args.timeoutSeconds);
  const hashHeader = args.groups.flatMap(({ rules }) => rules.map((rule) => rule.hashHeader)).find(Boolean);
  const paths = (group: RouteGroup) => group.rules.map(({ path, to }) => ingressPath(path, "Prefix", to));
  const address = ingress(name, args.routeName, args, paths, parent, {
    "cert-manager.io/cluster-issuer": args.edge.issuer,
    [`${nginx}/proxy-body-size`]: `${args.maxBodyMiB}m`,
    [`${nginx}/proxy-connect-timeout`]: seconds,
    [`${nginx}/proxy-send-timeout`]: seconds,
    [`${nginx}/proxy-read-timeout`]: seconds,
    ...(hashHeader === undefined
      ? {}
      : { [`${nginx}/upstream-hash-by`]: `$http_${hashHeader.toLowerCase().replaceAll("-", "_")}` }),
  });
  if (args.hiddenPaths !== undefined && args.hiddenPaths.length > 0) {
    const hidden = args.hiddenPaths;
    const closed = (group: RouteGroup) =>
      hidden.flatMap((path) =>
        group.rules.slice(0, 1).map(({ to }) => ingressPath(`${anySpelling(path)}(/|$)`, "ImplementationSpecific", to)),
      );
    ingress(`${name}-hidden`, `${args.routeName}-hidden`, args, closed, parent, {
      [`${nginx}/use-regex`]: "true",
      [`${nginx}/denylist-source-range`]: "0.0.0.0/0,::/0",
    });
  }
  return address;
}

function ingress(
  name: string,
  ingressName: string,
  args: RouteArgs,
  paths: (group: RouteGroup) => ReturnType<typeof ingressPath>[],
  parent: pulumi.Resource,
  annotations: Record<string, pulumi.Input<string>>,
): pulumi.Output<string> {
  const resource = new k8s.networking.v1.Ingress(
    name,
    {
      metadata: args.namespace.meta(ingressName, { annotations }),
      spec: {
        ingressClassName: args.edge.ingressClass,
        tls: [{ hosts: args.groups.flatMap((group) => [...group.hosts]), secretName: args.tlsSecretName }],
        rules: args.groups.flatMap((group) => group.hosts.map((host) => ({ host, http: { paths: paths(group) } }))),
      },
    },
    { parent, dependsOn: [...args.namespace.ready, ...args.edge.ready] },
  );
  return resource.status.apply((status) => status.loadBalancer.ingress[0]?.ip ?? "");
}

function ingressPath(path: string, pathType: "Prefix" | "ImplementationSpecific", to: RouteRule["to"]) {
  const { serviceName, port } = to.at();
  return { path, pathType, backend: { service: { name: serviceName, port: { number: port.port } } } };
}
