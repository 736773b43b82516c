/**
 * What a new DOKS cluster has: kinds (custom resource definitions) of Gateway API in an older bundle, of Cilium and of
 * volume snapshots; storage classes; and the workloads in `kube-system`, without kube-proxy, which Cilium replaces.
 * DOKS applies them all as the field manager `c3`, with labels of its own.
 *
 * Sources: DigitalOcean, "Autoscale a cluster", for the labels; envoyproxy/gateway#8991 and digitalocean/DOKS#33 for
 * the kinds.
 */
import type { ApiObject } from "./client.ts";
import { doksKinds, objectsIn } from "./kinds.ts";

/** Field manager of these objects. Another field manager that applies them without force gets a conflict. */
export const doksManager = "c3";

/**
 * The custom resource definitions of a new cluster. Sources: csi-digitalocean 4.9.0 for the version of those for snapshots;
 * DigitalOcean, "Managed elements of DOKS".
 */
export function initialKinds(): ApiObject[] {
  const snapshots = ["volumesnapshots", "volumesnapshotclasses", "volumesnapshotcontents"].flatMap((kind) =>
    objectsIn({
      module: "github.com/kubernetes-csi/external-snapshotter/client/v7@v7.0.0",
      path: `config/crd/snapshot.storage.k8s.io_${kind}.yaml`,
    }),
  );
  const cilium = ["ciliumnetworkpolicies", "ciliumclusterwidenetworkpolicies", "ciliumendpoints"].flatMap((kind) =>
    objectsIn({
      module: "github.com/cilium/cilium@v1.19.3",
      path: `pkg/k8s/apis/cilium.io/client/crds/v2/${kind}.yaml`,
    }),
  );
  return [
    ...[...doksKinds(), ...cilium].map((kind) => managed(kind, "cilium")),
    ...snapshots.map((kind) => managed(kind, "snapshot-controller")),
    managed(routes, "routing-agent"),
  ];
}

/** What the routing agent reads. A cluster without the agent does not have it. Source: DigitalOcean, "Use the Routing Agent". */
const routes: ApiObject = {
  apiVersion: "apiextensions.k8s.io/v1",
  kind: "CustomResourceDefinition",
  metadata: { name: "routes.networking.doks.digitalocean.com" },
  spec: {
    group: "networking.doks.digitalocean.com",
    scope: "Cluster",
    names: { kind: "Route", listKind: "RouteList", plural: "routes", singular: "route" },
    versions: [
      {
        ...{ name: "v1alpha1", served: true, storage: true },
        schema: {
          openAPIV3Schema: {
            type: "object",
            required: ["spec"],
            properties: {
              spec: {
                type: "object",
                required: ["destinations", "gateways"],
                properties: {
                  destinations: { type: "array", items: { type: "string" } },
                  gateways: { type: "array", items: { type: "string" } },
                },
              },
            },
          },
        },
      },
    ],
  },
};

/** All other objects of a new cluster, some of which are of these kinds. */
export function initialObjects(): ApiObject[] {
  return [...initialClasses(), ...workloads()];
}

/** Those without pods: a cluster with a real node has agents of its own. */
export function initialClasses(): ApiObject[] {
  return [...storageClasses(), ...classes.map(([object, component]) => managed(object, component))];
}

const classes: readonly (readonly [ApiObject, component: string])[] = [
  [
    {
      apiVersion: "gateway.networking.k8s.io/v1",
      kind: "GatewayClass",
      metadata: { name: "cilium" },
      spec: { controllerName: "io.cilium/gateway-controller" },
    },
    "cilium",
  ],
  [
    {
      apiVersion: "snapshot.storage.k8s.io/v1",
      kind: "VolumeSnapshotClass",
      metadata: {
        name: "do-block-storage",
        annotations: { "snapshot.storage.kubernetes.io/is-default-class": "true" },
      },
      driver: "dobs.csi.digitalocean.com",
      deletionPolicy: "Delete",
    },
    "csi-controller-service",
  ],
];

/** The storage classes of csi-digitalocean 4.9.0. kwok simulates the driver. */
function storageClasses(): ApiObject[] {
  const kinds = [false, true].flatMap((xfs) => [false, true].map((retain) => ({ xfs, retain })));
  return kinds.map(({ xfs, retain }) => {
    const name = `do-block-storage${xfs ? "-xfs" : ""}${retain ? "-retain" : ""}`;
    const annotations = { "storageclass.kubernetes.io/is-default-class": "true" };
    const object: ApiObject = {
      apiVersion: "storage.k8s.io/v1",
      kind: "StorageClass",
      metadata: { name, ...(name === "do-block-storage" && { annotations }) },
      provisioner: "dobs.csi.digitalocean.com",
      ...(xfs && { parameters: { fstype: "xfs" } }),
      reclaimPolicy: retain ? "Retain" : "Delete",
      allowVolumeExpansion: true,
      volumeBindingMode: "Immediate",
    };
    return managed(object, "csi-controller-service");
  });
}

/**
 * The workloads of `kube-system`, without requests: DigitalOcean does not publish them, and `catalogue/droplets.ts`
 * keeps room for them on every node.
 */
function workloads(): ApiObject[] {
  const agents = ["cilium", "cpc-bridge-proxy-ebpf", "csi-do-node", "do-node-agent", "konnectivity-agent"];
  const services: [name: string, replicas: number][] = [
    ["coredns", 2],
    ["hubble-relay", 1],
    ["hubble-ui", 1],
  ];
  return [
    ...agents.map((name) => workload("DaemonSet", name, {})),
    ...services.map(([name, replicas]) => workload("Deployment", name, { replicas })),
  ];
}

function workload(kind: string, name: string, spec: object): ApiObject {
  const labels = { "k8s-app": name };
  const pod = { containers: [{ name, image: `simulated/${name}` }], tolerations: [{ operator: "Exists" }] };
  const template = { metadata: { labels }, spec: pod };
  const metadata = { name, namespace: "kube-system" };
  const object = {
    apiVersion: "apps/v1",
    kind,
    metadata,
    spec: { ...spec, selector: { matchLabels: labels }, template },
  };
  return managed(object, name);
}

function managed(object: ApiObject, component: string): ApiObject {
  const labels = {
    ...object.metadata.labels,
    "doks.digitalocean.com/managed": "true",
    "c3.doks.digitalocean.com/component": component,
    "c3.doks.digitalocean.com/plane": "data",
  };
  return { ...object, metadata: { ...object.metadata, labels } };
}
