/**
 * Fields of running objects that Kubernetes lets nobody change: selectors, a StatefulSet's Service and claim templates, and where its
 * data is on the volume. With other ones the object would be made anew, or its server would find an empty folder.
 */
import { isDeepStrictEqual } from "node:util";
import { kindOf, metadataOf } from "../../graph/resource.ts";
import { workloadSetting } from "../../preview/review/setting.ts";
import type { Match } from "../match/match.ts";
import { isPostgres } from "./images.ts";
import type { Agree, Seen, Suggestion } from "./suggestion.ts";

interface Mount {
  readonly name: string;
  readonly mountPath: string;
  readonly subPath?: string;
}
interface Container {
  readonly image: string;
  readonly env?: readonly { readonly name: string; readonly value?: string }[];
  readonly volumeMounts?: readonly Mount[];
}
interface Spec {
  readonly selector?: { readonly matchLabels?: Readonly<Record<string, string>> };
  readonly serviceName?: string;
  readonly podManagementPolicy?: string;
  readonly template?: { readonly spec?: { readonly containers?: readonly Container[] } };
  readonly volumeClaimTemplates?: readonly {
    readonly metadata: { readonly name: string; readonly labels?: Readonly<Record<string, string>> };
    readonly spec: {
      readonly storageClassName?: string;
      readonly resources?: { readonly requests?: { readonly storage?: string } };
    };
  }[];
}

/** What a workload's setting `running` says. */
type Running = Readonly<Record<string, unknown>>;

export const running: Agree = (seen) =>
  [...seen.matches.found.values()].flatMap((match) => {
    const kind = kindOf(match.resource);
    const path = workloadSetting(match.resource, seen.all);
    if (path === undefined || !["Deployment", "StatefulSet"].includes(kind)) return [];
    const fields = kind === "Deployment" ? selector(match) : { ...selector(match), ...statefulSet(match, seen) };
    const entries = Object.entries(fields).filter(([, { wanted, there }]) => !isDeepStrictEqual(wanted, there));
    const value: Running = Object.fromEntries(entries.map(([field, { there }]) => [field, there]));
    const why = `its ${entries.map(([field]) => field).join(", ")} cannot be changed: it would be made anew`;
    return [
      ...(entries.length === 0 ? [] : [{ path: `${path}.running`, value, why }]),
      ...(kind === "StatefulSet" ? dataFolder(match, path) : []),
    ];
  });

/** A field as the program has it, and as it is. */
interface Field {
  readonly wanted: unknown;
  readonly there: unknown;
}

function specs({ resource, object }: Match): readonly [wanted: Spec, there: Spec] {
  return [resource.inputs["spec"] as Spec, object?.["spec"] ?? {}];
}

function selector(match: Match): Record<string, Field> {
  const [wanted, there] = specs(match);
  return { selector: { wanted: wanted.selector?.matchLabels, there: there.selector?.matchLabels } };
}

function statefulSet(match: Match, { matches }: Seen): Record<string, Field> {
  const [wanted, there] = specs(match);
  const governing = [...matches.found.values()].find(
    ({ resource }) =>
      kindOf(resource) === "Service" &&
      metadataOf(resource)?.name === there.serviceName &&
      metadataOf(resource)?.namespace === metadataOf(match.resource)?.namespace,
  );
  const isHeadless = (service: unknown) => (service as { clusterIP?: string } | undefined)?.clusterIP === "None";
  const ordered = "OrderedReady";
  return {
    serviceName: { wanted: wanted.serviceName, there: there.serviceName },
    podManagement: { wanted: wanted.podManagementPolicy ?? ordered, there: there.podManagementPolicy ?? ordered },
    claims: { wanted: claims(wanted), there: claims(there) },
    ...(governing === undefined
      ? {}
      : {
          headless: {
            // A Service of clients that becomes the set's own is headless by default.
            wanted: wanted.serviceName !== there.serviceName || isHeadless(governing.resource.inputs["spec"]),
            there: isHeadless(governing.object?.["spec"]),
          },
        }),
  };
}

/** The claim templates with where the first container has them. */
function claims({ volumeClaimTemplates = [], template }: Spec): Running[] {
  const mounts = template?.spec?.containers?.[0]?.volumeMounts ?? [];
  return volumeClaimTemplates.map(({ metadata: { name, labels }, spec: { storageClassName, resources } }) => ({
    ...{ name, size: resources?.requests?.storage },
    ...(storageClassName !== undefined && { storageClass: storageClassName }),
    ...(labels !== undefined && { labels }),
    mounts: Object.fromEntries(
      mounts.filter((one) => one.name === name).map(({ mountPath, subPath = "" }) => [mountPath, subPath]),
    ),
  }));
}

/** Where PostgreSQL's data is. Source: the image's documentation, `PGDATA`. */
const dataVariable = "PGDATA";
const usualFolder = "/var/lib/postgresql/data";

function dataFolder(match: Match, path: string): Suggestion[] {
  const [wanted, there] = specs(match).map(({ template }) => template?.spec?.containers?.[0]);
  if (there === undefined || !isPostgres(there.image)) return [];
  const folder = (of: Container | undefined) =>
    of?.env?.find(({ name }) => name === dataVariable)?.value ?? usualFolder;
  if (folder(wanted) === folder(there)) return [];
  const why = `its data is in ${folder(there)}; elsewhere the server would begin with an empty folder`;
  return [{ path: `${path}.env.${dataVariable}`, value: folder(there), why }];
}
