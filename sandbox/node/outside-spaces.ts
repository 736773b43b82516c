/** Spaces as pods on a real node reach it: an S3 server outside of their cluster, by the names that DigitalOcean gives it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Authority } from "../edge/authority.ts";
import { tool } from "../tools.ts";
import type { Machine } from "./machine.ts";
import { spacesAddress } from "./outside.ts";

/** The Spaces that pods reach: one region's, with the certificate of the sandbox's authority. */
export interface OutsideSpaces {
  /** Folder that has a folder for each bucket, with its objects as files. */
  readonly files: string;
  /** Folder of older versions of objects. */
  readonly versions: string;
  readonly region: string;
  readonly key: string;
  readonly secret: string;
}

/** Starts Spaces outside a machine. */
export function startOutsideSpaces(machine: Machine, spaces: OutsideSpaces, authority: Authority): void {
  for (const folder of [spaces.files, spaces.versions]) mkdirSync(folder, { recursive: true });
  const domain = "digitaloceanspaces.com";
  const issued = authority.issue([`*.${domain}`, `*.${spaces.region}.${domain}`]);
  const [certificate, key] = ["crt", "key"].map((end) => join(machine.folder, `spaces.${end}`)) as [string, string];
  writeFileSync(certificate, issued.certificate);
  writeFileSync(key, issued.key, { mode: 0o600 });
  const place = ["--port", `${spacesAddress}:443`, "--cert", certificate, "--key", key];
  machine.run("spaces", "ip", [
    ...["netns", "exec", "outside", tool("versitygw"), "--quiet", ...place],
    ...["--region", spaces.region, "--virtual-domain", `${spaces.region}.${domain}`],
    ...["--access", spaces.key, "--secret", spaces.secret],
    ...["posix", "--versioning-dir", spaces.versions, spaces.files],
  ]);
}
