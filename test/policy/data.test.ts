/** Nothing is lost: the rules, tried. */
import { dataRules } from "../../policy/rules/data.ts";
import {
  checkRules,
  resource,
  object,
  cloud,
  platform,
  production,
  workload,
  denied,
  web,
  claim,
  cluster,
  kept,
} from "./support.ts";

checkRules(dataRules, {
  "data-protected": [
    {
      breaks: [production, cloud("SpacesBucket", { name: "files" })],
      says: "SpacesBucket files is not protected",
      holds: [platform("staging"), cloud("SpacesBucket", { name: "files" })],
    },
    {
      breaks: [production, object("StatefulSet", "pg", { spec: claim("x-retain") })],
      says: "StatefulSet shop/pg is not protected",
      // Nothing in it is lost.
      holds: [production, object("StatefulSet", "pg", { spec: {} })],
    },
    {
      breaks: [
        production,
        resource("kubernetes:core/v1:Namespace", "shop", { metadata: { name: "shop" } }),
        object("PersistentVolumeClaim", "disk", { spec: {} }, kept),
      ],
      says: "Namespace shop is not protected",
      holds: [production, resource("kubernetes:core/v1:Namespace", "empty", { metadata: { name: "empty" } })],
    },
    {
      breaks: [production, resource("tls:index/privateKey:PrivateKey", "ca", {})],
      says: "PrivateKey ca is not protected",
      // A certificate's key is issued anew with it.
      holds: [
        production,
        resource("tls:index/privateKey:PrivateKey", "leaf", {}),
        resource(
          "tls:index/certRequest:CertRequest",
          "leaf",
          {},
          {
            dependsOn: ["urn:pulumi:test::doks-systems::tls:index/privateKey:PrivateKey::leaf"],
          },
        ),
      ],
    },
  ],
  "data-retained": [
    {
      breaks: [production, cloud("DatabaseDb", { name: "orders" }, { protect: true })],
      says: "DatabaseDb orders is deleted with its resource",
      // What the engine does not tell is no violation.
      holds: [production, cloud("DatabaseDb", { name: "orders" }, { protect: true, retainOnDelete: undefined })],
    },
  ],
  "volumes-retained": [
    {
      breaks: [production, object("StatefulSet", "pg", { spec: claim("do-block-storage") }, kept)],
      says: "StatefulSet shop/pg its claims use do-block-storage",
      holds: [production, object("StatefulSet", "pg", { spec: claim("do-block-storage-retain") }, kept)],
    },
    {
      breaks: [production, object("PersistentVolumeClaim", "disk", { spec: {} }, kept)],
      says: "the default storage class",
      holds: [platform("local"), object("PersistentVolumeClaim", "disk", { spec: {} })],
    },
  ],
  "claims-retained": [
    {
      breaks: [
        object("StatefulSet", "pg", { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Delete" } } }),
      ],
      says: "deletes its claims",
      holds: [
        object("StatefulSet", "pg", { spec: { persistentVolumeClaimRetentionPolicy: { whenScaled: "Retain" } } }),
      ],
    },
  ],
  "cluster-keeps-volumes": [
    {
      breaks: [production, cloud("KubernetesCluster", { ...cluster, destroyAllAssociatedResources: true }, kept)],
      says: "takes its volumes with it",
      holds: [production, cloud("KubernetesCluster", { ...cluster, destroyAllAssociatedResources: false }, kept)],
    },
  ],
  "volume-owners": [
    {
      breaks: web({ volumes: [{ name: "disk", persistentVolumeClaim: { claimName: "disk" } }] }),
      says: "mounts a claim",
      holds: [
        workload("StatefulSet", {}, { volumes: [{ name: "disk", persistentVolumeClaim: { claimName: "disk" } }] }),
        denied,
      ],
    },
  ],
});
