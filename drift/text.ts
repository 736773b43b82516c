/** What was changed by hand, as lines for people. No values: one that somebody typed may be a password. Pure. */
import { kindOf, nameOf, type Resource } from "../graph/resource.ts";
import { settingsKey, workloadSetting } from "../preview/review/setting.ts";
import type { Change } from "./by-hand.ts";
import type { Changed } from "./objects.ts";
import type { StackState } from "./stack-state.ts";

/** Fields of one object that are named: somebody may have applied all of it. */
const most = 12;

/** Each object with its fields, who changed them and when, and the setting that would say the same; none if there are none. */
export function byHandLines(changed: readonly Changed[], state: StackState): string[] {
  return changed.flatMap(({ resource, changes }) => {
    const settings = new Set(
      changes.map((change) => settingOf(resource, change, state)).filter((one) => one !== undefined),
    );
    return [
      `${kindOf(resource)} ${nameOf(resource)}`,
      ...changes.slice(0, most).map(line),
      ...(changes.length > most ? [`  and ${changes.length - most} more fields`] : []),
      ...(settings.size === 0 ? [] : [`    to keep it: ${[...settings].join(", ")} in the stack file`]),
    ];
  });
}

function line({ field, added, manager, time }: Change): string {
  const when = time === "" ? "" : `, ${time.slice(0, 16).replace("T", " ")} UTC`;
  return `  ${field}${added ? ", added" : ""} by ${manager}${when}`;
}

/** The setting that would make the program say what somebody did by hand. */
function settingOf(resource: Resource, { path }: Change, { resources }: StackState): string | undefined {
  const workload = workloadSetting(resource, resources);
  if (!/^(Deployment|StatefulSet|CronJob|Job)$/.test(kindOf(resource)) || workload === undefined) {
    return settingsKey(resource, resources);
  }
  const names = path.map((step) => step.slice(2));
  if (names.includes("image")) return `${workload}.tag`;
  if (names.includes("replicas")) return `${workload}.replicas`;
  const env = path[names.indexOf("env") + 1] ?? "";
  if (names.includes("env") && env.startsWith("k:")) {
    const { name = "" } = JSON.parse(env.slice(2)) as { name?: string };
    return `${workload}.env.${name}`;
  }
  return names.includes("resources") ? `${workload}.resources` : workload;
}
