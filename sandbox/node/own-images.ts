/** Images that a node needs for itself. */
import { certManagerVersion } from "../../components/addons/cert-manager.ts";
import { envoyGatewayVersion } from "../../components/addons/envoy-gateway.ts";
import { envoyVersion } from "../tools.ts";

/** Of the container that holds a pod's namespaces. */
export const pauseImage = "registry.k8s.io/pause:3.10";
/** Of the cluster's name server. */
export const dnsImage = "registry.k8s.io/coredns/coredns:v1.14.7";
/** Of Envoy Gateway, and of the proxies that it makes. Sources: its chart, and `DefaultEnvoyProxyImage` of its API. */
export const gatewayImage = `docker.io/envoyproxy/gateway:v${envoyGatewayVersion}`;
export const envoyImage = `docker.io/envoyproxy/envoy:distroless-v${envoyVersion}`;
/** Of cert-manager, and of the pods with which it answers challenges. Source: its chart. */
export const certManagerImages = {
  controller: `quay.io/jetstack/cert-manager-controller:${certManagerVersion}`,
  solver: `quay.io/jetstack/cert-manager-acmesolver:${certManagerVersion}`,
};
