/**
 * Caracal's certificates, issued by OpenSSL from exactly what the program asks of Pulumi's tls provider, and used: by a real
 * TLS server that asks clients for theirs.
 */
import { execFileSync } from "node:child_process";
import { createPublicKey, X509Certificate } from "node:crypto";
import { once } from "node:events";
import { readFileSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { connect, createServer } from "node:tls";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { cleanUp, folder, has } from "../support/servers/servers.ts";
import { alone, type Loose, type RenderedStack } from "../support/stack.ts";

const installed = has("openssl");
if (!installed) console.warn("skipped: certificates of a real authority, without OpenSSL");

/** X.509's names for the provider's. */
const uses: Record<string, string> = {
  cert_signing: "keyCertSign",
  crl_signing: "cRLSign",
  digital_signature: "digitalSignature",
  key_encipherment: "keyEncipherment",
  server_auth: "serverAuth",
  client_auth: "clientAuth",
};

class Issuer {
  readonly #home = folder("certificates");
  readonly #stack: RenderedStack;

  constructor(stack: RenderedStack) {
    this.#stack = stack;
  }

  inputs(type: string, name: string): Loose {
    return this.#stack.one(type, name).inputs;
  }

  key(name: string): string {
    const { algorithm, rsaBits, ecdsaCurve } = this.inputs("PrivateKey", name);
    const file = join(this.#home, `${name}.key`);
    const kind = algorithm === "RSA" ? ["genrsa", "-traditional", "-out", file, String(rsaBits)] : undefined;
    const curve = ecdsaCurve === "P256" ? "prime256v1" : String(ecdsaCurve);
    this.#openssl(kind ?? ["ecparam", "-name", curve, "-genkey", "-noout", "-out", file]);
    return file;
  }

  /** The authority's own certificate. */
  authority(name: string, key: string): string {
    const { subject, allowedUses, isCaCertificate, validityPeriodHours } = this.inputs("SelfSignedCert", name);
    const file = join(this.#home, `${name}.crt`);
    const extensions = [
      `basicConstraints=critical,CA:${isCaCertificate === true ? "TRUE" : "FALSE"}`,
      `keyUsage=critical,${allowedUses.map((use: string) => uses[use]).join(",")}`,
    ].flatMap((extension) => ["-addext", extension]);
    const days = String(validityPeriodHours / 24);
    const request = ["req", "-x509", "-key", key, "-subj", `/CN=${subject.commonName}`, "-days", days, "-out", file];
    this.#openssl([...request, ...extensions]);
    return file;
  }

  signed(name: string, key: string, authority: { key: string; certificate: string }): string {
    const { dnsNames, subject } = this.inputs("CertRequest", `${name}-request`);
    const { allowedUses, validityPeriodHours } = this.inputs("LocallySignedCert", name);
    const [request, file, extensions] = ["csr", "crt", "ext"].map((ending) =>
      join(this.#home, `${name}.${ending}`),
    ) as [string, string, string];
    this.#openssl(["req", "-new", "-key", key, "-subj", `/CN=${subject.commonName}`, "-out", request]);
    const named = (wanted: (use: string) => boolean) =>
      allowedUses
        .filter(wanted)
        .map((use: string) => uses[use])
        .join(",");
    const lines = [
      `keyUsage=critical,${named((use) => !use.endsWith("_auth"))}`,
      `extendedKeyUsage=${named((use) => use.endsWith("_auth"))}`,
      ...(dnsNames.length === 0 ? [] : [`subjectAltName=${dnsNames.map((one: string) => `DNS:${one}`).join(",")}`]),
    ];
    writeFileSync(extensions, lines.join("\n"));
    const by = ["-CA", authority.certificate, "-CAkey", authority.key, "-CAcreateserial"];
    const days = String(validityPeriodHours / 24);
    this.#openssl(["x509", "-req", "-in", request, ...by, "-days", days, "-extfile", extensions, "-out", file]);
    return file;
  }

  #openssl(args: string[]): void {
    execFileSync("openssl", args, { stdio: "ignore" });
  }
}

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
  }, 120_000);
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
  }, 60_000);

  it("caracal 24 and 25: a token key has a public half; the Merkle key is a P-256 key in SEC 1 form", () => {
    const jwt = createPublicKey(read(issuer.key("caracal-jwt")));
    expect([jwt.asymmetricKeyType, jwt.asymmetricKeyDetails?.modulusLength]).toEqual(["rsa", 4096]);
    const pem = read(issuer.key("caracal-merkle"));
    expect(pem).toMatch(/^-----BEGIN EC PRIVATE KEY-----/);
    expect(createPublicKey(pem).asymmetricKeyDetails?.namedCurve).toBe("prime256v1");
  }, 60_000);
});
