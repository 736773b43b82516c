/**
 * A program that sends requests at a constant rate, each over a connection of its own, until its input ends: URL, requests a
 * second, and if it shows a certificate, the files of that and its key. It prints how many there were, and each without answer.
 */
import { readFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { Agent as TlsAgent, get as getByTls } from "node:https";

const [url = "", rate = "20", certificate, key] = process.argv.slice(2);
const byTls = url.startsWith("https:");
const agent = byTls
  ? new TlsAgent({ keepAlive: false, maxSockets: 200, rejectUnauthorized: false, ...identity() })
  : new Agent({ keepAlive: false, maxSockets: 200 });
const failures: string[] = [];
let sent = 0;
let open = 0;

function identity() {
  if (certificate === undefined || key === undefined) return {};
  return { cert: readFileSync(certificate), key: readFileSync(key) };
}

function send(): void {
  sent += 1;
  open += 1;
  const at = new Date().toISOString();
  const done = (failure?: string) => {
    open -= 1;
    if (failure !== undefined) failures.push(`${at} ${failure}`);
  };
  const request = (byTls ? getByTls : get)(url, { agent, timeout: 30_000 }, (response) => {
    const wrong = (response.statusCode ?? 0) >= 500 ? `status ${response.statusCode}` : undefined;
    response.resume();
    response.once("end", () => {
      done(wrong);
    });
  });
  request.once("timeout", () => request.destroy(new Error("no answer")));
  request.once("error", (error) => {
    done(error.message);
  });
}

const beat = setInterval(send, 1000 / Number(rate));
process.stdin.resume();
process.stdin.once("end", () => {
  clearInterval(beat);
  const wait = setInterval(() => {
    if (open > 0) return;
    clearInterval(wait);
    console.log(JSON.stringify({ sent, failures }));
  }, 50);
});
