/**
 * What published applications do when they start, as data: one sentence, the file of the application that says so, and a
 * check that a program can make. `../application.ts` plays an application from these rows; a further row is a further test.
 */

/** Tables of one system. */
export interface Facts {
  readonly system: string;
  /** Repository and revision that the sources are files of. */
  readonly code: string;
  readonly applications: readonly Application[];
}

export interface Application {
  /** Workloads that run it, as `kubectl get` shows them; a Job without the hash in its name. */
  readonly workloads: readonly string[];
  /** Variables that the image sets, the home of the pod's user, and what the code takes for a variable that is not set. */
  readonly defaults: Readonly<Record<string, string>>;
  readonly facts: readonly Fact[];
  /** Whether it does its work and ends. */
  readonly task?: true;
  /** Connections that it opens, with what it is given for them. */
  readonly uses?: readonly Use[];
}

/** A connection, and what goes over it. Texts name variables, as a whole URL or in its parts. */
export type Use =
  /** Logs in, writes a row and reads it. */
  | { readonly kind: "postgres"; readonly at: string | Place }
  /** Publishes to a queue of its own, and gets it back; with `holds`, over a connection that is never opened again. */
  | { readonly kind: "amqp"; readonly at: Place; readonly holds?: true }
  /** Writes a key and reads it. */
  | { readonly kind: "redis"; readonly at: string | Place }
  /** Produces to topics, by comma; with a group, gets it back as a member of that. */
  | { readonly kind: "kafka"; readonly at: string; readonly topics: string; readonly group?: string }
  /** Asks for a page, whatever the answer. */
  | { readonly kind: "http"; readonly at: string };

/** Parts of a URL. */
export interface Place {
  readonly host: string;
  readonly port: string;
  readonly user?: string;
  readonly password?: string;
  /** Database, or virtual host. */
  readonly path?: string;
}

export interface Fact {
  readonly fact: string;
  /** File of the application. */
  readonly source: string;
  readonly check: Check;
  /** Images that it is true of, as a regular expression. @default - every one that the workload may have */
  readonly images?: string;
  /** For what no manifest can cure: the notice of the preview that says it instead, as a regular expression. */
  readonly unlessSaid?: string;
}

/** Texts may name variables: `$HOME/.npm`. Patterns are regular expressions. */
export type Check = AtStart | WhileRunning;

/** The process itself refuses. */
export type AtStart =
  | { readonly kind: "requires"; readonly variables: readonly string[] }
  /** A variable that is set, by the pod or by default, has this form. */
  | { readonly kind: "matches"; readonly variable: string; readonly pattern: string }
  | { readonly kind: "forbids"; readonly variable: string; readonly pattern: string }
  | { readonly kind: "integers"; readonly variables: readonly string[] }
  /** The product of the variables. */
  | { readonly kind: "atLeast"; readonly variables: readonly string[]; readonly number: number }
  | { readonly kind: "url"; readonly variable: string; readonly schemes: readonly string[] }
  /** Put into a URL as they are, so nothing in them may need an escape. */
  | { readonly kind: "composes"; readonly variables: readonly string[] }
  /** A variable that nothing reads: the one that is read must say the same. */
  | { readonly kind: "instead"; readonly unread: string; readonly read: string }
  /** A PostgreSQL driver without TLS. A later build has it, and is given an authority by `PGSSLROOTCERT`. */
  | { readonly kind: "noTls"; readonly variable: string }
  | { readonly kind: "reads"; readonly path: string; readonly begins?: string }
  /** A folder that it makes if need be, and writes to. */
  | { readonly kind: "writes"; readonly folder: string }
  | { readonly kind: "memory"; readonly mebibytes: number }
  /** What the image does not know, or must have in its command. */
  | { readonly kind: "command"; readonly forbids?: string; readonly needs?: string; readonly why: string }
  /** The image's own command ends at once. */
  | { readonly kind: "unusable"; readonly why: string };

/** Seen from outside. */
type WhileRunning =
  /** On the first of these that is not empty: variables, or a number; as `port` or `address:port`. */
  | { readonly kind: "listens"; readonly on: readonly string[]; readonly tls?: Tls }
  | Serves
  /** One connection for life: when it is lost, the process stays alive and does nothing. */
  | { readonly kind: "holds"; readonly port: string; readonly restartSeconds: number }
  /** `host:port` or URLs, by comma. */
  | { readonly kind: "reaches"; readonly to: string }
  /** So long after SIGTERM; `drains` where it first ends what it serves. */
  | { readonly kind: "ends"; readonly afterMs: number; readonly drains: boolean }
  /** No handler for SIGTERM, which the kernel keeps from a process 1 without one. */
  | { readonly kind: "deaf" }
  /** Two at a time do work twice. */
  | { readonly kind: "single" };

/** Plain HTTP without certificate or key; with `clients`, only who shows a certificate is let in. */
export interface Tls {
  readonly certificate: string;
  readonly key: string;
  readonly clients: string;
}

export interface Serves {
  readonly kind: "serves";
  /** `*` for every other path. */
  readonly path: string;
  readonly status: number;
  /** What comes while something that it depends on is away; `ends` when that ends the process. */
  readonly away?: number | "ends";
  /** What comes when nothing has happened for so long, unless the variable, in milliseconds, is more. */
  readonly quiet?: { readonly variable: string; readonly ms: number; readonly status: number };
  /** @default "text/plain" */
  readonly type?: string;
}
