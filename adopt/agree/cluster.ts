/** A cluster of the account that the stack would not have found by its name. */
import { kindOf } from "../../graph/resource.ts";
import type { Agree, Suggestion } from "./suggestion.ts";

/** Settings of a cluster that a stack makes, which one that is there has not. */
const ofCreated = [
  "version",
  "upgradeTo",
  "ha",
  "systemPool",
  "vpcRange",
  "clusterSubnet",
  "serviceSubnet",
  "maintenance",
  "nat",
];

/** The cluster stays outside: the stack uses it and its pools as they are, and never changes them. */
export const cluster: Agree = ({ resources, ground: { doks } }) => {
  const wanted = resources.find((one) => kindOf(one) === "KubernetesCluster");
  if (doks === undefined || wanted === undefined || wanted.inputs["name"] === doks.name) return [];
  const taken = Object.fromEntries(ofCreated.map((key) => [key, null]));
  const pools = new Set(doks.node_pools.map(({ name }) => name));
  const why = `${doks.name} is the only cluster of the account`;
  return [
    { path: "platform.cluster", value: { ...taken, source: "existing", name: doks.name }, why },
    ...resources.flatMap((one): Suggestion[] => {
      const name = String(one.inputs["name"]);
      if (kindOf(one) !== "KubernetesNodePool" || !pools.has(name)) return [];
      return [{ path: `platform.pools.${name}`, value: { kind: "existing" }, why: `${doks.name} has a pool ${name}` }];
    }),
  ];
};
