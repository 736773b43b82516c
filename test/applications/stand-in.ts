/**
 * A stand-in as a program of its own, with the user of the pod. The file system of the container is a folder, the root;
 * ports are whatever is free, and are told to the parent. Where the application would refuse, it ends with one line.
 */
import { connect } from "node:net";
import { SimulatedApplication, type Surroundings } from "../../sandbox/applications/application.ts";

/** What the parent hands over, as the first argument; the environment is the process's own. */
export interface Orders extends Omit<Surroundings, "env"> {
  /** Whether it is process 1 of its container. */
  readonly first: boolean;
  /** Lists what it would refuse for, and goes on. */
  readonly lenient: boolean;
}

/** What the parent hears once it is up. */
export interface Report {
  /** Line by fact. */
  readonly refusals: Readonly<Record<string, string>>;
  /** Ports as the application knows them, to those of this machine; only what listens for other hosts. */
  readonly ports: Readonly<Record<string, number>>;
}

const orders = JSON.parse(process.argv[2] ?? "") as Orders;
const application = new SimulatedApplication({ ...orders, env: process.env });

/** Connects once, and never again. */
async function hold(): Promise<void> {
  for (const { port } of application.checks("holds")) {
    const socket = connect(Number(application.value(port)), "127.0.0.1");
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("error", () => undefined).resume();
  }
}

function end(line: string): never {
  process.stderr.write(`refused: ${line}\n`);
  process.exit(1);
}

const refused = application.refusals();
const [first] = Object.values(refused);
if (first !== undefined && !orders.lenient) end(first);
process.on("disconnect", () => process.exit(0));
process.on("message", (message: { away: boolean }) => {
  application.away = message.away;
  process.send?.({ away: message.away });
});
// A handler that does nothing is what having none means to a process 1.
process.on("SIGTERM", () => {
  if (!orders.first || application.checks("deaf").length === 0) process.exit(0);
});
await hold().catch((error: unknown) => end((error as Error).message));
process.send?.({ refusals: refused, ports: await application.listen("free") } satisfies Report);
