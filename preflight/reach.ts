/** Questions to a Kubernetes API server, before the engine asks it anything. */
import { request } from "node:https";

/** Where a server is, and who asks. */
export interface ClusterServer {
  readonly server: string;
  /** PEM. Without one the system's authorities count, or none where only an answer is asked for. */
  readonly ca?: string | undefined;
  readonly token?: string | undefined;
  /** PEM of a client's certificate, and of its key. */
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  /** The user's own choice, in a kubeconfig. */
  readonly insecure?: boolean | undefined;
}

/** What came back: an HTTP status, or 0 and why there was none. */
export interface Reached {
  readonly status: number;
  readonly error: string;
}

/** Asks for the version, which every server tells whoever it knows. Without an authority only that something answers counts. */
export async function reach(to: ClusterServer & { /** @default 10 */ seconds?: number }): Promise<Reached> {
  const { status, error } = await ask({ ...to, insecure: to.ca === undefined }, "/version", to);
  return { status, error };
}

/** What a path answers, as text; empty where there was none. */
export function ask(
  to: ClusterServer,
  path: string,
  { accept = "application/json", seconds = 10 }: { accept?: string; seconds?: number } = {},
): Promise<Reached & { readonly text: string }> {
  const { server, ca, token, cert, key, insecure } = to;
  return new Promise((resolve) => {
    const headers = { accept, ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
    const options = { ca, cert, key, rejectUnauthorized: insecure !== true, headers, timeout: seconds * 1000 };
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
    sent.end();
  });
}
