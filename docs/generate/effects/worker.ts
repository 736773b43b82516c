/** Computes a share of the effects, because Pulumi's runtime is one for a process: `node worker.ts <share> <of>`, JSON on its output. */
import { places } from "../places.ts";
import { idOf, type Effect } from "../settings-reference.ts";
import { effectAt } from "./compute.ts";

// The SDK takes a stack trace with every promise, which would be half of the time.
Error.stackTraceLimit = 0;

const [share = 0, of = 1] = process.argv.slice(2).map(Number);
const effects: Record<string, Effect> = {};
const problems: string[] = [];
for (const place of places().filter((_, i) => i % of === share)) {
  try {
    const effect = await effectAt(place);
    if (effect !== undefined) effects[idOf(place)] = effect;
  } catch (error) {
    problems.push(error instanceof Error ? error.message : String(error));
  }
}
process.stdout.write(JSON.stringify({ effects, problems }));
