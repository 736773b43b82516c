/** `npm run new-stack`: a second environment from the file of another one, which collides with nothing that is there. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { parse } from "yaml";
import { overlap, parseBlock } from "../../catalogue/addresses.ts";
import { isPrivate, reservedRange } from "../../catalogue/networks.ts";
import { regions } from "../../catalogue/regions.ts";
import { hostFor, nameFor } from "../../ci/new-stack/names.ts";
import { draftStack, newStack, type Drafted } from "../../ci/new-stack/new-stack.ts";
import { waiveAlso } from "../../ci/new-stack/waivers.ts";
import { freeRange } from "../../ci/new-stack/ranges.ts";
import { report } from "../../ci/new-stack/report.ts";
import { compareStacks } from "../../preview/all.ts";
import { readStackFile, type Patch } from "../../graph/render/configuration.ts";
import { parseSettings } from "../../systems/settings.ts";
import type { Loose } from "../support/stack.ts";

vi.setConfig({ testTimeout: 10 * 60_000 });
const key = "doks-systems:platform";
let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "doks-new-stack-"));
  for (const stack of ["prod", "staging", "local"]) copyFileSync(`Pulumi.${stack}.yaml`, fileOf(stack));
});
afterEach(() => {
  vi.restoreAllMocks();
  rmSync(folder, { recursive: true, force: true });
});
const fileOf = (stack: string) => join(folder, `Pulumi.${stack}.yaml`);
const textOf = (stack: string) => readFileSync(fileOf(stack), "utf8");
const configOf = (stack: string): Loose => (parse(textOf(stack)) as { config: Loose }).config;
const settingsOf = (stack: string, patch: Patch = {}) => parseSettings(stack, readStackFile(stack, patch, folder));
/** A new stack whose file is there, without the renderings that compare it with all others. */
const drafted = (stack: string, from: string, account?: string): Drafted => {
  const made = draftStack(stack, from, { folder, ...(account !== undefined && { account }) });
  writeFileSync(made.file, made.text);
  return made;
};
/** What `npm run preview -- --all` says of all stack files of the folder, and its exit code. */
const all = async () => {
  const lines: string[] = [];
  vi.spyOn(console, "log").mockImplementation((line: unknown) => void lines.push(String(line)));
  vi.spyOn(console, "error").mockImplementation((line: unknown) => void lines.push(String(line)));
  const code = await compareStacks(folder);
  vi.restoreAllMocks();
  return { code, text: lines.join("\n") };
};

describe("a new stack", () => {
  it.each(["staging", "prod", "local"])(
    "from %s, and one more from that, pass the preview of all stacks",
    async (from) => {
      await newStack("dev", from, { folder });
      await newStack("dev2", "dev", { folder });
      for (const stack of ["dev", "dev2"]) expect(() => settingsOf(stack)).not.toThrow();
      const { code, text } = await all();
      expect(code, text).toBe(0);
      expect(text).toContain("nothing of the 5 stacks collides in one account");
    },
  );

  it("keeps comments, order and everything that may be there twice", () => {
    const { choices } = drafted("dev", "staging");
    const [old, now] = [textOf("staging").split("\n"), textOf("dev").split("\n")];
    expect(now).toHaveLength(old.length);
    const changed = old.filter((line, i) => line !== now[i]);
    expect(changed.length).toBe(choices.length);
    expect(now.filter((line) => line.trim().startsWith("#"))).toEqual(
      old.filter((line) => line.trim().startsWith("#")),
    );
  });

  it("uses what its template makes once for an account: registry and domains", () => {
    const template = settingsOf("prod").platform;
    writeFileSync(fileOf("prod"), textOf("prod").replace("bowmark.ca: existing", "bowmark.ca: create"));
    drafted("dev", "prod");
    const { platform } = settingsOf("dev");
    expect(template.registry).toEqual({ kind: "create", name: "geo", tier: "professional" });
    expect(platform.registry).toEqual({ kind: "existing", name: "geo" });
    expect(platform.domains["bowmark.ca"]).toBe("existing");
    expect(textOf("dev")).toContain("# npx pulumi config set --stack dev --secret --path");
  });

  it("leaves names to DigitalOcean's defaults, which end with the stack's own", () => {
    const named = textOf("prod")
      .replace("source: create", "source: create\n      name: the-cluster")
      .replace(
        "{kind: managed, size: db-s-1vcpu-2gb, nodes: 2}",
        "{kind: managed, name: the-database, size: db-s-1vcpu-2gb, nodes: 2}",
      );
    writeFileSync(fileOf("prod"), named);
    const { choices } = drafted("dev", "prod");
    expect(textOf("dev")).not.toMatch(/the-cluster|the-database/);
    const paths = choices.filter(({ after }) => after === undefined).map(({ path }) => path);
    expect(paths).toEqual([`${key}.cluster.name`, "doks-systems:gx.database.name"]);
  });

  it("in another account has a registry, zones and ranges of its own, of which the ranges may be its template's", async () => {
    const { choices } = drafted("eu", "prod", "eu-account");
    const { platform } = settingsOf("eu");
    const template = settingsOf("prod").platform;
    expect(platform.account).toBe("eu-account");
    expect(platform.cluster).toEqual(template.cluster);
    expect(platform.registry).toEqual({ kind: "create", name: "geo-eu", tier: "professional" });
    const zones = ["bowmark.ca", "gxcoin.com", "example.com"].map((domain) => [`eu.${domain}`, "create"]);
    expect(Object.entries(platform.domains)).toEqual(zones);
    expect(choices.map(({ path }) => path)).not.toContain(`${key}.cluster.vpcRange`);
    drafted("eu2", "eu");
    const second = settingsOf("eu2").platform;
    expect(second.registry).toEqual({ kind: "existing", name: "geo-eu" });
    expect(second.cluster).not.toEqual(template.cluster);
    const { code, text } = await all();
    expect(code, text).toBe(0);
  });

  it("beside a template on a cluster that was there runs there in namespaces of its own, behind the same edge", () => {
    const { config } = parse(textOf("staging")) as { config: Loose };
    const cluster = { source: "existing", name: "k8s-prod" };
    const pools = {
      "dedicated-cpu-optimized": { kind: "existing" },
      "default-pool": { kind: "existing" },
      general: { kind: "existing" },
    };
    writeFileSync(
      fileOf("staging"),
      JSON.stringify({ config: { ...config, [key]: { ...config[key], cluster, pools } } }),
    );
    drafted("dev", "staging");
    const { platform: own, facts } = settingsOf("dev");
    expect(own.cluster).toEqual({ source: "stack", stack: "organization/doks-systems/staging" });
    expect(own.edge).toMatchObject({ kind: "stack" });
    expect([own.pools, own.addons.certManager]).toEqual([{}, "existing"]);
    expect(Object.values(facts).map(({ namespace }) => namespace.name)).toContain("bow-mark-dev");
  });

  it("is told what it would share with its template, and what nobody may copy", () => {
    const secrets =
      "doks-systems:secrets:\n    gx: {fabric: {key: {secure: v1:abc}}}\nencryptionsalt: v1:salt\nsecretsprovider: awskms://alias/prod\n";
    writeFileSync(fileOf("prod"), textOf("prod").replace("doks-systems:secrets: {}\n", secrets));
    const made = drafted("dev", "prod");
    expect(textOf("dev")).not.toMatch(/secure|encryptionsalt|secretsprovider|v1:/);
    expect(made.secretsLeftOut).toEqual(["doks-systems:secrets.gx.fabric.key"]);
    expect(made.missing.map(({ path }) => path)).toContain("doks-systems:secrets.gx.fabric.key");
    const text = report({ ...made, waived: [] });
    expect(text).toContain("npx pulumi config set --stack dev --secret --path 'secrets.gx.fabric.key'");
    expect(text).toContain("npx pulumi stack init dev --secrets-provider 'awskms://alias/prod'");
    expect(text).toMatch(/npm run preflight -- dev\n {2}npm run up -- dev\n/);
    expect(text).toContain("dotdo.tursoUrl (libsql://your-db.turso.io): the same as prod's");
    expect(text).not.toContain("v1:abc");
  });

  it("is waived what its template is, in the file that a review sees", () => {
    mkdirSync(join(folder, "policy"));
    copyFileSync("policy/waivers.yaml", join(folder, "policy", "waivers.yaml"));
    expect(waiveAlso("prod", "dev", folder)).toEqual(["volumes-retained"]);
    const [old, now] = ["policy/waivers.yaml", join(folder, "policy", "waivers.yaml")].map((path) =>
      readFileSync(path, "utf8"),
    );
    expect(now).toBe(old?.replace("[prod]", "[prod, dev]"));
  });

  it.each([
    ["prod", /Pulumi\.prod\.yaml is there already/],
    ["Dev", /cannot be the name of a stack here/],
    ["-dev", /cannot be the name of a stack here/],
    ["a".repeat(31), /cannot be the name of a stack here/],
    ["../dev", /cannot be the name of a stack here/],
  ])("cannot be called %s", (name, why) => {
    const before = textOf("prod");
    expect(() => draftStack(name, "staging", { folder })).toThrow(why);
    expect(textOf("prod")).toBe(before);
  });

  it("has a bucket of another name where a stack file has that name already", () => {
    writeFileSync(fileOf("local"), textOf("local").replace("bow-mark-local", "bow-mark-files-dev"));
    drafted("dev", "staging");
    expect(configOf("dev")["doks-systems:bowmark"].bucket.name).toBe("bow-mark-files-dev-2");
  });

  it("is not written where anything that no setting names would collide", async () => {
    // The cluster of a stack is called doks-<stack>, unless a file says otherwise.
    const named = textOf("prod").replace("source: create", "source: create\n      name: doks-dev");
    writeFileSync(fileOf("prod"), named);
    await expect(newStack("dev", "staging", { folder })).rejects.toThrow(/name of a cluster doks-dev/);
    expect(existsSync(fileOf("dev"))).toBe(false);
  });
});

describe("names of a new stack", () => {
  const names = { from: "staging", to: "dev" };
  const nobody = () => false;

  it.each([
    ["app.staging.example.com", ["example.com"], "app.dev.example.com"],
    ["app.example.com", ["example.com"], "app.dev.example.com"],
    ["staging.example.com", ["example.com"], "dev.example.com"],
    ["example.com", ["example.com"], "dev.example.com"],
    ["api.eu.example.co.uk", ["eu.example.co.uk", "example.co.uk"], "api.dev.eu.example.co.uk"],
    ["app.example.net", [], "app.dev.example.net"],
  ])("%s becomes a host under its domain", (host, domains, expected) => {
    expect(hostFor(host, domains, names, nobody)).toBe(expected);
  });

  it("two hosts that would become one stay two", () => {
    const taken = new Set(["app.dev.example.com"]);
    expect(hostFor("app.staging.example.com", ["example.com"], names, (one) => taken.has(one))).toBe(
      "app.staging.dev.example.com",
    );
  });

  it.each([
    ["files-staging", "files-dev"],
    ["staging-files", "dev-files"],
    ["files", "files-dev"],
    ["upstaging", "upstaging-dev"],
  ])("%s becomes %s", (name, expected) => {
    expect(nameFor(name, names, nobody)).toBe(expected);
  });

  it("a name that is as long as one may be is still one", () => {
    expect(nameFor(`a${"b".repeat(62)}`, names, nobody)).toHaveLength(63);
  });
});

describe("a range for a new stack", () => {
  const block = fc
    .tuple(fc.constantFrom("10.20", "10.255", "172.31", "192.168"), fc.integer({ min: 16, max: 24 }))
    .map(([start, prefix]) => parseBlock(`${start}.0.0/${prefix}`));

  it("touches no other stack's and nothing that DigitalOcean keeps, and is as large as its template's", () => {
    fc.assert(
      fc.property(block, fc.array(block, { maxLength: 8 }), fc.constantFrom(...regions), (template, others, region) => {
        const found = freeRange(template, [template, ...others], region);
        if (found === undefined) throw new Error("there is room for all of these");
        expect(found.prefix).toBe(template.prefix);
        expect(found.text).toBe(found.aligned);
        expect(isPrivate(found)).toBe(true);
        expect(reservedRange(found, region)).toBeUndefined();
        for (const other of [template, ...others]) expect(overlap(found, other)).toBe(false);
      }),
    );
  });

  it("is none where there is none", () => {
    const everything = ["10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"].map(parseBlock);
    expect(freeRange(parseBlock("10.20.0.0/20"), everything, "nyc1")).toBeUndefined();
  });
});
