/** What a command on a stack in the sandbox has come to, and what to type next. Pure. */
import { lastLine } from "../../commands/failures.ts";
import { label } from "../urn.ts";
import type { Event } from "./events.ts";
import type { Lock } from "./state.ts";

/** A command that has ended, and what it left. */
export interface Ended {
  /** Exit code of Pulumi. */
  readonly code: number;
  /** Events of the engine; empty if it did not come so far. */
  readonly events: readonly Event[];
  readonly locks: readonly Lock[];
  /** What was begun and not ended, as `creating Deployment gx-projector`. */
  readonly pending: readonly string[];
  /** A command on the same stack, as it is typed here: `npm run sandbox -- pulumi prod`, `npm run sandbox -- up prod`. */
  readonly command: (action: "pulumi" | "up") => string;
}

/** Lines that end what a command has printed; none if it ended well and left nothing. The last one says how it ended. */
export function ending(ended: Ended): string[] {
  const { code, locks, pending } = ended;
  const begun = pending.length === 0 || locks.length > 0 ? [] : unfinished(ended);
  if (code === 0) return begun;
  return [...begun, ...alreadyThere(ended), ...imports(ended), lastLine(code, reason(ended))];
}

function unfinished({ pending, command }: Ended): string[] {
  return [
    `Killed while it was ${some(pending)}: whether that exists, the state does not know.`,
    `  → ${command("pulumi")} refresh --clear-pending-creates --yes`,
    "    then up: it makes what is not there, and says what is",
  ];
}

/** Objects that a killed update made: the cluster has them, the state has not. */
function alreadyThere({ events, command }: Ended): string[] {
  const found = errorsIn(events).filter(({ text }) => /not successfully created .* already exists/.test(text));
  if (found.length === 0) return [];
  const targets = [...new Set(found.map(({ name }) => `--target '**:${name.replace(" ", "::")}'`))];
  return [
    `The cluster has ${some(found.map(({ name }) => name))} and the state has not, as after an update that was killed. To take that over:`,
    `  → PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true PULUMI_K8S_ENABLE_PATCH_FORCE=true ${command("up")} -- ${targets.join(" ")}`,
  ];
}

/** Commands in Pulumi's own words would go to another place than the sandbox. */
function imports({ events, command }: Ended): string[] {
  const found = errorsIn(events).some(({ text }) => text.includes("npx pulumi "));
  return found ? [`Where it says npx pulumi, type here: ${command("pulumi")}`] : [];
}

function reason({ events, locks, command }: Ended): string {
  const [lock] = locks;
  if (lock !== undefined) return locked(lock, command("pulumi"));
  const summary = events.findLast(({ summaryEvent }) => summaryEvent !== undefined)?.summaryEvent;
  const errors = errorsIn(events);
  const first = errors[0] === undefined ? "see above" : told(errors[0]);
  if (summary === undefined) return events.length === 0 ? "nothing was done: see above" : `it was ended: ${first}`;
  const why = protection(errors) ?? first;
  if (summary.isPreview === true) return `refused, and nothing was changed: ${why}`;
  const changes = Object.entries(summary.resourceChanges ?? {}).filter(([operation]) => operation !== "same");
  const done = changes.map(([operation, count]) => `${count} ${operation}`).join(", ");
  const after =
    done === "" ? "before anything was changed" : `after ${done}; that stays, and the next one does the rest`;
  return `failed ${after}: ${why}`;
}

/** Who is protected. Source: pkg/resource/deploy/step_generator.go of pulumi/pulumi, which refuses a deletion or replacement. */
function protection(errors: readonly Failure[]): string | undefined {
  const names = errors.filter(({ text }) => /because it is protected|marked for protection/.test(text));
  if (names.length === 0) return undefined;
  return `${some(names.map(({ name }) => name))} ${names.length === 1 ? "is" : "are"} protected`;
}

function locked({ alive, pid, timestamp }: Lock, pulumi: string): string {
  const since = `process ${pid}, since ${timestamp}`;
  return alive
    ? `nothing was done: another command works on this stack (${since}); wait for it`
    : `the stack is locked by a command that was killed (${since}): ${pulumi} cancel --yes`;
}

interface Failure {
  /** Kind and name of what failed; empty for the command as a whole. */
  readonly name: string;
  readonly text: string;
}

/** What failed, without the engine's own sentence that something did. */
function errorsIn(events: readonly Event[]): Failure[] {
  return events.flatMap(({ diagnosticEvent: event }) => {
    if (event?.severity !== "error" || /^(preview|update|destroy|refresh) (failed|canceled)\s*$/.test(event.message))
      return [];
    return [{ name: event.urn === undefined ? "" : label(event.urn), text: event.message }];
  });
}

function told({ name, text }: Failure): string {
  const line = (text.split("\n").find((one) => one.trim() !== "") ?? "").replace(/^resource "urn:\S+" /, "");
  const short = line.length > 200 ? `${line.slice(0, 200)}…` : line;
  return name === "" ? short : `${name}: ${short}`;
}

function some(all: readonly string[]): string {
  const names = [...new Set(all)];
  return names.length <= 3 ? names.join(", ") : `${names.slice(0, 2).join(", ")} and ${names.length - 2} more`;
}
