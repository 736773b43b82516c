/** What a DigitalOcean account has is found by what the program would make, with the ids that Pulumi imports by. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { AccountReader } from "../../../adopt/ground/account.ts";
import { match, standing, type Matches } from "../../../adopt/match/match.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { kindOf, providerOf, type Resource } from "../../../graph/resource.ts";
import { DigitalOceanApi } from "../../../preflight/api.ts";
import { difference } from "../../../preview/review/difference.ts";
import { PaperAccount, refusalsOf } from "../../../sandbox/digitalocean/refusals.ts";
import { DigitalOcean } from "../../../sandbox/digitalocean/server.ts";
import { stack } from "../../support/stack.ts";

const token = "dop_v1_adopt";

describe("the account in which production runs", () => {
  const folder = mkdtempSync(join(tmpdir(), "doks-account-"));
  const account = new PaperAccount([token]);
  let api: DigitalOcean;
  let resources: Resource[];
  let matches: Matches;

  beforeAll(async () => {
    const { rendering } = await stack("prod");
    resources = maskedResources(rendering).filter((one) => providerOf(one) === "digitalocean");
    expect(refusalsOf(rendering.resources, account)).toEqual([]);
    api = await DigitalOcean.start(account, join(folder, "log"));
    // No Spaces: buckets are asked for there.
    vi.stubEnv("SPACES_ENDPOINT_URL", "http://{{.Region}}.localhost:9");
    matches = await match(resources, { account: new AccountReader(new DigitalOceanApi(token, api.url)), remarks: [] });
  });
  afterAll(async () => {
    vi.unstubAllEnvs();
    await api.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  it("is read whole: what stays unknown has no name to be found by, or is in Spaces", () => {
    expect(matches.unseen).toEqual([]);
    const unknown = resources.filter(({ urn }) => !matches.found.has(urn)).map(kindOf);
    expect([...new Set(unknown)].toSorted()).toEqual([
      "ContainerRegistryDockerCredentials",
      "ProjectResources",
      "SpacesBucket",
      "SpacesKey",
    ]);
  });

  it("has everything as the program would make it", () => {
    const changes = difference(
      standing(resources, matches, () => true),
      resources,
    );
    const changed = changes.filter(({ resource }) => matches.found.has(resource.urn));
    expect(changed.map(({ resource, fields }) => [resource.name, fields])).toEqual([]);
  });

  // Source: "Import" of each resource in the registry's pages of pulumi-digitalocean 4.80.
  it("gives each the id that it is imported by", () => {
    const ids = [...matches.found.values()].map(({ resource, id }): [string, string] => [kindOf(resource), id]);
    const uuid = "[0-9a-f-]{36}";
    const forms: Readonly<Record<string, RegExp>> = {
      ContainerRegistry: /^geo$/,
      DatabaseCluster: new RegExp(`^${uuid}$`),
      DatabaseDb: new RegExp(`^${uuid},gx_protocol$`),
      DatabaseFirewall: new RegExp(`^${uuid}$`),
      DatabaseUser: new RegExp(`^${uuid},gx_admin$`),
      DnsRecord: /^[a-z.]+,\d+$/,
      KubernetesCluster: new RegExp(`^${uuid}$`),
      KubernetesNodePool: new RegExp(`^${uuid}$`),
      Project: new RegExp(`^${uuid}$`),
      Vpc: new RegExp(`^${uuid}$`),
    };
    expect([...new Set(ids.map(([kind]) => kind))].toSorted()).toEqual(Object.keys(forms));
    for (const [kind, id] of ids) expect(id, kind).toMatch(forms[kind] ?? /^$/);
  });
});
