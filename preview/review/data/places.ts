/** Where a stack's data is: volumes, buckets, managed servers, images, zones, and the keys that nobody else has. Pure. */
import { storageClasses } from "../../../catalogue/doks.ts";
import { claimsOfEach, claimTemplates } from "../../../graph/data.ts";
import { kindOf, label, metadataOf, nameOf, type Resource } from "../../../graph/resource.ts";
import { byUrn, systemOf, type ByUrn } from "../../../graph/stack.ts";
import { claimsInValues } from "../cost/priced.ts";

/** One place that data is in. */
export interface DataPlace {
  readonly kind: "volumes" | "claim" | "bucket" | "server" | "database" | "registry" | "zone" | "key" | "passwords";
  /** URN of the resource whose change decides about the data. */
  readonly urn: string;
  /** Its kind and name: `StatefulSet bow-mark/postgres`. */
  readonly label: string;
  readonly system: string;
  /** How many there are: volumes, passwords. */
  readonly count: number;
  /** What it is, in words: `1 volume of 10Gi: claim postgres-data-postgres-0 in namespace bow-mark, class do-block-storage`. */
  readonly what: string;
  /** What becomes of it when its resource goes: `the claim outlives the StatefulSet, and the volume goes with the claim`. */
  readonly outlives: string;
}

/** The places by system, each in the order of URNs. */
export function dataPlaces(resources: readonly Resource[]): DataPlace[] {
  const all = byUrn(resources);
  const requested = new Set(resources.filter((one) => kindOf(one) === "CertRequest").flatMap((one) => one.dependsOn));
  const single = resources.flatMap((resource) => {
    // Whoever asked for a certificate gets key and certificate anew together.
    if (requested.has(resource.urn)) return [];
    const place = kinds[kindOf(resource)]?.(resource, all);
    if (place === undefined) return [];
    return [{ count: 1, ...place, urn: resource.urn, label: label(resource), system: systemOf(resource, all) }];
  });
  return [...single, ...passwords(resources, all)].toSorted((a, b) =>
    a.system === b.system ? 0 : a.system < b.system ? -1 : 1,
  );
}

/** What its kind says of a place; one thing, unless it says how many. */
type Words = Pick<DataPlace, "kind" | "what" | "outlives"> & Partial<Pick<DataPlace, "count">>;

const kinds: Readonly<Record<string, (resource: Resource, all: ByUrn) => Words | undefined>> = {
  StatefulSet: (set) => (claimTemplates(set).length === 0 ? undefined : volumesOfSet(set)),
  PersistentVolumeClaim: (claim) => ({
    kind: "claim",
    what: `1 volume: claim ${nameOf(claim)}, ${classText(claim.inputs["spec"] as { storageClassName?: string })}`,
    outlives: keepsVolumes((claim.inputs["spec"] as { storageClassName?: string }).storageClassName)
      ? "the volume outlives the claim"
      : "the volume goes with the claim",
  }),
  Release: volumesOfChart,
  SpacesBucket: ({ inputs, retainOnDelete }) => ({
    kind: "bucket",
    what: `bucket ${String(inputs["name"])} in ${String(inputs["region"])}${isVersioned(inputs) ? ", every version of an object" : ""}`,
    outlives:
      retainOnDelete === true
        ? "kept at DigitalOcean"
        : inputs["forceDestroy"] === true
          ? "deleted with its objects"
          : "not deleted as long as it has objects",
  }),
  DatabaseCluster: ({ inputs, retainOnDelete }) => {
    const nodes = Number(inputs["nodeCount"]);
    return {
      kind: "server",
      what:
        `managed ${engines[String(inputs["engine"])] ?? String(inputs["engine"])} ${String(inputs["name"])}: ` +
        `${nodes} × ${String(inputs["size"])}${inputs["engine"] === "pg" ? ", with DigitalOcean's backups of seven days" : ""}`,
      outlives: retainOnDelete === true ? "kept at DigitalOcean" : "deleted with its backups",
    };
  },
  DatabaseDb: ({ inputs, retainOnDelete }) => ({
    kind: "database",
    what: `database ${String(inputs["name"])} on a managed server`,
    outlives: retainOnDelete === true ? "kept on its server" : "dropped",
  }),
  ContainerRegistry: ({ inputs, retainOnDelete }) => ({
    kind: "registry",
    what: `images in registry ${String(inputs["name"])}`,
    outlives: retainOnDelete === true ? "kept at DigitalOcean" : "deleted with its images",
  }),
  Domain: ({ inputs, retainOnDelete }) => ({
    kind: "zone",
    what: `DNS zone ${String(inputs["name"])}, with records that others made`,
    outlives: retainOnDelete === true ? "kept at DigitalOcean" : "deleted with every record",
  }),
  PrivateKey: ({ parent = "", name }, all) => {
    const authority = kindOf(all.get(parent) ?? { type: "" }) === "CertificateAuthority";
    return {
      kind: "key",
      what: `private key ${name} of ${authority ? "an authority that clients trust" : "signatures that others verify"}`,
      outlives: "only in Pulumi's state",
    };
  },
};

const engines: Readonly<Record<string, string>> = { pg: "PostgreSQL", valkey: "Valkey", kafka: "Kafka" };

function isVersioned(inputs: Resource["inputs"]): boolean {
  return (inputs["versioning"] as { enabled?: boolean } | undefined)?.enabled === true;
}

/** What a StatefulSet says of its claims. */
export interface SetSpec {
  readonly persistentVolumeClaimRetentionPolicy?: { readonly whenDeleted?: string; readonly whenScaled?: string };
}

interface ClaimSpec {
  readonly storageClassName?: string;
  readonly resources?: { readonly requests?: { readonly storage?: string } };
}

/**
 * Names of the claims of a StatefulSet, by which a set that is made again finds them. Source: Kubernetes, "StatefulSets",
 * Stable Storage.
 */
export function claimNames(set: Resource): string[] {
  const own = metadataOf(set)?.name ?? "";
  return claimTemplates(set).flatMap(({ metadata }) =>
    Array.from({ length: claimsOfEach(set) }, (_, i) => `${metadata?.name ?? ""}-${own}-${i}`),
  );
}

/** `claim a-0` or `claims a-0 to -2, b-0 to -2`, with their namespace. */
export function claimsText(set: Resource, names: readonly string[] = claimNames(set)): string {
  const runs = [...Map.groupBy(names, (name) => name.replace(/\d+$/, "")).values()].map((run) =>
    run.length === 1 ? run[0] : `${run[0] ?? ""} to ${/-\d+$/.exec(run.at(-1) ?? "")?.[0] ?? ""}`,
  );
  const namespace = metadataOf(set)?.namespace ?? "default";
  return `${names.length === 1 ? "claim" : "claims"} ${runs.join(", ")} in namespace ${namespace}`;
}

function volumesOfSet(set: Resource): Words {
  const names = claimNames(set);
  const specs = claimTemplates(set).map(({ spec }) => spec as ClaimSpec);
  const sizes = [...new Set(specs.map(({ resources }) => resources?.requests?.storage ?? "?"))];
  const [first = {}] = specs;
  const isDeleted = (set.inputs["spec"] as SetSpec).persistentVolumeClaimRetentionPolicy?.whenDeleted === "Delete";
  return {
    ...{ kind: "volumes", count: names.length },
    what: `${names.length} ${names.length === 1 ? "volume" : "volumes"} of ${sizes.join(" and ")}: ${claimsText(set, names)}, ${classText(first)}`,
    outlives: [
      isDeleted ? "the claims go with the StatefulSet" : "the claims outlive the StatefulSet",
      keepsVolumes(first.storageClassName)
        ? "and the volumes outlive the claims"
        : "and the volumes go with the claims",
    ].join(", "),
  };
}

function volumesOfChart({ inputs }: Resource): Words | undefined {
  const claims = claimsInValues(inputs["values"], "values");
  const [first] = claims;
  if (first === undefined) return undefined;
  const { resources, ...spec } = first.claim["spec"] as ClaimSpec;
  const count = claims.reduce((sum, { replicas }) => sum + replicas, 0);
  const size = resources?.requests?.storage ?? "?";
  return {
    ...{ kind: "volumes", count },
    what: `${count} ${count === 1 ? "volume" : "volumes"} of ${size}, of chart ${String(inputs["name"])} in namespace ${String(inputs["namespace"])}, ${classText(spec)}`,
    outlives: "the claims outlive the chart",
  };
}

function classText({ storageClassName }: { readonly storageClassName?: string }): string {
  return storageClassName === undefined ? "the cluster's default class" : `class ${storageClassName}`;
}

/** Whether volumes of a storage class outlive their claims. */
export function keepsVolumes(storageClass: string | undefined): boolean {
  return storageClass?.endsWith(storageClasses.kept.slice(storageClasses.deleted.length)) === true;
}

/** What was generated for a system and is only in Pulumi's state, as one place. */
function passwords(resources: readonly Resource[], all: ByUrn): DataPlace[] {
  const generated = resources.filter((one) => kindOf(one) === "RandomBytes");
  return [...Map.groupBy(generated, (one) => systemOf(one, all))].flatMap(([system, own]) => {
    const [resource] = own;
    if (resource === undefined) return [];
    const what = `${own.length} generated passwords and salts`;
    return [
      {
        ...{ kind: "passwords" as const, urn: resource.urn, system, what, count: own.length },
        label: what,
        outlives: "only in Pulumi's state",
      },
    ];
  });
}
