import type { Neighbour } from "./destinations.ts";

/** Where a meshed pod's proxy takes connections of other proxies. */
export const linkerdPort = 4143;

/** Identity, destination and policy controllers, which every meshed pod's proxy asks. */
export const linkerdControlPlane: Neighbour = {
  kind: "neighbour",
  name: "control-plane",
  namespace: "linkerd",
  ports: [8080, 8086, 8090],
};
