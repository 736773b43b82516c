/** A simulated DigitalOcean on loopback for what asks it questions, with the zones that prod takes as given. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, vi } from "vitest";
import type { Account } from "../../../sandbox/digitalocean/account.ts";
import { DigitalOcean } from "../../../sandbox/digitalocean/server.ts";

/** One for each test of the file, whose token is `good`; `api` is the present one, `folder` its own. */
export function simulatedAccount(make: () => Account): { readonly api: DigitalOcean; readonly folder: string } {
  let folder = "";
  let api: DigitalOcean | undefined;
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "doks-preflight-"));
    const account = make();
    account.tokens = ["good"];
    for (const domain of ["bowmark.ca", "gxcoin.com", "example.com"])
      account.domains.set(domain, { ttl: 1800, records: new Map() });
    api = await DigitalOcean.start(account, join(folder, "log"));
    vi.stubEnv("DIGITALOCEAN_API_URL", api.url);
  });
  afterEach(async () => {
    vi.unstubAllEnvs();
    await api?.stop();
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    get api() {
      if (api === undefined) throw new Error("no test runs");
      return api;
    },
    get folder() {
      return folder;
    },
  };
}
