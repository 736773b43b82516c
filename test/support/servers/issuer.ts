/** An authority of OpenSSL's that issues what the program asks of Pulumi's tls provider. */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Loose, RenderedStack } from "../stack.ts";
import { folder } from "./servers.ts";

/** X.509's names for the provider's. */
const uses: Record<string, string> = {
  cert_signing: "keyCertSign",
  crl_signing: "cRLSign",
  digital_signature: "digitalSignature",
  key_encipherment: "keyEncipherment",
  server_auth: "serverAuth",
  client_auth: "clientAuth",
};

/** Issues what a rendered stack asks of the provider. Its files are in a folder of the test's. */
export class Issuer {
  readonly #home = folder("certificates");
  readonly #stack: RenderedStack;
  /** By the text that stands in for what is in it. */
  readonly #files = new Map<string, string>();

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

  /** Everything that the stack asks for: a real text by each that stands in for one. */
  all(): ReadonlyMap<string, string> {
    for (const { name, outputs = {} } of this.#stack.all("PrivateKey")) {
      const key = this.key(name);
      this.#files.set(String(outputs["privateKeyPem"]), key);
      this.#openssl(["pkey", "-in", key, "-pubout", "-out", `${key}.pub`]);
      this.#files.set(String(outputs["publicKeyPem"]), `${key}.pub`);
    }
    for (const { name, inputs, outputs = {} } of this.#stack.all("SelfSignedCert"))
      this.#files.set(String(outputs["certPem"]), this.authority(name, this.#file(inputs["privateKeyPem"])));
    for (const { name, outputs = {} } of this.#stack.all("LocallySignedCert"))
      this.#files.set(String(outputs["certPem"]), this.#sign(name));
    return new Map([...this.#files].map(([standIn, file]) => [standIn, readFileSync(file, "utf8")]));
  }

  /** Signs a certificate again, after `all`: what it was, and what it is now. */
  renew(name: string): { before: string; now: string } {
    const file = this.#file(this.#stack.one("LocallySignedCert", name).outputs?.["certPem"]);
    const before = readFileSync(file, "utf8");
    return { before, now: readFileSync(this.#sign(name), "utf8") };
  }

  #sign(name: string): string {
    const { caPrivateKeyPem, caCertPem } = this.inputs("LocallySignedCert", name);
    const { privateKeyPem } = this.inputs("CertRequest", `${name}-request`);
    const authority = { key: this.#file(caPrivateKeyPem), certificate: this.#file(caCertPem) };
    return this.signed(name, this.#file(privateKeyPem), authority);
  }

  /** The file of what stands in a place of a rendered resource. */
  #file(standIn: unknown): string {
    return this.#files.get(String(standIn)) ?? "";
  }

  #openssl(args: string[]): void {
    execFileSync("openssl", args, { stdio: "ignore" });
  }
}
