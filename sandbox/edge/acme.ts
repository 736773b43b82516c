/**
 * An ACME server outside of a cluster, in the place of Let's Encrypt: Pebble, at the address of the directory that a stack
 * names. It tries challenges as Let's Encrypt does: by public names, from outside. Its own authority is made anew at each
 * start. Source of its file: letsencrypt/pebble, `test/config`.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { createServer, request } from "node:https";
import { join } from "node:path";
import { pipeline } from "node:stream";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import type { Machine } from "../node/machine.ts";
import { serverAddresses } from "../node/outside.ts";
import { tool } from "../tools.ts";
import type { Authority } from "./authority.ts";

/** An ACME server. */
export interface AcmeOptions {
  /** Where clients find it: `https://acme.example.com/directory`. */
  readonly directory: string;
  /** Seconds for which its certificates are valid. @default - 90 days, as Let's Encrypt's */
  readonly validSeconds?: number;
}

/** What the program in front of it is told. */
interface Front {
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly directory: string;
}

/** An ACME server, while its machine runs. */
export class Acme {
  readonly #machine: Machine;
  readonly #port: number;

  /**
   * Starts it outside of a machine.
   *
   * @param authority issues the server's own certificate, as any public authority would
   */
  constructor(machine: Machine, authority: Authority, { directory, validSeconds = 90 * 24 * 3600 }: AcmeOptions) {
    this.#machine = machine;
    this.#port = portOf(directory);
    const issued = authority.issue([new URL(directory).hostname]);
    const name = `acme-${this.#port}`;
    const at = (end: string) => join(machine.folder, `${name}.${end}`);
    const [certificate, key] = [at("crt"), at("key")];
    writeFileSync(certificate, issued.certificate);
    writeFileSync(key, issued.key, { mode: 0o600 });
    const profiles = { default: { description: "the only one", validityPeriod: validSeconds } };
    const listenAddress = `127.0.0.1:${insidePort(this.#port)}`;
    const managementListenAddress = `127.0.0.1:${managementPort(this.#port)}`;
    const ports = { listenAddress, managementListenAddress, httpPort: 80, tlsPort: 443 };
    writeFileSync(
      at("json"),
      JSON.stringify({ pebble: { ...ports, certificate, privateKey: key, keyAlgorithm: "ecdsa", profiles } }),
    );
    const outside = (part: string, ...command: readonly string[]) =>
      machine.run(part, "ip", ["netns", "exec", "outside", "env", "PEBBLE_VA_NOSLEEP=1", ...command]);
    outside(name, tool("pebble"), "-config", at("json"), "-dnsserver", `${serverAddresses.names}:53`);
    const front: Front = { certificate, key, authority: authority.file, directory };
    outside(`${name}-front`, process.execPath, fileURLToPath(import.meta.url), JSON.stringify(front));
  }

  /**
   * Certificate of its authority, in PEM.
   *
   * @throws {Error} if it does not tell in half a minute
   */
  async root(): Promise<string> {
    const ask = ["curl", "--silent", "--fail", "--insecure", `https://127.0.0.1:${managementPort(this.#port)}/roots/0`];
    for (let tries = 1; ; tries += 1) {
      try {
        return this.#machine.command("ip", ["netns", "exec", "outside", ...ask]);
      } catch (error) {
        if (tries === 150) throw error;
        await sleep(200);
      }
    }
  }
}

function portOf(directory: string): number {
  return Number(new URL(directory).port || 443);
}

function insidePort(port: number): number {
  return 10_000 + port;
}

function managementPort(port: number): number {
  return 20_000 + port;
}

/** Takes requests at the directory's address and hands them on; for the directory itself Pebble has a path of its own. */
function serve({ certificate, key, authority, directory }: Front): void {
  const { hostname, pathname } = new URL(directory);
  const port = portOf(directory);
  const pebble = { host: "127.0.0.1", port: insidePort(port), servername: hostname, ca: readFileSync(authority) };
  const server = createServer({ cert: readFileSync(certificate), key: readFileSync(key) }, (incoming, outgoing) => {
    const { url, method, headers } = incoming;
    const onward = request({ ...pebble, method, headers, path: url === pathname ? "/dir" : url }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      pipeline(answer, outgoing, () => undefined);
    });
    onward.on("error", () => outgoing.destroy());
    pipeline(incoming, onward, () => undefined);
  });
  server.listen(port, serverAddresses.acme);
}

if (import.meta.main) serve(JSON.parse(process.argv[2] ?? "") as Front);
