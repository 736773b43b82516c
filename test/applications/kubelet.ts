/** Probes as a kubelet makes them: one round, without delays, with no client certificate and no look at the server's. */
import { execFile } from "node:child_process";
import { get as httpGet, type IncomingMessage } from "node:http";
import { get as httpsGet } from "node:https";
import { connect } from "node:net";
import { join } from "node:path";
import { patience } from "../support/patience.ts";
import type { Loose } from "../support/stack.ts";
import { portNumber, type Container } from "./container.ts";
import { as } from "./process.ts";

/** Where the application is. */
export interface Target {
  readonly root: string;
  /** Ports as the pod knows them, to those of this machine. */
  readonly ports: Readonly<Record<string, number>>;
}

/** Why something did not answer well: no connection, or what came over it. */
export interface Failure {
  readonly at: "connection" | "answer";
  readonly text: string;
}

export const probeKinds = ["startup", "readiness", "liveness"] as const;

/** A container's probe of a kind. */
export function probeOf(container: Container, kind: (typeof probeKinds)[number]): Loose {
  return container.spec[`${kind}Probe`];
}

/** Makes one probe; undefined when it passes. */
export async function probe(probed: Loose, container: Container, target: Target): Promise<Failure | undefined> {
  const { httpGet: http, tcpSocket: tcp, exec, timeoutSeconds = 1 } = probed;
  const seconds = timeoutSeconds * patience;
  if (exec !== undefined) return run(exec.command, container, target.root, seconds);
  const port = portNumber(container.spec, (http ?? tcp).port);
  if (http === undefined) return reachable(port, target);
  const answer = await ask(port, http.path ?? "/", http.scheme ?? "HTTP", target, seconds);
  if ("at" in answer) return answer;
  const { statusCode: status = 0 } = answer;
  if (status >= 200 && status < 400) return undefined;
  return { at: "answer", text: `GET ${http.path} of port ${port}: ${status}` };
}

/** Asks for metrics as Prometheus does; undefined when they come. */
export async function scrape(port: number, path: string, target: Target): Promise<Failure | undefined> {
  const answer = await ask(port, path, "HTTP", target, 5 * patience);
  if ("at" in answer) return answer;
  const { statusCode, headers } = answer;
  const type = headers["content-type"] ?? "";
  if (statusCode === 200 && /^(text\/plain|application\/openmetrics-text)/.test(type)) return undefined;
  return { at: "answer", text: `GET ${path} of port ${port}: ${statusCode ?? 0}, ${type}` };
}

function nothing(port: number): Failure {
  return { at: "connection", text: `nothing listens on port ${port}` };
}

function reachable(port: number, { ports }: Target): Promise<Failure | undefined> {
  const actual = ports[port];
  return new Promise((resolve) => {
    if (actual === undefined) {
      resolve(nothing(port));
      return;
    }
    const socket = connect(actual, "127.0.0.1", () => {
      socket.destroy();
      resolve(undefined);
    });
    socket.once("error", () => {
      resolve(nothing(port));
    });
  });
}

function ask(
  port: number,
  path: string,
  scheme: string,
  { ports }: Target,
  seconds: number,
): Promise<IncomingMessage | Failure> {
  const actual = ports[port];
  return new Promise((resolve) => {
    if (actual === undefined) {
      resolve(nothing(port));
      return;
    }
    const options = { host: "127.0.0.1", port: actual, path, timeout: seconds * 1000, agent: false };
    const heard = (response: IncomingMessage) => {
      response.resume().once("close", () => {
        resolve(response);
      });
    };
    const request =
      scheme === "HTTPS" ? httpsGet({ ...options, rejectUnauthorized: false }, heard) : httpGet(options, heard);
    request.once("timeout", () => request.destroy(new Error("no answer in time")));
    request.once("error", ({ message }) => {
      resolve({ at: "connection", text: `GET ${path} of port ${port} by ${scheme}: ${message}` });
    });
  });
}

/** Runs a command in the container: scripts that are mounted are those of the root, `/proc` is this machine's. */
function run(command: string[], container: Container, root: string, seconds: number): Promise<Failure | undefined> {
  const mounted = (container.spec.volumeMounts ?? []).map(({ mountPath }: Loose) => mountPath as string);
  const words = command.map((word) =>
    mounted.some((path: string) => word === path || word.startsWith(`${path}/`)) ? join(root, word) : word,
  );
  const [file, args] = as(container.user, words);
  const env = { PATH: process.env["PATH"], ...container.env };
  return new Promise((resolve) => {
    execFile(file, args, { env, timeout: seconds * 1000 }, (error, stdout, stderr) => {
      const text = `${command.join(" ")}: ${(stdout + stderr).trim() || (error?.message ?? "")}`;
      resolve(error === null ? undefined : { at: "answer", text });
    });
  });
}
