/** What a Route takes, whichever way it is rendered. */
import type { ComponentArgs } from "../site/component.ts";
import type { Site } from "../site/site.ts";
import type { Namespace } from "../site/namespace.ts";
import type { Workload } from "../workload/workload.ts";
import type { Edge } from "../site/site.ts";

export interface RouteRule {
  /** Path prefix; the longest one that fits decides. */
  readonly path: string;
  /** Its first Service's first port. */
  readonly to: Workload;
  /** Lets connections on this path become WebSockets. @default false */
  readonly webSockets?: boolean;
  /**
   * Requests with the same value of this header reach the same pod, while the pods stay the same; those without it are told
   * apart by their path. @default spread evenly
   */
  readonly hashHeader?: string;
}

/** Hosts that are served alike. */
export interface RouteGroup {
  readonly name: string;
  readonly hosts: readonly string[];
  readonly rules: readonly RouteRule[];
}

export interface RouteArgs extends ComponentArgs {
  readonly site: Site;
  readonly edge: Edge;
  readonly namespace: Namespace;
  /** Name of the Ingress, or of the HTTPRoutes (followed by the group where there are several). */
  readonly routeName: string;
  /** Secret that the certificate of all hosts is kept in; where each has its own, the first host's. */
  readonly tlsSecretName: string;
  /**
   * Largest request body, in MiB. One that says that it is larger is refused with 413 at once; one that does not say how
   * large it is, when it has grown too large: over HTTP/1.1 with a reset where the client is still sending.
   */
  readonly maxBodyMiB: number;
  /** Seconds until an unanswered request is given up; on WebSockets, of silence. */
  readonly timeoutSeconds: number;
  readonly groups: readonly RouteGroup[];
  /** Paths that are answered with "not found", with all below them and in any spelling, before they reach a workload. @default none */
  readonly hiddenPaths?: readonly string[];
}
