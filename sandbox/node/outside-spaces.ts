/** Spaces as pods on a real node reach it: an S3 server outside of their cluster, by the names that DigitalOcean gives it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Authority } from "../edge/authority.ts";
import { tool } from "../tools.ts";
import type { Machine } from "./machine.ts";
import { serverAddresses } from "./outside.ts";

/** The Spaces that pods reach: one region's, with the certificate of the sandbox's authority. */
export interface OutsideSpaces {
  /** Folder that has a folder for each bucket, with its objects as files. */
  readonly files: string;
  /** Folder of older versions of objects. */
  readonly versions: string;
  readonly region: string;
  readonly key: string;
  readonly secret: string;
  /** Folder with the further keys, as `SpacesAccounts` keeps them. @default - no others */
  readonly accounts?: string | undefined;
}

/** Keys of Spaces in the form in which the server reads them, at each request. Each may do everything. */
export class SpacesAccounts {
  readonly folder: string;
  readonly #secrets = new Map<string, string>();

  /** @param folder of the file; made if it is missing */
  constructor(folder: string) {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    this.folder = folder;
    this.#write();
  }

  /** Adds a key; without a secret, takes it away. */
  keep(access: string, secret: string | undefined): void {
    if (secret === undefined) this.#secrets.delete(access);
    else this.#secrets.set(access, secret);
    this.#write();
  }

  #write(): void {
    const accounts = [...this.#secrets].map(([access, secret]) => [access, { access, secret, role: "admin" }]);
    const text = JSON.stringify({ accessAccounts: Object.fromEntries(accounts) as object });
    writeFileSync(join(this.folder, "users.json"), text, { mode: 0o600 });
  }
}

/** Starts Spaces outside a machine. */
export function startOutsideSpaces(machine: Machine, spaces: OutsideSpaces, authority: Authority): void {
  for (const folder of [spaces.files, spaces.versions]) mkdirSync(folder, { recursive: true });
  const domain = "digitaloceanspaces.com";
  const issued = authority.issue([`*.${domain}`, `*.${spaces.region}.${domain}`]);
  const [certificate, key] = ["crt", "key"].map((end) => join(machine.folder, `spaces.${end}`)) as [string, string];
  writeFileSync(certificate, issued.certificate);
  writeFileSync(key, issued.key, { mode: 0o600 });
  const place = ["--port", `${serverAddresses.spaces}:443`, "--cert", certificate, "--key", key];
  machine.run("spaces", "ip", [
    ...["netns", "exec", "outside", tool("versitygw"), "--quiet", ...place],
    ...["--region", spaces.region, "--virtual-domain", `${spaces.region}.${domain}`],
    ...["--access", spaces.key, "--secret", spaces.secret],
    ...(spaces.accounts === undefined ? [] : ["--iam-dir", spaces.accounts]),
    ...["posix", "--versioning-dir", spaces.versions, spaces.files],
  ]);
}
