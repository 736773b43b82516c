/**
 * A kind of Envoy Gateway's chart of kinds as it is applied over whatever the cluster brought. Pure.
 *
 * VPC-native clusters of DOKS bring six kinds of Gateway API, of bundle v1.2.1, for their own Cilium. This program's are newer, and
 * must serve both Envoy Gateway and Cilium.
 */

/** Chart of the kinds of Envoy Gateway and of Gateway API, in the channel that upgrades without refusal. */
export const gatewayKindsValues = {
  crds: { gatewayAPI: { enabled: true, channel: "standard" }, envoyGateway: { enabled: true } },
};

/** What the chart's standard channel brings, and the versions of each kind that the API server may have stored. */
export const gatewayBundle = {
  version: "v1.6.1",
  /** From here on there are `ListenerSet` and a Gateway's `allowedListeners`. */
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

export const gatewayGroup = "gateway.networking.k8s.io";
export const bundleAnnotation = `${gatewayGroup}/bundle-version`;

/** The parts of a rendered object that are read. */
export interface ChartObject {
  readonly kind?: string;
  readonly metadata: { readonly name: string; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec?: { readonly versions?: readonly Version[] };
}

interface Version {
  readonly name: string;
  readonly served: boolean;
  readonly schema?: unknown;
}

/** Annotations of everything the chart brings. */
const annotations = {
  // DOKS leaves kinds alone that say so: docs.digitalocean.com, "How to Use Gateway API", and digitalocean/DOKS#33.
  "doks.digitalocean.com/install-policy": "external",
  // A Helm release that brought it before, as Envoy Gateway's own chart does, leaves it when it goes.
  "helm.sh/resource-policy": "keep",
};

/**
 * The object with what makes it stay ours. Cilium's operator up to 1.19 does not start unless `TLSRoute` is served as v1alpha2
 * (cilium/cilium#44920); the standard channel still has that version, and serves it no more.
 */
export function ownedKind<T extends ChartObject>(object: T): T {
  const { metadata, spec } = object;
  const owned = { ...object, metadata: { ...metadata, annotations: { ...metadata.annotations, ...annotations } } };
  if (spec?.versions === undefined) return owned;
  const revived = (name: string) => metadata.name === `tlsroutes.${gatewayGroup}` && name === "v1alpha2";
  const versions = spec.versions.map((one) => ({
    ...one,
    ...(revived(one.name) && { served: true }),
    ...(one.schema !== undefined && { schema: undescribed(one.schema) }),
  }));
  return { ...owned, spec: { ...spec, versions } };
}

/** A schema without its prose, which is most of it: Pulumi keeps two copies of each kind in the state, and reads them at every update. */
function undescribed(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(undescribed);
  if (typeof schema !== "object" || schema === null) return schema;
  // A property that is called so is a schema, not a text.
  const kept = Object.entries(schema).filter(([key, value]) => key !== "description" || typeof value !== "string");
  return Object.fromEntries(kept.map(([key, value]) => [key, undescribed(value)]));
}
