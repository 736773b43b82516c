/** Changes of a setting that are worth trying: from what a stack has, or an example, to each other value. Pure. */
import { project } from "../../../settings/reading/keys.ts";
import { formsOf, type Place, type Step } from "../places.ts";
import { idOf } from "../settings-reference.ts";
import { factsOf } from "./facts.ts";
import { stackOf, withSettings, type Config } from "./stacks.ts";
import { exampleOf, isOf, othersThan, put } from "./values.ts";

export interface Trial {
  readonly before: Config;
  readonly after: Config;
  /** Whether it takes the setting away. */
  readonly unset: boolean;
}

/** Every workload is like this one; probes are its own. */
const typical = { system: "gx", workload: "svc-identity", probe: "readiness" };

export function* trialsOf(place: Place): Generator<Trial> {
  const { values } = factsOf(idOf(place));
  const owner = ownerOf(place);
  const key = `${project}:${owner}`;
  const steps = stepsOf(place);
  const base = baseOf(place);
  const last = steps.at(-1);
  if (last !== undefined && "kind" in last) {
    yield* ofKind(base, key, steps, last);
    return;
  }
  let current: unknown;
  const before = changed(base, key, steps, (value) => {
    current = value ?? place.schema.default ?? (place.required ? exampleOf(place.schema) : undefined);
    return place.required ? current : value;
  });
  for (const other of values ?? othersThan(place.schema, current, place.required))
    yield { before, after: changed(before, key, steps, () => other), unset: other === undefined };
}

/** The workload that stands for all, where a setting is one of all. */
export function typicalOf({ group }: Pick<Place, "group">): string | undefined {
  return group === "workloads" || group === "probe" ? typical.workload : undefined;
}

/** The stack that a setting is changed in, with what the change needs. */
export function baseOf(place: Pick<Place, "group" | "path">): Config {
  return factsOf(idOf(place)).given.reduce<Config>(withSettings, stackOf(ownerOf(place)));
}

/** The group of a stack file that a setting is in; a system's, where it is one of every workload. */
export function ownerOf(place: Pick<Place, "group">): string {
  return typicalOf(place) === undefined ? place.group : typical.system;
}

/** The way to a setting from its owner. */
export function stepsOf({ group, steps }: Pick<Place, "group" | "steps">): Step[] {
  const workload = ["workloads", typical.workload];
  const keys = group === "workloads" ? workload : group === "probe" ? [...workload, "probes", typical.probe] : [];
  return [...keys.map((key) => ({ key, of: {} })), ...steps];
}

/** From what is there to the kind; from the kind to another one where it is there already. */
function* ofKind(
  base: Config,
  key: string,
  steps: readonly Step[],
  { kind, of }: Extract<Step, { kind: unknown }>,
): Generator<Trial> {
  const above = steps.slice(0, -1);
  let current: unknown;
  const before = changed(base, key, above, (value) => (current = value ?? of.default));
  const others = formsOf(of).filter((form) => form !== kind);
  for (const form of isOf(kind, current) ? others : [kind])
    yield { before, after: changed(before, key, above, () => exampleOf(form)), unset: false };
}

function changed(config: Config, key: string, steps: readonly Step[], change: (current: unknown) => unknown): Config {
  return { ...config, [key]: put(config[key], steps, change) };
}
