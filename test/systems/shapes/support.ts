/** What a system's table of workloads says. */
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import type { SystemFacts } from "../../../settings/slices/facts.ts";
import { systems } from "../../../systems/settings.ts";
import type { SystemKey } from "../../support/stack.ts";

/** What a system's settings come to. */
export function factsOf(system: SystemKey, name: string, settings: Patch): SystemFacts {
  const key = `doks-systems:${system}`;
  const { setting, facts } = systems[system];
  const parsed: unknown = setting.parse(JSON.parse(readStackFile(name, { [key]: settings })[key] ?? ""));
  return (facts as (given: never) => SystemFacts)(parsed as never);
}

/** `Job/gx-migrate-0a1b2c3d` → `gx-migrate` */
export function workloadOf(owner: string): string {
  const [kind, name = ""] = owner.split("/");
  return kind === "Job" ? name.replace(/-[0-9a-f]{8}$/, "") : name;
}
