/**
 * Builds what a sandbox needs, where it is not kept yet: its programs, and where a real node can run the images of a stack. A
 * sandbox does this itself when it starts; CI does it beside other work.
 */
import { containersOf, podsOf } from "../../graph/pods.ts";
import { render } from "../../graph/render/render.ts";
import { edgeImages, Images } from "./images.ts";
import { missingForEdge, missingForNode } from "../node/needs.ts";
import { hasGo, tool, type Tool } from "../tools.ts";

const controlPlane: readonly Tool[] = ["etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler"];
const simulated: readonly Tool[] = ["kwok", "versitygw"];
const real: readonly Tool[] = [
  ...(["kubelet", "kube-proxy", "kube-router", "coredns", "kubectl"] as const),
  ...(["envoy-gateway", "helm", "cert-manager-controller", "cert-manager-acmesolver", "pebble"] as const),
];

/** Images of all pods of a stack, ready to be pulled. */
export async function imagesOfStack(stack: string): Promise<Images> {
  const { resources } = await render(stack);
  const images = new Images();
  const named = podsOf(resources).flatMap((pods) => containersOf(pods).flatMap(({ image }) => image ?? []));
  await images.prepare(new Set(named));
  return images;
}

if (import.meta.main && hasGo()) {
  for (const name of [...controlPlane, ...simulated]) tool(name);
  if (missingForNode() === undefined) {
    for (const name of real) tool(name);
    const images = await imagesOfStack(process.argv[2] ?? "local");
    if (missingForEdge() === undefined) await images.prepare(edgeImages);
  }
}
