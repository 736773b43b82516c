/**
 * A simulated application as the only process of its container, in the place of the published image. It knows itself by the
 * name of its pod, refuses as the real one does, opens the connections that its workload declares, and tells of them on a port
 * of its own.
 */
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer, type Server } from "node:http";
import { hostname } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { SimulatedApplication } from "./application.ts";
import { connectionsOf, type Connection } from "./connections.ts";
import { allFacts } from "./facts/all.ts";
import type { Application } from "./facts/fact.ts";
import { schemaRegistry } from "./facts/schema-registry.ts";
import { reportPort } from "./report.ts";

interface State {
  ok: boolean;
  seconds: number;
  error: string;
}

const pod = hostname();
const [found] = [...allFacts, schemaRegistry]
  .flatMap(({ applications }) => applications)
  .flatMap((application) => application.workloads.map((workload) => ({ application, workload })))
  .filter(({ workload }) => pod.startsWith(`${workload}-`))
  .toSorted((a, b) => b.workload.length - a.workload.length);
if (found === undefined) end(`no application is known by ${pod}`);

const { application: row, workload } = found;
const command = withFiles(process.argv.slice(2));
const application = new SimulatedApplication({
  ...{ root: "/", env: process.env, defaults: row.defaults, command, mebibytes: memoryLimit() },
  facts: ownFacts(row),
});
const [refused] = Object.values(application.refusals());
if (refused !== undefined) end(refused);

const connections = connectionsOf(application, row.uses ?? [], workload);
const states = new Map<Connection, State>(
  connections.map((connection) => [connection, { ok: false, seconds: 0, error: "not tried yet" }]),
);
if (row.task === true) {
  await Promise.all(connections.map(attempt));
  const failed = [...states].find(([, { ok }]) => !ok);
  if (failed !== undefined) end(`${failed[0].kind} ${failed[0].target}: ${failed[1].error}`);
  console.log("done");
  process.exit(0);
}

process.on("SIGTERM", () => {
  if (process.pid === 1 && application.checks("deaf").length > 0) return;
  const [ends] = application.checks("ends");
  setTimeout(() => process.exit(0), ends?.afterMs ?? 0);
});
await application.listen("given");
report().listen(reportPort);
console.log(`${workload} is up`);
for (;;) {
  await Promise.all(connections.map(attempt));
  // Each answers for itself; a probe asks for all that has a protocol.
  application.away = [...states].some(([{ kind }, { ok }]) => kind !== "tcp" && !ok);
  await sleep(application.away ? 1000 : 10_000);
}

/** Tries a connection, and keeps how that went. */
async function attempt(connection: Connection): Promise<void> {
  const from = performance.now();
  const tried = await connection.attempt().then(
    () => "",
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );
  states.set(connection, { ok: tried === "", error: tried, seconds: (performance.now() - from) / 1000 });
  if (tried !== "") console.log(`${connection.kind} ${connection.target}: ${tried}`);
}

function report(): Server {
  return createServer((request, response) => {
    void (async () => {
      if (request.url === "/connections") await Promise.all(connections.map(attempt));
      const list = [...states].map(([{ kind, target }, state]) => ({ kind, target, ...state }));
      const metrics = list.flatMap(({ kind, target, ok, seconds }) => {
        const labels = `{workload="${workload}",kind="${kind}",target="${target}"}`;
        return [`sandbox_connection_up${labels} ${ok ? 1 : 0}`, `sandbox_connection_seconds${labels} ${seconds}`];
      });
      response.end(request.url === "/metrics" ? `${metrics.join("\n")}\n` : JSON.stringify(list));
    })();
  });
}

/** Facts of the image that runs here: not what a notice of the preview says of the published one, which is mended. */
function ownFacts({ facts }: Application) {
  const image = process.env["SANDBOX_IMAGE"] ?? "";
  return facts.filter(
    ({ unlessSaid, images }) => unlessSaid === undefined && (images === undefined || new RegExp(images).test(image)),
  );
}

/** Words of a command, and what is in the files that they name. */
function withFiles(words: readonly string[]): string[] {
  const files = words.filter((word) => word.startsWith("/") && existsSync(word) && statSync(word).isFile());
  return [...words, ...files.map((path) => readFileSync(path, "utf8"))];
}

function memoryLimit(): number | undefined {
  for (const file of ["/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"]) {
    try {
      const bytes = Number(readFileSync(file, "utf8"));
      // Without a limit it is a word, or nearly all that 64 bits hold.
      return Number.isFinite(bytes) && bytes < 2 ** 50 ? Math.floor(bytes / 2 ** 20) : undefined;
    } catch {
      continue;
    }
  }
  return undefined;
}

function end(line: string): never {
  console.error(`refused: ${line}`);
  process.exit(1);
}
