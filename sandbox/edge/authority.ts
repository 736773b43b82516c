/** The sandbox's certificate authority, made by OpenSSL, which nothing but the sandbox trusts. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** A certificate with its key, both in PEM. */
export interface Issued {
  readonly certificate: string;
  readonly key: string;
}

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

/** Kept beside the images, some of which trust it. */
const home = fileURLToPath(new URL("../../.cache/authority", import.meta.url));

export class Authority {
  /** File of its own certificate, in PEM. */
  readonly file: string;
  readonly #folder: string;
  readonly #key: string;

  /** @param folder of its files; one that has them already is the authority that it was */
  constructor(folder = home) {
    this.#folder = folder;
    this.file = join(folder, "ca.crt");
    this.#key = join(folder, "ca.key");
    if (!existsSync(this.file)) make(folder);
  }

  /** Its own certificate, in PEM. */
  get certificate(): string {
    return readFileSync(this.file, "utf8");
  }

  /** A certificate of a server for some names, for ninety days as Let's Encrypt's are. */
  issue(dnsNames: readonly [string, ...string[]]): Issued {
    const work = mkdtempSync(join(this.#folder, "issue-"));
    const at = (name: string) => join(work, name);
    try {
      openssl(["req", "-new", ...newKey, "-subj", `/CN=${dnsNames[0]}`, "-keyout", at("key"), "-out", at("csr")]);
      const names = dnsNames.map((name) => `DNS:${name}`).join(",");
      writeFileSync(at("extensions"), `subjectAltName=${names}\nextendedKeyUsage=serverAuth\n`);
      const by = ["-CA", this.file, "-CAkey", this.#key, "-extfile", at("extensions"), "-days", "90"];
      openssl(["x509", "-req", "-in", at("csr"), ...by, "-out", at("crt")]);
      return { certificate: readFileSync(at("crt"), "utf8"), key: readFileSync(at("key"), "utf8") };
    } finally {
      rmSync(work, { recursive: true });
    }
  }
}

/** Makes the files of an authority. */
function make(folder: string): void {
  const fresh = `${folder}.${process.pid}`;
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  const uses = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign,cRLSign"];
  openssl([
    ...["req", "-x509", ...newKey, "-days", "3650", "-subj", "/CN=Sandbox"],
    ...uses.flatMap((use) => ["-addext", use]),
    ...["-keyout", join(fresh, "ca.key"), "-out", join(fresh, "ca.crt")],
  ]);
  try {
    renameSync(fresh, folder);
  } catch {
    // Another process was faster; its authority is as good.
    rmSync(fresh, { recursive: true });
  }
}

function openssl(args: readonly string[]): void {
  execFileSync("openssl", args, { stdio: ["ignore", "ignore", "pipe"] });
}
