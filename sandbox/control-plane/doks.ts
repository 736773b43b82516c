/**
 * What a cluster of DOKS has before anybody comes: Gateway API's kinds of an older bundle, Cilium's, those of volume snapshots,
 * the classes of storage, and the workloads of `kube-system`. All is applied by DOKS itself, as field manager `c3`, and carries
 * its labels (documentation, "Autoscale a cluster", shows them; envoyproxy/gateway#8991 and digitalocean/DOKS#33 the kinds).
 * There is no kube-proxy: Cilium does its work.
 */
import type { ApiObject } from "./client.ts";
import { doksKinds, objectsIn } from "./kinds.ts";

/** Who owns the fields of these objects; whoever else applies them meets a conflict. */
export const doksManager = "c3";

/** CustomResourceDefinitions. Sources: csi-digitalocean 4.9.0 for the version of the snapshot kinds; "Managed elements of DOKS". */
export function broughtKinds(): ApiObject[] {
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
  ];
}

/** Everything else; needs the kinds. */
export function broughtObjects(): ApiObject[] {
  return [...storageClasses(), ...classes.map(([object, component]) => managed(object, component)), ...workloads()];
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

/** As csi-digitalocean 4.9.0 has them; kwok plays the driver. */
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
 * Their names are what matters: what they ask for is published nowhere, and kept free on the nodes otherwise
 * (`catalogue/droplets.ts`).
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
  const pod = { containers: [{ name, image: `played/${name}` }], tolerations: [{ operator: "Exists" }] };
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
