/** Pods, namespaces and accounts that may do more. Pure. */
import { containersOf, type Pods } from "../../../graph/pods.ts";
import { metadataOf, type Resource } from "../../../graph/resource.ts";
import { restrictedViolations } from "../../../policy/pod-security.ts";
import { loss, type Loss, type Pair, type Revisions } from "./loss.ts";

/** What pods, namespaces and accounts may do that they could not before. */
export function rightsLosses(revisions: Revisions): Loss[] {
  return [
    ...revisions.of("Namespace").flatMap(levelLosses),
    ...revisions.pods.flatMap(({ old, now }) => podLosses(old, now)),
    ...revisions.of("Role", "ClusterRole").flatMap(roleLosses),
  ];
}

/** Levels of Pod Security, the loosest first. Source: Kubernetes, "Pod Security Standards". */
const levels = ["none", "privileged", "baseline", "restricted"];
const enforced = "pod-security.kubernetes.io/enforce";

function levelLosses({ old, now }: Pair): Loss[] {
  const level = (one: Resource) => metadataOf(one)?.labels?.[enforced] ?? "none";
  const [was, is] = [level(old), level(now)];
  // `privileged` refuses as little as no label does.
  if (levels.indexOf(is) >= levels.indexOf(was) || was === "privileged") return [];
  return [
    loss(now, {
      ...{ level: "stop", was: `enforce: ${was}`, is: is === "none" ? "no label" : `enforce: ${is}` },
      text: `admits pods that Pod Security ${was} refuses`,
      meaning: is === "baseline" ? "pods may run as root" : "pods may take over their node",
    }),
  ];
}

/** What makes a pod part of its node rather than a guest on it. */
const ofTheNode = /is privileged|host(Network|PID|IPC)|hostPath|host port/;

function podLosses(old: Pods, now: Pods): Loss[] {
  const had = new Set([...restrictedViolations(old.spec), ...further(old)]);
  const found = [...restrictedViolations(now.spec), ...further(now)].filter((one) => !had.has(one));
  if (found.length === 0) return [];
  const taken = found.some((one) => ofTheNode.test(one));
  return [
    loss(now.owner, {
      ...{ level: taken ? "stop" : "look", was: "restricted", is: found.join("; "), text: "has pods with more rights" },
      meaning: taken ? "whoever breaks into one has its node" : "whoever breaks into one gets further",
    }),
  ];
}

/** What Pod Security does not ask for and every pod of this program has. */
function further(pods: Pods): string[] {
  const spec = pods.spec as { readonly automountServiceAccountToken?: boolean };
  const writable = containersOf(pods).filter(
    ({ securityContext }) =>
      (securityContext as { readonly readOnlyRootFilesystem?: boolean } | undefined)?.readOnlyRootFilesystem !== true,
  );
  return [
    ...(spec.automountServiceAccountToken === false ? [] : ["pod: has a token of the API server"]),
    ...writable.map(({ name }) => `container ${name}: may write to its own files`),
  ];
}

interface RoleRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly resourceNames?: readonly string[];
  readonly verbs?: readonly string[];
}

function roleLosses({ old, now }: Pair): Loss[] {
  const rights = ({ inputs }: Resource) =>
    ((inputs["rules"] ?? []) as readonly RoleRule[]).flatMap(
      ({ apiGroups = [""], resources = [], resourceNames, verbs = [] }) =>
        apiGroups.flatMap((group) =>
          resources.flatMap((resource) =>
            (resourceNames ?? ["any"]).flatMap((name) =>
              verbs.map(
                (verb) => `${verb} ${resource}${group === "" ? "" : `.${group}`}${name === "any" ? "" : ` ${name}`}`,
              ),
            ),
          ),
        ),
    );
  const had = new Set(rights(old));
  const added = rights(now).filter((right) => !had.has(right));
  if (added.length === 0) return [];
  const shown = added.length > 4 ? `${added.slice(0, 4).join(", ")} and ${added.length - 4} more` : added.join(", ");
  return [
    loss(now, {
      ...{
        level: "look",
        was: `${had.size} ${had.size === 1 ? "right" : "rights"}`,
        is: `${had.size + added.length} rights`,
        text: `allows more: ${shown}`,
      },
      meaning: "whoever has the account's token may do so, too",
    }),
  ];
}
