/** What lies in the folder of a stack's state beside its resources: locks, and what a killed command had begun. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { project } from "../../settings/reading/keys.ts";
import { isAlive } from "../processes.ts";
import { label } from "../urn.ts";

/** A lock on a stack. Source: pkg/backend/diy/lock.go of pulumi/pulumi. */
export interface Lock {
  /** Id of the process that holds it. */
  readonly pid: number;
  /** When it was taken, in ISO 8601. */
  readonly timestamp: string;
  /** Whether that process runs. */
  readonly alive: boolean;
}

/** The locks on a stack. A command takes them away as it ends, unless it is killed. */
export function locksOn(state: string, stack: string): Lock[] {
  const folder = join(state, ".pulumi", "locks", "organization", project, stack);
  if (!existsSync(folder)) return [];
  const files = readdirSync(folder).filter((name) => name.endsWith(".json"));
  return files.map((name) => {
    const { pid, timestamp } = JSON.parse(readFileSync(join(folder, name), "utf8")) as Omit<Lock, "alive">;
    return { pid, timestamp, alive: isAlive(pid) };
  });
}

/** Path of the file with a stack's resources. */
export function stateFile(state: string, stack: string): string {
  return join(state, ".pulumi", "stacks", project, `${stack}.json`);
}

/** What a killed command had begun and not ended, as `creating Deployment gx-projector`. */
export function pendingIn(state: string, stack: string): string[] {
  const file = stateFile(state, stack);
  if (!existsSync(file)) return [];
  const { checkpoint } = JSON.parse(readFileSync(file, "utf8")) as {
    checkpoint: { latest?: { pending_operations?: { resource: { urn: string }; type: string }[] } | null };
  };
  return (checkpoint.latest?.pending_operations ?? []).map(({ resource, type }) => `${type} ${label(resource.urn)}`);
}
