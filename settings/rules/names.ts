/** Rules about names that must be unique: of namespaces, hosts, buckets and managed databases. */
import { addonNamespaces, isReservedNamespace } from "../../catalogue/kubernetes.ts";
import type { Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import { wrong, type FactsByKey, type Rule, type Stack } from "./rule.ts";

/** Namespaces of add-ons, edge and monitoring, each with the path of the setting that asks for it. */
function platformNamespaces({ key, platform: { addons, edge, monitoring } }: Stack): [path: string, name: string][] {
  return [
    ...(addons.envoyGateway === "none" && edge.kind !== "gateway" && edge.kind !== "stack"
      ? []
      : [[`${key}.addons.envoyGateway`, addonNamespaces.envoyGateway] as [string, string]]),
    ...(addons.certManager === "none"
      ? []
      : [[`${key}.addons.certManager`, addonNamespaces.certManager] as [string, string]]),
    ...(addons.prometheus === "none"
      ? []
      : [[`${key}.monitoring.namespace`, monitoring.namespace] as [string, string]]),
    ...(edge.kind === "ingress"
      ? [[`${key}.edge.controllerNamespace`, edge.controllerNamespace] as [string, string]]
      : []),
    ...Object.entries(addons.charts).map(([release, { namespace }]): [string, string] => [
      `${key}.addons.charts.${release}.namespace`,
      namespace,
    ]),
  ];
}

const namespaces: Rule = (stack) => {
  const taken = platformNamespaces(stack);
  return [
    ...Object.entries(stack.systems).flatMap(([key, facts]): Problem[] => {
      const path = `${key}.namespace.name`;
      const { name: namespace, create } = facts.namespace;
      const fix = "give the system a namespace of its own";
      if (isReservedNamespace(namespace)) {
        const problem = "is Kubernetes' or DOKS' own: policies there would cut off DNS for the whole cluster";
        return [wrong(path, namespace, problem, fix)];
      }
      if (namespace === "default" && create) {
        const problem = "is there in every cluster, so it cannot be made";
        return [wrong(path, namespace, problem, `set ${key}.namespace.create: false to adopt it, or ${fix}`)];
      }
      const addon = taken.find(([, name]) => name === namespace);
      return addon === undefined ? [] : [wrong(path, namespace, `is the namespace of ${addon[0]}`, fix, addon[0])];
    }),
    ...taken
      .filter(([path, name]) => path.endsWith(".monitoring.namespace") && isReservedNamespace(name))
      .map(([path, name]) =>
        wrong(path, name, "is Kubernetes' or DOKS' own", "give monitoring a namespace, such as monitoring"),
      ),
  ];
};

/** Names of the Helm releases that the program makes itself. */
const ownReleases = /^(envoy-gateway|gateway-kinds|cert-manager|metrics-server|adopter|prometheus(-.*)?)$/;

/** Charts of the stack file need a release name of their own, and a namespace that nothing else makes. */
const charts: Rule = ({ key, platform: { addons, monitoring }, systems }) => {
  const all = Object.entries(addons.charts);
  const taken: [string, string][] = [
    [monitoring.namespace, `${key}.monitoring.namespace`],
    ...Object.values(addonNamespaces).map((name): [string, string] => [name, `${key}.addons`]),
    ...Object.entries(systems).map(([system, { namespace }]): [string, string] => [
      namespace.name,
      `${system}.namespace.name`,
    ]),
  ];
  return all.flatMap(([release, { namespace, podSecurity }], i): Problem[] => {
    const at = `${key}.addons.charts.${release}`;
    const own = ownReleases.test(release)
      ? [wrong(at, release, "is the name of a release of the program's own", "give it another name")]
      : [];
    if (podSecurity === "exists") return own;
    const before = all.slice(0, i).find(([, one]) => one.namespace === namespace && one.podSecurity !== "exists");
    const other =
      before === undefined ? taken.find(([name]) => name === namespace)?.[1] : `${key}.addons.charts.${before[0]}`;
    const there = isReservedNamespace(namespace) || namespace === "default" ? "every cluster" : other;
    if (there === undefined) return own;
    const problem = `is a namespace that ${there} has already, so it cannot be made again`;
    return [...own, wrong(`${at}.namespace`, namespace, problem, "set podSecurity: exists, or use another one")];
  });
};

/** A problem for each value that two settings have and only one may have. */
function usedTwice(
  systems: FactsByKey,
  what: string,
  values: (facts: SystemFacts) => Readonly<Record<string, string>>,
): Problem[] {
  const all = Object.entries(systems).flatMap(([key, facts]) =>
    Object.entries(values(facts)).map(([path, value]) => ({ path: `${key}.${path}`, value })),
  );
  return all.flatMap((use, i) => {
    const first = all.slice(0, i).find((other) => other.value === use.value);
    if (first === undefined) return [];
    return [wrong(use.path, use.value, `is the ${what} of ${first.path} too`, `give each its own ${what}`, first.path)];
  });
}

const ownNames: Rule = ({ systems }) => [
  ...usedTwice(systems, "host name", (facts) => facts.hosts),
  ...usedTwice(systems, "bucket", (facts) =>
    Object.fromEntries(Object.entries(facts.buckets).map(([path, bucket]) => [path, bucket.name])),
  ),
  ...usedTwice(systems, "namespace", (facts) => ({ "namespace.name": facts.namespace.name })),
  ...usedTwice(systems, "DigitalOcean name", ({ services }) =>
    Object.fromEntries(
      Object.entries(services).flatMap(([path, service]) =>
        service.kind === "managed" && service.name !== undefined ? [[`${path}.name`, service.name]] : [],
      ),
    ),
  ),
];

/** A host outside the stack's domains gets no DNS record, and without a record no certificate. */
const hostsOfDomains: Rule = ({ key, platform: { domains, edge, cluster }, systems }) => {
  const known = Object.keys(domains);
  return Object.entries(systems).flatMap(([system, { served }]) =>
    Object.entries(served).flatMap(([path, { host, by }]): Problem[] => {
      if (by === "edge" ? edge.kind === "none" : cluster.source === "kubeconfig") return [];
      if (known.some((domain) => host === domain || host.endsWith(`.${domain}`))) return [];
      const zone = host.split(".").slice(-2).join(".");
      const problem = `lies in no domain of the stack (${known.join(", ") || "it has none"}), so nothing would lead there`;
      const fix = `add it to ${key}.domains: {${zone}: existing}, or external where its records are kept elsewhere`;
      return [wrong(`${system}.${path}`, host, problem, fix, `${key}.domains`)];
    }),
  );
};

/**
 * Domains that are reserved for documentation and tests. Let's Encrypt refuses an account with an address there. Source: policy
 * of boulder, RFC 2606 and 6761.
 */
const documentation = /(^|[@.])(example\.(com|net|org)|(test|example|invalid|localhost|local))$/;

const contact: Rule = ({ key, platform: { edge } }) => {
  if (!("acmeEmail" in edge) || !documentation.test(edge.acmeEmail)) return [];
  const problem = "is an address that Let's Encrypt refuses, so there would be no certificate at all";
  return [wrong(`${key}.edge.acmeEmail`, edge.acmeEmail, problem, "use an address that somebody reads")];
};

export const nameRules: readonly Rule[] = [namespaces, charts, ownNames, hostsOfDomains, contact];
