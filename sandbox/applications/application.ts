/**
 * Plays one application from the rows of its workload: looks at its environment and files as the application would, refuses
 * where that would refuse, listens and answers as that does.
 */
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type RequestListener, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import type { AtStart, Check, Fact, Serves, Tls } from "./facts/fact.ts";

/** What an application is given. */
export interface Surroundings {
  /** Folder that is the container's root. */
  readonly root: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** What the image sets, and what the code takes for a variable that is not set. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly facts: readonly Fact[];
  /** Of the container; empty for the image's own. */
  readonly command: readonly string[];
  /** The container's limit; undefined without one. */
  readonly mebibytes: number | undefined;
  /** What it shows instead of the files that it is given; undefined for those. */
  readonly identity?: { readonly cert: string; readonly key: string } | undefined;
}

export class SimulatedApplication {
  /** Whether something that the application depends on is away. */
  away = false;
  readonly #given: Surroundings;
  readonly #env: Readonly<Record<string, string | undefined>>;

  constructor(given: Surroundings) {
    this.#given = given;
    this.#env = { ...given.defaults, ...given.env };
  }

  /** Value of a variable; empty if it is not set. */
  value(name: string): string {
    return this.#env[name] ?? "";
  }

  /** A text with its variables in place: `$HOME/.npm`. */
  filled(text: string): string {
    return text.replaceAll(/\$(\w+)/g, (_, name: string) => this.value(name));
  }

  /** The checks of a kind. */
  checks<K extends Check["kind"]>(kind: K): Extract<Check, { kind: K }>[] {
    return this.#given.facts
      .map(({ check }) => check)
      .filter((check): check is Extract<Check, { kind: K }> => check.kind === kind);
  }

  /** Lines with which the application would end, by fact. */
  refusals(): Record<string, string> {
    return Object.fromEntries(
      this.#given.facts.flatMap(({ fact, check }) => {
        const line = atStart(check) ? this.#refusal(check) : undefined;
        return line === undefined ? [] : [[fact, line]];
      }),
    );
  }

  /**
   * Listens where the application does.
   *
   * @param on `given`: the ports and addresses that it is given; `free`: any of loopback
   * @returns ports as the application knows them, to those that it has; only what listens for other hosts
   */
  async listen(on: "given" | "free"): Promise<Record<string, number>> {
    const ports: Record<string, number> = {};
    for (const { on: places, tls } of this.checks("listens")) {
      const where = places.map((one) => (/^\d+$/.test(one) ? one : this.value(one))).find((one) => one !== "") ?? "";
      const [, address = "", port = ""] = /^(?:(.*):)?(\d+)$/.exec(where) ?? [];
      const server = this.#server(tls);
      await new Promise<void>((resolve, reject) => {
        server.once("error", reject);
        if (on === "free") server.listen(0, "127.0.0.1", resolve);
        else server.listen(Number(port), address === "" || address === "[::]" ? undefined : address, resolve);
      });
      if (["", "0.0.0.0", "[::]"].includes(address)) ports[port] = (server.address() as AddressInfo).port;
    }
    return ports;
  }

  #inRoot(path: string): string {
    return join(this.#given.root, this.filled(path));
  }

  /** The line with which the application would end, or undefined. */
  #refusal(check: AtStart): string | undefined {
    switch (check.kind) {
      case "requires": {
        const missing = check.variables.filter((name) => this.value(name) === "");
        return missing.length === 0 ? undefined : `${missing.join(", ")} not set`;
      }
      case "matches":
        if (new RegExp(check.pattern).test(this.value(check.variable))) return undefined;
        return `${check.variable} is not ${check.pattern}`;
      case "forbids":
        return new RegExp(check.pattern).test(this.value(check.variable))
          ? `${check.variable} is ${check.pattern}`
          : undefined;
      case "integers": {
        const wrong = check.variables.filter((name) => !/^\s*[+-]?\d+\s*$/.test(this.value(name)));
        return wrong.length === 0 ? undefined : `${wrong.join(", ")} not a whole number`;
      }
      case "atLeast": {
        const product = check.variables.reduce((so, name) => so * Number(this.value(name)), 1);
        return product >= check.number
          ? undefined
          : `${check.variables.join(" × ")} is ${product}, not ${check.number}`;
      }
      case "url": {
        const text = this.value(check.variable);
        const scheme = URL.canParse(text) ? new URL(text).protocol.slice(0, -1) : "none";
        return check.schemes.includes(scheme) ? undefined : `${check.variable} has scheme ${scheme}`;
      }
      case "composes": {
        const wrong = check.variables.filter((name) => !/^[\w.~-]+$/.test(this.value(name)));
        return wrong.length === 0 ? undefined : `${wrong.join(", ")} cannot stand in a URL as it is`;
      }
      case "instead": {
        const unread = this.#env[check.unread];
        if (unread === undefined || unread === this.#env[check.read]) return undefined;
        return `${check.unread} is set, and only ${check.read} is read`;
      }
      case "noTls": {
        const text = this.value(check.variable);
        const mode = URL.canParse(text) ? (new URL(text).searchParams.get("sslmode") ?? "") : "";
        const wanted = ["require", "verify-ca", "verify-full"].includes(mode);
        return wanted && this.value("PGSSLROOTCERT") === "" ? `sslmode=${mode}, and the driver has no TLS` : undefined;
      }
      case "reads":
        // A path that is nothing but an empty variable is a file that is not wanted.
        if (this.filled(check.path) === "") return undefined;
        return failure(`cannot read ${this.filled(check.path)}`, () => {
          const text = readFileSync(this.#inRoot(check.path), "utf8");
          if (!text.startsWith(check.begins ?? "")) throw new Error(`it does not begin with ${check.begins ?? ""}`);
        });
      case "writes":
        return failure(`cannot write to ${this.filled(check.folder)}`, () => {
          mkdirSync(this.#inRoot(check.folder), { recursive: true });
          const file = join(this.#inRoot(check.folder), ".written");
          writeFileSync(file, "");
          rmSync(file);
        });
      case "memory": {
        const { mebibytes } = this.#given;
        if (mebibytes === undefined || mebibytes >= check.mebibytes) return undefined;
        return `killed: ${check.mebibytes} MiB wanted, ${mebibytes} allowed`;
      }
      case "command": {
        const command = this.#given.command.join(" ");
        const right = check.forbids === undefined || !new RegExp(check.forbids).test(command);
        return right && new RegExp(check.needs ?? "").test(command) ? undefined : check.why;
      }
      case "unusable":
        return this.#given.command.length === 0 ? check.why : undefined;
    }
  }

  readonly #answer: RequestListener = (request, response) => {
    const asked = this.checks("serves").find(({ path }) => path === request.url);
    const serves = asked ?? this.checks("serves").find(({ path }) => path === "*");
    if (this.away && serves?.away === "ends") process.exit(1);
    response.writeHead(serves === undefined ? 404 : this.#status(serves), {
      "content-type": serves?.type ?? "text/plain",
    });
    response.end();
  };

  #status(serves: Serves): number {
    if (this.away && typeof serves.away === "number") return serves.away;
    const { quiet } = serves;
    if (quiet === undefined) return serves.status;
    // What is no number, or nought, is not set, as in `Number(x) || y`.
    const least = Number(this.value(quiet.variable)) || Number(this.#given.defaults[quiet.variable]);
    return least < quiet.ms ? quiet.status : serves.status;
  }

  #server(tls: Tls | undefined): Server {
    const has = (path: string) => this.filled(path) !== "" && existsSync(this.#inRoot(path));
    if (tls === undefined || !has(tls.certificate) || !has(tls.key)) return createServer(this.#answer);
    const read = (path: string) => readFileSync(this.#inRoot(path), "utf8");
    const { cert, key } = this.#given.identity ?? { cert: read(tls.certificate), key: read(tls.key) };
    const clients = has(tls.clients)
      ? { ca: this.#given.identity?.cert ?? read(tls.clients), requestCert: true, rejectUnauthorized: true }
      : {};
    return createTlsServer({ cert, key, ...clients }, this.#answer);
  }
}

const whileRunning: readonly Check["kind"][] = ["listens", "serves", "holds", "reaches", "ends", "deaf", "single"];

function atStart(check: Check): check is AtStart {
  return !whileRunning.includes(check.kind);
}

function failure(what: string, does: () => void): string | undefined {
  try {
    does();
    return undefined;
  } catch (error) {
    return `${what}: ${(error as NodeJS.ErrnoException).code ?? (error as Error).message}`;
  }
}
