/** Backups that are gone, made more seldom, or kept for a shorter time. Pure. */
import { longestGapHours } from "../../../catalogue/cron.ts";
import { containersOf, podsOf } from "../../../graph/pods.ts";
import { kindOf, metadataOf, type Resource } from "../../../graph/resource.ts";
import { retirementOf, systemOf, type ByUrn } from "../../../graph/stack.ts";
import { settingsKey } from "../setting.ts";
import { loss, type Loss, type Pair, type Revisions } from "./loss.ts";

/** What a CronJob is there for; undefined if it is no backup. */
type Purpose = "backup" | "drill" | "snapshots";

const page = "docs/runbooks/restore.md";

/** What happens to backups whose data stays. */
export function backupLosses(revisions: Revisions): Loss[] {
  const { allBefore, allAfter } = revisions;
  const gone = revisions.gone
    .filter((one) => kindOf(one) === "CronJob" && holdsDataStill(one, revisions))
    .map((one) => ({ one, purpose: purposeOf(one, allBefore), system: systemOf(one, allBefore) }));
  const isRetired = (one: Resource) => retirementOf(one, new Map([...allBefore, ...allAfter])) !== undefined;
  const without = new Set(gone.filter(({ purpose }) => purpose === "backup").map(({ system }) => system));
  return [
    ...gone.flatMap(({ one, purpose, system }) =>
      // Without a backup, nobody misses its drill.
      purpose === undefined || (purpose === "drill" && without.has(system))
        ? []
        : [isRetired(one) ? paused(one, purpose) : removed(one, purpose, allBefore)],
    ),
    ...revisions.of("CronJob").flatMap((pair) => {
      const purpose = purposeOf(pair.now, allAfter);
      return purpose === undefined ? [] : changed(pair, purpose, allAfter);
    }),
  ];
}

function purposeOf(cronJob: Resource, all: ByUrn): Purpose | undefined {
  const name = metadataOf(cronJob)?.name ?? "";
  if (name === "volume-snapshots") return "snapshots";
  if (!isPartOf(cronJob, "doks-systems:database:PostgresBackup", all)) return undefined;
  return name.endsWith("-drill") ? "drill" : "backup";
}

function isPartOf({ parent }: Resource, type: string, all: ByUrn): boolean {
  const component = all.get(parent ?? "");
  return component !== undefined && (component.type === type || isPartOf(component, type, all));
}

/** Whether the system of a backup still stores something: with its system, a backup may go. */
function holdsDataStill(cronJob: Resource, { allBefore, allAfter, pairs }: Revisions): boolean {
  const system = systemOf(cronJob, allBefore);
  return pairs.some(
    ({ now }) =>
      ["StatefulSet", "DatabaseCluster", "SpacesBucket"].includes(kindOf(now)) && systemOf(now, allAfter) === system,
  );
}

const removedTexts: Readonly<Record<Purpose, Pick<Loss, "level" | "text" | "meaning" | "was">>> = {
  backup: {
    ...{ level: "stop", was: "a backup", text: "is removed: nothing dumps the database any more" },
    meaning: "what happens to the database from now on cannot be undone",
  },
  drill: {
    ...{
      level: "look",
      was: "a restore drill",
      text: "is removed: nobody tries any more whether the newest dump can be restored",
    },
    meaning: "a backup that cannot be restored is noticed when it is needed",
  },
  snapshots: {
    ...{ level: "stop", was: "snapshots", text: "is removed: nothing takes snapshots of the volumes any more" },
    meaning: "what happens to them from now on cannot be undone",
  },
};

function removed(cronJob: Resource, purpose: Purpose, all: ByUrn): Loss {
  return loss(cronJob, { ...removedTexts[purpose], is: "none", page, ...settingOf(cronJob, purpose, undefined, all) });
}

/** Of a retired system nothing changes that a backup would have to follow. */
function paused(cronJob: Resource, purpose: Purpose): Loss {
  const { was } = removedTexts[purpose];
  const text = "is removed with its system's pods: nothing is dumped while that is retired";
  const meaning = "nobody writes to its data; the dumps that are there stay, however old they get";
  return loss(cronJob, { level: "look", text, was, is: "none", meaning, page: "docs/runbooks/retire.md" });
}

function settingOf(cronJob: Resource, purpose: Purpose, field: string | undefined, all: ByUrn): Pick<Loss, "setting"> {
  const key = settingsKey(cronJob, all);
  if (key === undefined) return {};
  const group = `${key}.${purpose === "snapshots" ? "snapshots" : "backup"}`;
  if (purpose === "drill") return { setting: `${group}.restoreDrill` };
  return { setting: field === undefined ? group : `${group}.${field}` };
}

function changed({ old, now }: Pair, purpose: Purpose, all: ByUrn): Loss[] {
  const noun = { backup: "dumps", drill: "tries restoring", snapshots: "takes snapshots" }[purpose];
  const spec = ({ inputs }: Resource) => inputs["spec"] as { schedule: string; suspend?: boolean };
  const [was, is] = [old, now].map((one) => spec(one).schedule) as [string, string];
  // It takes a while to find.
  const [before, after] = was === is ? [] : [longestGapHours(was), longestGapHours(is)];
  const [kept, keeps] = [old, now].map((one) => keepsFor(one, purpose)) as [number | undefined, number | undefined];
  const unit = purpose === "snapshots" ? "snapshots" : "days";
  const missing = databases(old).filter((name) => !databases(now).includes(name));
  const losses: (Omit<Loss, "urn" | "resource"> | false)[] = [
    spec(old).suspend !== true &&
      spec(now).suspend === true && {
        ...{ level: "stop", was, is: "suspended", text: `is suspended: it no longer ${noun}` },
        meaning: "what happens from now on cannot be undone",
      },
    before !== undefined &&
      after !== undefined &&
      after > before && {
        ...{ level: "look", was: `${was}, ${duration(before)} apart`, is: `${is}, ${duration(after)} apart` },
        ...{ text: `${noun} less often`, ...settingOf(now, purpose, "schedule", all) },
        meaning:
          purpose === "drill"
            ? `a backup that cannot be restored is noticed up to ${duration(after)} later`
            : `up to ${duration(after)} of work are lost with the volume, instead of ${duration(before)}`,
      },
    kept !== undefined &&
      keeps !== undefined &&
      keeps < kept && {
        ...{
          level: "stop",
          was: `${kept} ${unit}`,
          is: `${keeps} ${unit}`,
          text: `keeps what it makes for a shorter time`,
        },
        meaning: "its next run deletes all that is older",
        ...settingOf(now, purpose, purpose === "snapshots" ? "keep" : "retentionDays", all),
      },
    missing.length > 0 &&
      purpose === "backup" && {
        ...{ level: "look", was: databases(old).join(", "), is: databases(now).join(", ") },
        ...{ text: `no longer dumps ${missing.join(", ")}`, meaning: "the last dumps go when they are old enough" },
      },
  ];
  return losses.flatMap((one) => (one === false ? [] : [loss(now, { ...one, page })]));
}

function duration(hours: number): string {
  return hours >= 48 && hours % 24 === 0
    ? `${hours / 24} days`
    : hours >= 1
      ? `${Math.round(hours)} h`
      : `${Math.round(hours * 60)} min`;
}

/** The value of a variable in any of the containers. */
function variable(cronJob: Resource, name: string): string | undefined {
  const [pods] = podsOf([cronJob]);
  if (pods === undefined) return undefined;
  return containersOf(pods)
    .flatMap(({ env = [] }) => env)
    .find((one) => one.name === name)?.value;
}

function keepsFor(cronJob: Resource, purpose: Purpose): number | undefined {
  if (purpose === "drill") return undefined;
  const value = variable(cronJob, purpose === "snapshots" ? "KEEP" : "RETENTION_DAYS");
  return value === undefined ? undefined : Number(value);
}

function databases(cronJob: Resource): string[] {
  return (variable(cronJob, "DATABASES") ?? "").split(" ").filter((name) => name !== "");
}
