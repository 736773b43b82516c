/** Clients of a service that asks for certificates. */
import { get } from "node:https";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import type { Machine } from "../../../sandbox/node/machine.ts";

/** What a client shows: a certificate and its key, in PEM. */
export interface Identity {
  readonly cert: string;
  readonly key: string;
}

/** What a client saw: a status and the serial number of the server's certificate, or why it was refused. */
export type Seen = { readonly status: number; readonly serial: string } | { readonly refused: string };

/**
 * Asks a service for `/health`.
 *
 * @param ca the authority that the client trusts, in PEM
 * @param identity nothing, for a client without a certificate
 */
export function ask(
  { address, port, host }: { address: string; port: number; host: string },
  ca: string,
  identity?: Identity,
): Promise<Seen> {
  return new Promise((resolve) => {
    const place = { host: address, port, servername: host, headers: { host }, path: "/health" };
    const request = get({ ...place, ca, ...identity, agent: false, timeout: 30_000 }, (response) => {
      const { serialNumber } = (response.socket as TLSSocket).getPeerCertificate();
      response.resume();
      resolve({ status: response.statusCode ?? 0, serial: serialNumber });
    });
    request.once("timeout", () => request.destroy(new Error("no answer")));
    request.once("error", ({ message }) => {
      resolve({ refused: message });
    });
  });
}

/** A certificate that its holder signed itself. */
export function foreigner(): Identity {
  const folder = mkdtempSync(join(tmpdir(), "doks-foreigner-"));
  const [key, cert] = [join(folder, "key"), join(folder, "cert")] as const;
  const made = ["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1"];
  execFileSync("openssl", [...made, "-subj", "/CN=caracal-client", "-keyout", key, "-out", cert], { stdio: "ignore" });
  const identity = { cert: readFileSync(cert, "utf8"), key: readFileSync(key, "utf8") };
  rmSync(folder, { recursive: true });
  return identity;
}

/** Whether a connection from outside of the cluster and of this machine comes about in two seconds. */
export function connectsFromOutside(machine: Machine, address: string, port: number): boolean {
  const program = `const socket = require("node:net").connect(${port}, "${address}");
    socket.on("connect", () => { console.log("connected"); process.exit(); });
    socket.on("error", () => process.exit());
    setTimeout(() => process.exit(), 2000);`;
  return machine.command("ip", ["netns", "exec", "outside", process.execPath, "-e", program]).includes("connected");
}
