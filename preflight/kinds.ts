/**
 * Checks the kinds (custom resource definitions) of Gateway API and Envoy Gateway in a cluster, before an update uses
 * or replaces them. The API server itself would not report a problem: it drops fields that an older kind does not have,
 * without an error, and the edge would never become ready.
 */
import { addonNamespaces } from "../catalogue/kubernetes.ts";
import { bundleAnnotation, gatewayBundle, gatewayGroup } from "../components/addons/owned-kind.ts";
import { shown, type Problem } from "../settings/reading/error.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import { ask, type ClusterServer } from "./reach.ts";

const envoyGroup = "gateway.envoyproxy.io";
const controller = `${envoyGroup}/gatewayclass-controller`;
const gatewayNamespace = addonNamespaces.envoyGateway;
const definitions = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";

/** Kinds that the edge uses, with the fields of `spec` that it uses and that older versions of the kind do not have. */
const needed: Readonly<Record<string, readonly string[]>> = {
  [`gatewayclasses.${gatewayGroup}`]: [],
  [`gateways.${gatewayGroup}`]: ["allowedListeners"],
  [`listenersets.${gatewayGroup}`]: [],
  [`httproutes.${gatewayGroup}`]: [],
  [`envoyproxies.${envoyGroup}`]: [],
  [`httproutefilters.${envoyGroup}`]: [],
  [`backendtrafficpolicies.${envoyGroup}`]: ["httpUpgrade", "requestBuffer"],
};

interface Metadata {
  readonly name: string;
  readonly annotations?: Readonly<Record<string, string>>;
}
interface Schema {
  readonly properties?: Readonly<Record<string, Schema>>;
}
interface Definition {
  readonly metadata: Metadata;
  readonly spec: {
    readonly versions: readonly {
      readonly name: string;
      readonly served: boolean;
      readonly schema?: { readonly openAPIV3Schema?: Schema };
    }[];
  };
  readonly status?: { readonly storedVersions?: readonly string[] };
}

/** The kinds of a cluster, and functions to read more of it. */
interface Cluster {
  /** Gateway API's bundle version (`v1.6.1`) by the name of each kind in the cluster; empty for kinds of other projects. */
  readonly bundles: ReadonlyMap<string, string>;
  /** Gets an object by its path; undefined if there is none, or this user may not read it. */
  readonly look: <T>(path: string) => Promise<T | undefined>;
  /** Gets the definitions of kinds by their names; kinds that the cluster does not have are left out. */
  readonly read: (names: readonly string[]) => Promise<Definition[]>;
  /** Whether there is certainly no object at a path; `false` also if this user may not read it. */
  readonly lacks: (path: string) => Promise<boolean>;
}
type About = (problem: string, fix: string) => Problem;

/** Problems with the kinds; empty if there are none, or if this user may not read them. */
export async function checkKinds(key: string, platform: PlatformSetting, server: ClusterServer): Promise<Problem[]> {
  const { envoyGateway } = platform.addons;
  const used = envoyGateway === "install" || (envoyGateway === "existing" && platform.edge.kind === "gateway");
  if (!used) return [];
  const cluster = await lookAt(server);
  if (cluster === undefined) return [];
  const about = (problem: string, fix: string): Problem => ({
    path: `${key}.addons.envoyGateway`,
    value: shown(envoyGateway),
    problem,
    fix,
  });
  const check = envoyGateway === "install" ? checkOver : checkExisting;
  return [...(await check(cluster, about)), ...(await checkClass(cluster, about))];
}

async function lookAt(server: ClusterServer): Promise<Cluster | undefined> {
  const look = async <T>(path: string, accept?: string): Promise<T | undefined> => {
    const { status, text } = await ask(server, path, accept === undefined ? {} : { accept });
    return status === 200 ? (JSON.parse(text) as T) : undefined;
  };
  // Asks for names and annotations only: the whole definitions are megabytes.
  const accept = "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1";
  const found = await look<{ items: { metadata: Metadata }[] }>(definitions, accept);
  if (found === undefined) return undefined;
  const bundles = new Map(
    found.items.map(({ metadata }) => [metadata.name, metadata.annotations?.[bundleAnnotation] ?? ""]),
  );
  return {
    bundles,
    look,
    read: async (names) => {
      const known = names.filter((name) => bundles.has(name));
      const all = await Promise.all(known.map((name) => look<Definition>(`${definitions}/${name}`)));
      return all.filter((definition) => definition !== undefined);
    },
    lacks: async (path) => (await ask(server, path)).status === 404,
  };
}

/** Problems with applying this program's kinds over those of the cluster. */
async function checkOver({ bundles, read }: Cluster, about: About): Promise<Problem[]> {
  const { version: bundle, kinds } = gatewayBundle;
  const versionsOf = new Map<string, readonly string[]>(
    Object.entries(kinds).map(([plural, versions]) => [`${plural}.${gatewayGroup}`, versions]),
  );
  const names = [...versionsOf.keys()];
  const bundleOf = (name: string) => bundles.get(name) ?? "";
  const newer = names.find((name) => compare(bundleOf(name), bundle) > 0);
  if (newer !== undefined)
    return [
      about(
        `would put Gateway API's kinds of ${bundle} over newer ones: ${newer} is of ${bundleOf(newer)}`,
        "use existing, where an Envoy Gateway for them runs, or a newer release of this program",
      ),
    ];
  // Kinds of the same bundle are there already, so nothing is left to check about them.
  const older = await read(names.filter((name) => compare(bundleOf(name), bundle) !== 0));
  return older.flatMap(({ metadata: { name }, status }) => {
    const lost = (status?.storedVersions ?? []).filter((version) => versionsOf.get(name)?.includes(version) !== true);
    if (lost.length === 0) return [];
    const problem = `cannot go over ${name}: its objects may be stored as ${lost.join(", ")}, which ${bundle} does not have`;
    return [about(problem, "store them anew: docs/runbooks/interrupted.md, Stored as")];
  });
}

/** Problems with using the cluster's own kinds for the edge. */
async function checkExisting({ bundles, read, lacks }: Cluster, about: About): Promise<Problem[]> {
  const absent = Object.keys(needed).filter((name) => !bundles.has(name));
  const incomplete = (await read(Object.keys(needed))).flatMap(({ metadata: { name }, spec }) => {
    const wanted = name.endsWith(envoyGroup) ? "v1alpha1" : "v1";
    const version = spec.versions.find((one) => one.name === wanted && one.served);
    if (version === undefined) return [`${name} in ${wanted}`];
    const known = version.schema?.openAPIV3Schema?.properties?.["spec"]?.properties ?? {};
    return (needed[name] ?? []).filter((field) => !Object.hasOwn(known, field)).map((field) => `${field} of ${name}`);
  });
  const missing = [...absent, ...incomplete];
  const bundle = bundles.get(`gateways.${gatewayGroup}`) ?? "";
  const has = bundle === "" ? "" : `; its Gateway API is ${bundle}`;
  const kinds = about(
    `needs what the cluster does not have: ${missing.join(", ")}${has}`,
    `set it to install, or give the cluster Gateway API ${gatewayBundle.oldestUseful} or newer and Envoy Gateway's kinds`,
  );
  const place = about(
    `needs the namespace ${gatewayNamespace}, which is not there`,
    "set it to install, or let the cluster's Envoy Gateway run in that namespace",
  );
  return [
    ...(missing.length === 0 ? [] : [kinds]),
    ...((await lacks(`/api/v1/namespaces/${gatewayNamespace}`)) ? [place] : []),
  ];
}

/** A problem if the GatewayClass that the edge makes exists with another controller, which can never be changed. */
async function checkClass({ look }: Cluster, about: About): Promise<Problem[]> {
  const found = await look<{ spec: { controllerName: string } }>(`/apis/${gatewayGroup}/v1/gatewayclasses/edge`);
  if (found === undefined || found.spec.controllerName === controller) return [];
  const problem = `makes the GatewayClass edge, and the cluster has one of ${found.spec.controllerName}`;
  return [about(problem, "give that class another name, or delete it where nothing uses it")];
}

/** Compares versions, for sorting: negative if `a` is the older one. By their numbers, v1.10.0 is newer than v1.6.1. */
function compare(a: string, b: string): number {
  return a.localeCompare(b, "en", { numeric: true });
}
