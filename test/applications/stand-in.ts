/**
 * Plays one application: a process that is given the rows of its workload, looks at its own environment and files as the
 * application would, ends with one line where that would refuse, and else listens and answers as that does.
 *
 * It is run as a program of its own, with the user of the pod. The file system of the container is a folder, the root;
 * ports are whatever is free, and are told to the parent.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { connect, type AddressInfo } from "node:net";
import { join } from "node:path";
import type { AtStart, Check, Fact, Serves, Tls } from "./facts/fact.ts";

/** What the parent hands over, as the first argument. */
export interface Orders {
  readonly root: string;
  readonly defaults: Readonly<Record<string, string>>;
  readonly facts: readonly Fact[];
  /** Of the container; empty for the image's own. */
  readonly command: readonly string[];
  /** The container's limit; undefined without one. */
  readonly mebibytes: number | undefined;
  /** Whether it is process 1 of its container. */
  readonly first: boolean;
  /** Lists what it would refuse for, and goes on. */
  readonly lenient: boolean;
  /** What it shows instead of the rendering's certificate, which is none that TLS would take. */
  readonly identity: { readonly cert: string; readonly key: string } | undefined;
}

/** What the parent hears once it is up. */
export interface Report {
  /** Line by fact. */
  readonly refusals: Readonly<Record<string, string>>;
  /** Ports as the application knows them, to those of this machine; only what listens for other hosts. */
  readonly ports: Readonly<Record<string, number>>;
}

const orders = JSON.parse(process.argv[2] ?? "") as Orders;
const env = { ...orders.defaults, ...process.env };
/** Whether something that the application depends on is away. */
let away = false;

function value(name: string): string {
  return env[name] ?? "";
}

function filled(text: string): string {
  return text.replaceAll(/\$(\w+)/g, (_, name: string) => value(name));
}

function inRoot(path: string): string {
  return join(orders.root, filled(path));
}

/** The line with which the application would end, or undefined. */
function refusal(check: AtStart): string | undefined {
  switch (check.kind) {
    case "requires": {
      const missing = check.variables.filter((name) => value(name) === "");
      return missing.length === 0 ? undefined : `${missing.join(", ")} not set`;
    }
    case "matches":
      if (new RegExp(check.pattern).test(value(check.variable))) return undefined;
      return `${check.variable} is not ${check.pattern}`;
    case "forbids":
      return new RegExp(check.pattern).test(value(check.variable))
        ? `${check.variable} is ${check.pattern}`
        : undefined;
    case "integers": {
      const wrong = check.variables.filter((name) => !/^\s*[+-]?\d+\s*$/.test(value(name)));
      return wrong.length === 0 ? undefined : `${wrong.join(", ")} not a whole number`;
    }
    case "atLeast": {
      const product = check.variables.reduce((so, name) => so * Number(value(name)), 1);
      return product >= check.number ? undefined : `${check.variables.join(" × ")} is ${product}, not ${check.number}`;
    }
    case "url": {
      const scheme = URL.canParse(value(check.variable))
        ? new URL(value(check.variable)).protocol.slice(0, -1)
        : "none";
      return check.schemes.includes(scheme) ? undefined : `${check.variable} has scheme ${scheme}`;
    }
    case "composes": {
      const wrong = check.variables.filter((name) => !/^[\w.~-]+$/.test(value(name)));
      return wrong.length === 0 ? undefined : `${wrong.join(", ")} cannot stand in a URL as it is`;
    }
    case "instead":
      if (env[check.unread] === undefined || env[check.unread] === env[check.read]) return undefined;
      return `${check.unread} is set, and only ${check.read} is read`;
    case "noTls": {
      const mode = URL.canParse(value(check.variable))
        ? new URL(value(check.variable)).searchParams.get("sslmode")
        : "";
      const wanted = ["require", "verify-ca", "verify-full"].includes(mode ?? "");
      return wanted && value("PGSSLROOTCERT") === "" ? `sslmode=${mode ?? ""}, and the driver has no TLS` : undefined;
    }
    case "reads":
      // A path that is nothing but an empty variable is a file that is not wanted.
      if (filled(check.path) === "") return undefined;
      return failure(`cannot read ${filled(check.path)}`, () => {
        const text = readFileSync(inRoot(check.path), "utf8");
        if (!text.startsWith(check.begins ?? "")) throw new Error(`it does not begin with ${check.begins ?? ""}`);
      });
    case "writes":
      return failure(`cannot write to ${filled(check.folder)}`, () => {
        mkdirSync(inRoot(check.folder), { recursive: true });
        const file = join(inRoot(check.folder), ".written");
        writeFileSync(file, "");
        rmSync(file);
      });
    case "memory":
      if (orders.mebibytes === undefined || orders.mebibytes >= check.mebibytes) return undefined;
      return `killed: ${check.mebibytes} MiB wanted, ${orders.mebibytes} allowed`;
    case "command": {
      const command = orders.command.join(" ");
      const right = check.forbids === undefined || !new RegExp(check.forbids).test(command);
      return right && new RegExp(check.needs ?? "").test(command) ? undefined : check.why;
    }
    case "unusable":
      return orders.command.length === 0 ? check.why : undefined;
  }
}

function failure(what: string, does: () => void): string | undefined {
  try {
    does();
    return undefined;
  } catch (error) {
    return `${what}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`;
  }
}

const atStart = (check: Check): check is AtStart =>
  !["listens", "serves", "holds", "reaches", "ends", "deaf", "single"].includes(check.kind);

function refusals(): Record<string, string> {
  return Object.fromEntries(
    orders.facts.flatMap(({ fact, check }) => {
      const line = atStart(check) ? refusal(check) : undefined;
      return line === undefined ? [] : [[fact, line]];
    }),
  );
}

const checks = <K extends Check["kind"]>(kind: K) =>
  orders.facts.map(({ check }) => check).filter((check): check is Extract<Check, { kind: K }> => check.kind === kind);

const answer: RequestListener = (request, response) => {
  const asked = checks("serves").find(({ path }) => path === request.url);
  const serves = asked ?? checks("serves").find(({ path }) => path === "*");
  if (away && serves?.away === "ends") process.exit(1);
  response.writeHead(serves === undefined ? 404 : status(serves), { "content-type": serves?.type ?? "text/plain" });
  response.end();
};

function status(serves: Serves): number {
  if (away && typeof serves.away === "number") return serves.away;
  const { quiet } = serves;
  // What is no number, or nought, is not set, as in `Number(x) || y`.
  const least = quiet === undefined ? 0 : Number(value(quiet.variable)) || Number(orders.defaults[quiet.variable]);
  return quiet !== undefined && least < quiet.ms ? quiet.status : serves.status;
}

function server(tls: Tls | undefined): Server {
  const has = (path: string) => filled(path) !== "" && existsSync(inRoot(path));
  if (tls === undefined || !has(tls.certificate) || !has(tls.key)) return createServer(answer);
  if (orders.identity === undefined) throw new Error("TLS without an identity");
  const { cert, key } = orders.identity;
  const clients = has(tls.clients) ? { ca: cert, requestCert: true, rejectUnauthorized: true } : {};
  return createTlsServer({ cert, key, ...clients }, answer);
}

async function listen(): Promise<Record<string, number>> {
  const ports: Record<string, number> = {};
  for (const { on, tls } of checks("listens")) {
    const where = on.map((one) => (/^\d+$/.test(one) ? one : value(one))).find((one) => one !== "") ?? "";
    const [, address = "", port = ""] = /^(?:(.*):)?(\d+)$/.exec(where) ?? [];
    const listening = server(tls);
    await new Promise<void>((resolve) => listening.listen(0, "127.0.0.1", resolve));
    if (["", "0.0.0.0", "[::]"].includes(address)) ports[port] = (listening.address() as AddressInfo).port;
  }
  return ports;
}

/** Connects once, and never again. */
async function hold(): Promise<void> {
  for (const { port } of checks("holds")) {
    const socket = connect(Number(value(port)), "127.0.0.1");
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    socket.on("error", () => undefined).resume();
  }
}

function end(line: string): never {
  process.stderr.write(`refused: ${line}\n`);
  process.exit(1);
}

const refused = refusals();
const [first] = Object.values(refused);
if (first !== undefined && !orders.lenient) end(first);
process.on("disconnect", () => process.exit(0));
process.on("message", (message: { away: boolean }) => {
  away = message.away;
  process.send?.({ away });
});
// A handler that does nothing is what having none means to a process 1.
process.on("SIGTERM", () => {
  if (!orders.first || checks("deaf").length === 0) process.exit(0);
});
await hold().catch((error: unknown) => end((error as Error).message));
process.send?.({ refusals: refused, ports: await listen() } satisfies Report);
