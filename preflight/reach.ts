/** Requests to a Kubernetes API server, before the engine uses it. */
import { request } from "node:https";

/** An API server, and the credentials for it. */
export interface ClusterServer {
  /** Address: `https://….k8s.ondigitalocean.com`. */
  readonly server: string;
  /** Certificate of the server's authority in PEM. @default - the authorities that Node trusts */
  readonly ca?: string | undefined;
  /** Bearer token; secret. */
  readonly token?: string | undefined;
  /** Certificate of the client in PEM. */
  readonly cert?: string | undefined;
  /** Key of that certificate in PEM; secret. */
  readonly key?: string | undefined;
  /** Skips verification of the server, as a kubeconfig may ask with `insecure-skip-tls-verify`. @default false */
  readonly insecure?: boolean | undefined;
}

/** Result of a request. */
export interface Reached {
  /** HTTP status; 0 if there was no response. */
  readonly status: number;
  /** Why there was no response; empty if there was one. */
  readonly error: string;
}

/**
 * Checks that a server answers, by asking for its version, which every user with valid credentials may read. Without
 * `ca` the server is not verified: it only matters that something answers.
 */
export async function reach(to: ClusterServer & { /** @default 10 */ seconds?: number }): Promise<Reached> {
  const { status, error } = await ask({ ...to, insecure: to.ca === undefined }, "/version", to);
  return { status, error };
}

/** A request that is not a plain GET. */
interface Asked {
  /** @default application/json */
  readonly accept?: string;
  /** @default 10 */
  readonly seconds?: number;
  /** A JSON patch (RFC 6902) to make of it. @default - it only reads */
  readonly patch?: readonly object[];
}

/**
 * Gets a path of an API server, or patches what is there; `text` is the body of the response. Never rejects: a failure has the
 * status 0.
 */
export function ask(
  to: ClusterServer,
  path: string,
  { accept = "application/json", seconds = 10, patch }: Asked = {},
): Promise<Reached & { readonly text: string }> {
  const { server, ca, token, cert, key, insecure } = to;
  return new Promise((resolve) => {
    const headers = {
      accept,
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(patch === undefined ? {} : { "content-type": "application/json-patch+json" }),
    };
    const method = patch === undefined ? "GET" : "PATCH";
    const options = { method, ca, cert, key, rejectUnauthorized: insecure !== true, headers, timeout: seconds * 1000 };
    const sent = request(server.replace(/\/$/, "") + path, options, (answer) => {
      const chunks: Buffer[] = [];
      answer.on("data", (chunk: Buffer) => chunks.push(chunk));
      answer.on("end", () => {
        resolve({ status: answer.statusCode ?? 0, error: "", text: Buffer.concat(chunks).toString() });
      });
      answer.on("error", (error) => {
        resolve({ status: 0, error: error.message, text: "" });
      });
    });
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${seconds} s`)));
    sent.on("error", (error) => {
      resolve({ status: 0, error: error.message, text: "" });
    });
    sent.end(patch === undefined ? undefined : JSON.stringify(patch));
  });
}
