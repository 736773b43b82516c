/**
 * Whether a system may be taken away as the settings ask, after how the last update left it: the data of a system goes only
 * after its pods, and after a dump that is there. The stack's own outputs say how it was left (`systems`).
 */
import * as pulumi from "@pulumi/pulumi";
import type { Standing } from "../components/platform/retirement.ts";
import type { LastDump } from "../components/database/postgres-backup.ts";
import { dumpsIn } from "../components/storage/dumps.ts";
import { shown, type Problem } from "../settings/reading/error.ts";
import { project } from "../settings/reading/keys.ts";
import type { Settings } from "../settings/index.ts";

/** How the last update left the systems, by the key of their settings. */
export type Standings = Readonly<Record<string, Left>>;
interface Left extends Omit<Standing, "lastDump"> {
  readonly lastDump?: LastDump;
}

const runbook = "docs/runbooks/retire.md";
/** By so much may the clock of a node, which names the dumps, be behind that of the API server. */
const clockMinutes = 5;

/**
 * How the last update left the systems of the stack that is running; empty for one that was never updated.
 *
 * @param names of all systems, for stacks whose outputs do not say more than that a system is there
 */
export async function standings(names: readonly string[]): Promise<Standings> {
  const name = [pulumi.getOrganization(), pulumi.getProject(), pulumi.getStack()].join("/");
  const { outputs = {} } = (await pulumi.runtime.invoke("pulumi:pulumi:readStackOutputs", { name })) as {
    outputs?: Record<string, unknown>;
  };
  const { systems, platform } = outputs as { systems?: Standings; platform?: { environment?: string } };
  if (systems !== undefined) return systems;
  const left = { presence: "running" as const, protected: platform?.environment === "production" };
  return Object.fromEntries(names.filter((one) => Object.hasOwn(outputs, one)).map((one) => [one, left]));
}

/**
 * Everything that stands against taking systems away; empty if nothing does.
 *
 * @param list gives the keys of the dumps in a bucket @default - asks Spaces
 */
export async function checkRetirement(
  before: Standings,
  facts: Settings["facts"],
  list: typeof dumpsIn = dumpsIn,
): Promise<Problem[]> {
  const removed = Object.entries(before).filter(([name]) => !Object.hasOwn(facts, `${project}:${name}`));
  const asked = Object.entries(facts).map(async ([key, { retired, presence }]): Promise<Problem[]> => {
    const left = before[key.slice(project.length + 1)];
    const at = { path: `${key}.retired`, value: shown(retired) };
    if (presence === "dumping")
      return left === undefined || left.presence === "running" ? [{ ...at, ...runsStill }] : [];
    if (presence !== "given-up" || left?.presence === "given-up") return [];
    if (left === undefined || left.presence === "running") return [{ ...at, ...runsStill }];
    if (typeof retired === "object" && "withoutBackup" in retired && retired.withoutBackup) return [];
    const problem = await missingDump(left.lastDump, list);
    return problem === undefined ? [] : [{ ...at, ...noDump(problem) }];
  });
  return [...removed.flatMap(([name, left]) => removedTooEarly(name, left)), ...(await Promise.all(asked)).flat()];
}

const runsStill = {
  problem: "comes before its time: the system runs, and what it writes after a dump would be lost",
  fix: `use retired: true first, and update (${runbook})`,
};

function noDump(problem: string): Pick<Problem, "problem" | "fix"> {
  const fix = `use {lastBackup: true} and update, then this; or say withoutBackup: true (${runbook})`;
  return { problem: `gives the data up, and ${problem}`, fix };
}

function removedTooEarly(name: string, left: Left): Problem[] {
  if (!left.protected) return [];
  const path = `${project}:${name}`;
  const value = shown(undefined);
  if (left.presence === "running") {
    const problem = "was removed, and its data is protected: the engine would refuse the update";
    const fix = `put it back with retired: true, which takes all of it away but its data (${runbook})`;
    return [{ path, value, problem, fix }];
  }
  const problem = "was removed, and its data was never given up: the engine would refuse the update";
  const fix = `put it back; {retired: {dataGoes: ${name}}} gives the data up, after a last dump (${runbook})`;
  return [{ path, value, problem, fix }];
}

/** What is wrong with the last dump; undefined if all of it is there. */
async function missingDump(last: LastDump | undefined, list: typeof dumpsIn): Promise<string | undefined> {
  if (last?.begunAt === undefined) return "there is no dump of it since its pods went";
  if (last.bucket === undefined) return undefined;
  let keys: readonly string[];
  try {
    keys = await list(last.bucket);
  } catch (error) {
    return `bucket ${last.bucket.name} cannot be read: ${error instanceof Error ? error.message : String(error)}`;
  }
  const earliest = stampOf(new Date(Date.parse(last.begunAt) - clockMinutes * 60_000));
  const missing = last.databases.filter((database) => !keys.some((key) => isDumpSince(key, database, earliest, keys)));
  if (missing.length === 0) return undefined;
  return `bucket ${last.bucket.name} has no dump of ${missing.join(", ")} from ${last.begunAt} on`;
}

/** Whether a key is a complete dump, which is one with its checksum beside it (components/database/scripts/upload.sh). */
function isDumpSince(key: string, database: string, earliest: string, keys: readonly string[]): boolean {
  const prefix = `pg-backups/${database}/${database}_`;
  const stamp = /^(\d{8}_\d{6})\.pgdump$/.exec(key.slice(prefix.length))?.[1];
  return key.startsWith(prefix) && stamp !== undefined && stamp >= earliest && keys.includes(`${key}.sha256`);
}

/** `20261128_120000`, as the names of dumps have it. */
function stampOf(date: Date): string {
  return date
    .toISOString()
    .replaceAll(/[-:]|\.\d+Z$/g, "")
    .replace("T", "_");
}
