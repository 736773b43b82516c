import type { Neighbour } from "./destinations.ts";

/** TCP port on which Linkerd's proxy in a meshed pod takes connections from other proxies. */
export const linkerdPort = 4143;

/** Linkerd's identity, destination and policy controllers; the proxy in every meshed pod connects to them. */
export const linkerdControlPlane: Neighbour = {
  kind: "neighbour",
  name: "control-plane",
  namespace: "linkerd",
  ports: [8080, 8086, 8090],
};
