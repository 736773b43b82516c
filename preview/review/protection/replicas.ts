/** Workloads with fewer pods, or with fewer that stay while nodes are drained. Pure. */
import { isTask, selects, type Pods, type Selector } from "../../../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../../../graph/resource.ts";
import { retirementOf, type ByUrn, type Stack } from "../../../graph/stack.ts";
import { workloadSetting } from "../setting.ts";
import { loss, type Loss, type Revisions } from "./loss.ts";

interface BudgetSpec {
  readonly selector?: Selector;
  readonly minAvailable?: number | string;
  readonly maxUnavailable?: number | string;
}

/** What workloads lose that keep running. One loss each: where there is one pod left, no budget is missed. */
export function replicaLosses(revisions: Revisions): Loss[] {
  return revisions.pods
    .filter(({ now }) => !isTask(now.owner) && retirementOf(now.owner, revisions.allAfter) === undefined)
    .flatMap(({ old, now }) => {
      const fewer = fewerPods(old, now, revisions);
      return fewer === undefined ? (budgetLoss(old, now, revisions) ?? []) : fewer;
    });
}

function fewerPods(old: Pods, now: Pods, { allAfter }: Revisions): Loss | undefined {
  const [was, is] = [old.replicas.min, now.replicas.min];
  // The engine deletes last: the autoscaler, which looks every 15 s, may see the new number and set its own before it goes.
  const isHandedOver = old.replicas.min !== old.replicas.max && now.replicas.min === now.replicas.max;
  const fix = isHandedOver
    ? {
        fix: `the autoscaler goes last, and may set ${pods(was)} once more: an update with --refresh makes it ${pods(is)} then`,
      }
    : {};
  const common = { level: "look", was: pods(was), is: pods(is), ...countSetting(now, allAfter), ...fix } as const;
  if (was >= 2 && is < 2)
    return loss(now.owner, {
      ...{ ...common, text: is === 1 ? "runs in one pod only" : "runs in no pod" },
      meaning: is === 1 ? "while that one is moved, or its node fails, nobody answers" : "nobody answers",
    });
  if (kindOf(now.owner) === "StatefulSet" && is < was)
    return loss(now.owner, {
      ...common,
      text: "has fewer members",
      meaning: "fewer may fail before data or answers are missing",
    });
  return undefined;
}

/** The setting of the number of pods. That of a data service is one of its own: brokers, nodes. */
function countSetting({ owner, replicas: { min, max } }: Pods, all: ByUrn): Pick<Loss, "setting"> {
  if (kindOf(owner) !== "Deployment") return {};
  const setting = workloadSetting(owner, all);
  return setting === undefined ? {} : { setting: `${setting}.${min === max ? "replicas" : "autoscaling.min"}` };
}

function pods(count: number): string {
  return `${count} ${count === 1 ? "pod" : "pods"}`;
}

function budgetLoss(old: Pods, now: Pods, { before, after, allAfter }: Revisions): Loss | undefined {
  const [was, is] = [budgetOf(before, old), budgetOf(after, now)];
  if (was === undefined || now.replicas.min < 2) return undefined;
  if (is === undefined)
    return loss(now.owner, {
      ...{ level: "look", was: budgetText(was), is: "none", text: "has no PodDisruptionBudget any more" },
      meaning: "a drain, such as of an upgrade, may evict all of its pods at once",
    });
  const [kept, keeps] = [staying(was, old.replicas.min), staying(is, now.replicas.min)];
  if (keeps >= kept) return undefined;
  return loss(is, {
    ...{ level: "look", was: budgetText(was), is: budgetText(is) },
    ...(now.replicas.min < old.replicas.min && countSetting(now, allAfter)),
    text: keeps === 0 ? "lets a drain evict all pods at once" : "keeps fewer pods while nodes are drained",
    meaning: keeps === 0 ? "nobody answers for a while" : `${pods(keeps)} must carry the load, instead of ${kept}`,
  });
}

/** The budget of some pods; undefined if they have none. */
function budgetOf(stack: Stack, { namespace, labels }: Pods): Resource | undefined {
  return stack
    .of("PodDisruptionBudget")
    .find(
      (one) =>
        (metadataOf(one)?.namespace ?? "default") === namespace &&
        selects((one.inputs["spec"] as BudgetSpec).selector ?? {}, labels),
    );
}

function budgetText({ inputs }: Resource): string {
  const { minAvailable, maxUnavailable } = inputs["spec"] as BudgetSpec;
  return minAvailable === undefined ? `maxUnavailable: ${maxUnavailable ?? 0}` : `minAvailable: ${minAvailable}`;
}

/** Number of pods that a drain leaves. Shares are rounded up (Kubernetes, "Specifying a Disruption Budget"). */
export function staying({ inputs }: Pick<Resource, "inputs">, replicas: number): number {
  const { minAvailable, maxUnavailable } = inputs["spec"] as BudgetSpec;
  const count = (value: number | string) =>
    typeof value === "number" ? value : Math.ceil((Number(value.replace("%", "")) / 100) * replicas);
  return minAvailable === undefined
    ? Math.max(0, replicas - count(maxUnavailable ?? 0))
    : Math.min(replicas, count(minAvailable));
}
