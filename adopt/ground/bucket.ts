/**
 * Asks Spaces whether a bucket is there, without credentials. Names are global, so one that is there may be somebody else's; the
 * import then says so. Source: Amazon S3 API, `HeadBucket`: 404 for no bucket, 403 for one that may not be seen.
 */
import { Agent as HttpAgent, request as httpRequest } from "node:http";
import { Agent as HttpsAgent, request as httpsRequest } from "node:https";

/** What is known of a bucket. */
export type BucketState = "there" | "free" | "unknown";

/** Whether a bucket is there; `unknown` if Spaces does not answer, or not in a way that tells. */
export function bucketState(name: string, region: string, env: NodeJS.ProcessEnv = process.env): Promise<BucketState> {
  const endpoint =
    env["SPACES_ENDPOINT_URL"]?.replace("{{.Region}}", region) ?? `https://${region}.digitaloceanspaces.com`;
  const url = new URL(endpoint.replace("://", `://${name}.`));
  const isPlain = url.protocol === "http:";
  // A proxy in the environment is used as the provider uses it.
  const agent = isPlain ? new HttpAgent({ proxyEnv: env }) : new HttpsAgent({ proxyEnv: env });
  return new Promise((resolve) => {
    const sent = (isPlain ? httpRequest : httpsRequest)(url, { method: "HEAD", agent, timeout: 10_000 }, (answer) => {
      answer.resume();
      const { statusCode = 0 } = answer;
      resolve(statusCode === 404 ? "free" : statusCode < 500 ? "there" : "unknown");
    });
    sent.on("timeout", () => sent.destroy(new Error("no answer")));
    sent.on("error", () => {
      resolve("unknown");
    });
    sent.end();
  });
}
