import type { Neighbour } from "./destinations.ts";
import type { Visitor } from "./policies.ts";

/** TCP port on which Linkerd's proxy in a meshed pod takes connections from other proxies. */
export const linkerdPort = 4143;

/** Linkerd's identity, destination and policy controllers; the proxy in every meshed pod connects to them. */
export const linkerdControlPlane: Neighbour = {
  kind: "neighbour",
  name: "control-plane",
  namespace: "linkerd",
  ports: [8080, 8086, 8090],
};

/**
 * The extension Linkerd viz, whose Prometheus reads the metrics of every proxy, and whose `tap` shows the requests that pass it.
 * Its pods carry this label, in the namespace that its chart makes.
 */
export const linkerdViz: Visitor = {
  name: "linkerd-viz",
  from: "linkerd-viz",
  labels: { "linkerd.io/extension": "viz" },
};

/** TCP ports of Linkerd's proxy for viz: `tap`, and the metrics of its admin server. */
export const linkerdVizPorts: readonly number[] = [4190, 4191];
