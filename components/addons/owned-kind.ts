/**
 * Custom resource definitions ("kinds") of Gateway API and Envoy Gateway, applied over those that the cluster has. Pure.
 *
 * A VPC-native DOKS cluster has six kinds of Gateway API from the start, of bundle v1.2.1, for its Cilium. This program's are
 * newer, and must suit both Envoy Gateway and Cilium.
 */

/**
 * Helm values of the chart `gateway-crds-helm`. The standard channel of Gateway API can be upgraded; the experimental
 * one refuses it.
 */
export const gatewayKindsValues = {
  crds: { gatewayAPI: { enabled: true, channel: "standard" }, envoyGateway: { enabled: true } },
};

/**
 * Gateway API as that chart has it: the bundle's version, and for each kind the versions in which the API server may
 * store objects.
 */
export const gatewayBundle = {
  version: "v1.6.1",
  /** The first bundle with `ListenerSet` and with `allowedListeners` of a Gateway, which routes need. */
  oldestUseful: "v1.5.0",
  kinds: {
    backendtlspolicies: ["v1", "v1alpha3"],
    gatewayclasses: ["v1", "v1beta1"],
    gateways: ["v1", "v1beta1"],
    grpcroutes: ["v1"],
    httproutes: ["v1", "v1beta1"],
    listenersets: ["v1"],
    referencegrants: ["v1", "v1beta1"],
    tcproutes: ["v1", "v1alpha2"],
    tlsroutes: ["v1", "v1alpha2", "v1alpha3"],
    udproutes: ["v1", "v1alpha2"],
  },
} as const;

/** API group of the kinds of Gateway API. */
export const gatewayGroup = "gateway.networking.k8s.io";
/** Annotation of a kind of Gateway API that says which bundle it is from: `v1.6.1`. */
export const bundleAnnotation = `${gatewayGroup}/bundle-version`;

/** An object that a chart renders, with the fields that `ownedKind` reads. */
export interface ChartObject {
  /** Kubernetes' kind of the object: `CustomResourceDefinition`. */
  readonly kind?: string;
  /** Name of the object, and the chart's own annotations, which stay. */
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  /** Versions of a custom resource definition; other objects have none. */
  readonly spec?: { readonly versions?: readonly Version[] };
}

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly schema?: unknown;
}

/** Annotations that every object of the chart gets. */
const annotations = {
  // Tells DOKS not to put its own version back: docs.digitalocean.com, "How to Use Gateway API", and digitalocean/DOKS#33.
  "doks.digitalocean.com/install-policy": "external",
  // If a Helm release installed the kind before, as Envoy Gateway's own chart does, uninstalling that release keeps it.
  "helm.sh/resource-policy": "keep",
};

/**
 * The object as this program applies it: annotated so that neither DOKS nor Helm takes it away, and without descriptions.
 *
 * `TLSRoute` is also served as v1alpha2, without which Cilium's operator up to 1.19 does not start (cilium/cilium#44920). The
 * standard channel has that version, but no longer serves it.
 */
export function ownedKind<T extends ChartObject>(object: T): T {
  const { metadata, spec } = object;
  const owned = { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
  if (spec?.versions === undefined) return owned;
  const neededByCilium = (version: string) => metadata.name === `tlsroutes.${gatewayGroup}` && version === "v1alpha2";
  const versions = spec.versions.map((one) => ({
    ...one,
    ...(neededByCilium(one.name) && { served: true }),
    ...(one.schema !== undefined && { schema: withoutDescriptions(one.schema) }),
  }));
  return { ...owned, spec: { ...spec, versions } };
}

/**
 * An OpenAPI schema without its descriptions, which are most of its text: Pulumi keeps each kind twice in the state,
 * and reads the state at every update.
 */
function withoutDescriptions(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutDescriptions);
  if (typeof schema !== "object" || schema === null) return schema;
  // A property named `description` is itself a schema, not a string, and stays.
  const remaining = Object.entries(schema).filter(([key, value]) => key !== "description" || typeof value !== "string");
  return Object.fromEntries(remaining.map(([key, value]) => [key, withoutDescriptions(value)]));
}
