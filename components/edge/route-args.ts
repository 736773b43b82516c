/** Arguments of a Route, the same for Gateway API and for a classic Ingress. */
import type { ComponentArgs } from "../site/component.ts";
import type { Site } from "../site/site.ts";
import type { Namespace } from "../site/namespace.ts";
import type { Workload } from "../workload/workload.ts";
import type { Edge } from "../site/site.ts";

/** Requests to a path, and the workload that gets them. */
export interface RouteRule {
  /** Path prefix, `/graphql`; of several that fit a request, the longest wins. */
  readonly path: string;
  /** Workload that gets the requests, on the first port of its first Service. */
  readonly to: Workload;
  /** Lets connections on this path become WebSockets. @default false */
  readonly webSockets?: boolean;
  /**
   * Header whose value decides which pod gets a request: the same value reaches the same pod as long as the pods stay
   * the same. Requests without the header are distributed by their path; an Ingress sends them all to one pod.
   * @default - requests are spread evenly
   */
  readonly hashHeader?: string;
}

/** Hosts with the same rules. */
export interface RouteGroup {
  /** Suffix of the HTTPRoute's name if there are several groups, and prefix of the names of its rules. */
  readonly name: string;
  /** Full host names, `app.example.com`. */
  readonly hosts: readonly string[];
  /** Paths of these hosts; at least one. */
  readonly rules: readonly RouteRule[];
}

/** Arguments of `Route`. */
export interface RouteArgs extends ComponentArgs {
  /** Says in which DNS zones the stack writes records for the hosts. */
  readonly site: Site;
  /** What the route attaches to, and whether it is Gateway API or an Ingress. */
  readonly edge: Edge;
  /** Namespace of the route's objects, its certificates, and the workloads behind it. */
  readonly namespace: Namespace;
  /** `metadata.name` of the Ingress or the HTTPRoute; with several groups, HTTPRoutes are named `<routeName>-<group>`. */
  readonly routeName: string;
  /**
   * Name of the Secret with the certificate of all hosts; if each host has a certificate of its own, with the first
   * host's.
   */
  readonly tlsSecretName: string;
  /**
   * Largest request body, in MiB. A request that declares a larger one is refused with 413 at once. One that declares no size
   * is refused as soon as more has arrived; over HTTP/1.1 the client may see a connection reset instead of the 413.
   */
  readonly maxBodyMiB: number;
  /** Seconds that a request waits for its response, and that a WebSocket may be silent, before it is ended. */
  readonly timeoutSeconds: number;
  /** Hosts with their rules; no host may be in two groups. */
  readonly groups: readonly RouteGroup[];
  /**
   * Paths that no client may reach, with everything below them, however they are spelled: `/metrics`. Envoy Gateway
   * answers 404, the nginx controller 403. @default []
   */
  readonly hiddenPaths?: readonly string[];
}
