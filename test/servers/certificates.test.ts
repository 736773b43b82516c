/**
 * Caracal's certificates, issued by OpenSSL from exactly what the program asks of Pulumi's tls provider, and used: by a real
 * TLS server that asks clients for theirs.
 */
import { createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { connect, createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { Issuer } from "../support/servers/issuer.ts";
import { cleanUp, has } from "../support/servers/servers.ts";
import { alone } from "../support/stack.ts";

const installed = has("openssl");
if (!installed) console.warn("skipped: certificates of a real authority, without OpenSSL");

describe.skipIf(!installed)("Caracal's keys", () => {
  let issuer: Issuer;
  let authority: { key: string; certificate: string };
  let server: { key: string; certificate: string };
  let client: { key: string; certificate: string };
  const read = (file: string) => readFileSync(file, "utf8");

  beforeAll(async () => {
    issuer = new Issuer(await alone("caracal")("prod"));
    const key = issuer.key("caracal-ca-key");
    authority = { key, certificate: issuer.authority("caracal-ca", key) };
    const issue = (name: string) => {
      const own = issuer.key(`${name}-key`);
      return { key: own, certificate: issuer.signed(name, own, authority) };
    };
    server = issue("caracal-ca-gateway");
    client = issue("caracal-ca-client");
  });
  afterAll(cleanUp);

  it("caracal 22: server.crt verifies against ca.crt, has the gateway's names and an RSA 4096 key", () => {
    const [certificate, ca] = [server, authority].map((one) => new X509Certificate(read(one.certificate)));
    if (certificate === undefined || ca === undefined) throw new Error("no certificates");
    expect(certificate.verify(ca.publicKey)).toBe(true);
    expect(certificate.checkIssued(ca)).toBe(true);
    for (const name of [
      "gateway.example.com",
      "caracal-gateway",
      "caracal-gateway.caracal.svc",
      "caracal-gateway.caracal.svc.cluster.local",
    ]) {
      expect(certificate.checkHost(name), name).toBe(name);
    }
    expect(certificate.publicKey.asymmetricKeyDetails?.modulusLength).toBe(4096);
    expect(ca.subject).toBe("CN=caracal-ca");
  });

  /** What the server answers to a client; the error where it does not. */
  async function call(with_: { key: string; certificate: string } | undefined): Promise<string> {
    const gateway = createServer(
      {
        key: read(server.key),
        cert: read(server.certificate),
        ca: read(authority.certificate),
        requestCert: true,
        rejectUnauthorized: true,
      },
      (socket) => {
        socket.on("error", () => undefined);
        socket.end(`hello ${String(socket.getPeerCertificate().subject.CN)}`);
      },
    );
    gateway.listen(0, "127.0.0.1");
    await once(gateway, "listening");
    const { port } = gateway.address() as AddressInfo;
    try {
      return await new Promise<string>((resolve) => {
        let text = "";
        const socket = connect({
          host: "127.0.0.1",
          port,
          servername: "gateway.example.com",
          ca: read(authority.certificate),
          ...(with_ === undefined ? {} : { key: read(with_.key), cert: read(with_.certificate) }),
        });
        socket.on("data", (data) => (text += String(data)));
        socket.on("end", () => {
          resolve(text);
        });
        socket.on("error", (error) => {
          resolve(`refused: ${error.message}`);
        });
      });
    } finally {
      gateway.close();
    }
  }

  it("caracal 23: a client of the authority gets in; one without a certificate, or with a foreign one, does not", async () => {
    expect(await call(client)).toBe("hello caracal-client");
    expect(await call(undefined)).toContain("refused");
    const key = issuer.key("caracal-ca-key");
    const stranger = { key, certificate: issuer.authority("caracal-ca", key) };
    const foreign = { key: client.key, certificate: issuer.signed("caracal-ca-client", client.key, stranger) };
    expect(await call(foreign)).toContain("refused");
    // Nor does the server's own certificate serve as a client's.
    expect(await call(server)).toContain("refused");
  });

  it("caracal 24 and 25: a token key has a public half; the Merkle key is a P-256 key in SEC 1 form", () => {
    const jwt = createPublicKey(read(issuer.key("caracal-jwt")));
    expect([jwt.asymmetricKeyType, jwt.asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 4096]);
    const pem = read(issuer.key("caracal-merkle"));
    expect(pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
    expect(createPublicKey(pem).asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  });
});
