/** A running installation keeps the passwords and keys that it has: the stack's secrets take them over. */
import { createPublicKey, generateKeyPairSync } from "node:crypto";
import { beforeAll, describe, expect, it } from "vitest";
import { readStackFile, type Patch } from "../../../graph/render/configuration.ts";
import { maskedResources } from "../../../graph/masking.ts";
import { protectionLosses } from "../../../preview/review/protection/protection.ts";
import type { Resource } from "../../../graph/resource.ts";
import { takenValue, type Taken } from "../../../settings/slices/taken.ts";
import { parseSettings, systemNames, type SystemName } from "../../../systems/settings.ts";
import { problems, stack, type Loose, type RenderedStack } from "../../support/stack.ts";

const secrets = "doks-systems:secrets";
const inCluster = { kind: "in-cluster", size: null, nodes: null, name: null, tls: null, connectionPool: null };
/** Every data service in the cluster, and everything that could be generated asked for. */
const running: Patch = {
  "doks-systems:gx": { database: inCluster, redis: inCluster },
  "doks-systems:dotdo": { redis: { kind: "in-cluster" }, apiKey: "generated" },
  "doks-systems:caracal": { certificates: { kind: "given" }, database: inCluster, redis: inCluster },
};

const pem = (kind: "ec" | "rsa"): string =>
  kind === "ec"
    ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey.export({ type: "sec1", format: "pem" }).toString()
    : generateKeyPairSync("rsa", { modulusLength: 2048 })
        .privateKey.export({ type: "pkcs8", format: "pem" })
        .toString();
const merkleKey = pem("ec");

/** What a system's Secrets have, for one of its settings: of every character that could be in a password. */
function valueOf({ setting }: Taken): string {
  return setting.endsWith("merkleSigningKey") ? merkleKey : `is in use at ${setting} /+=@:%?#"'$(HOME) é`;
}

/** Puts a value at a path of the stack's secrets. */
function put(tree: Record<string, unknown>, path: string, value: string): void {
  const steps = path.split(".");
  let branch = tree;
  for (const step of steps.slice(0, -1)) branch = (branch[step] ??= {}) as Record<string, unknown>;
  branch[steps.at(-1) ?? ""] = value;
}

/** What each system takes over, by the stack's settings. */
const { facts } = parseSettings("prod", readStackFile("prod", running));
const takenBy = (name: SystemName): readonly Taken[] => facts[`doks-systems:${name}`]?.taken ?? [];

async function withAll(...further: readonly [string, string][]): Promise<RenderedStack> {
  const tree = {};
  for (const one of systemNames.flatMap(takenBy)) put(tree, one.setting, valueOf(one));
  for (const [path, value] of further) put(tree, path, value);
  return stack("prod", { ...running, [secrets]: tree });
}

describe("passwords and keys that are in use", () => {
  let rendered: RenderedStack;
  beforeAll(async () => {
    rendered = await withAll();
  });

  it.each(systemNames)("%s: each Secret has again what it has now, whatever characters it is made of", (name) => {
    for (const one of takenBy(name)) {
      const { stringData } = rendered.object("Secret", one.secret);
      expect(takenValue(one, stringData[one.key]), `${one.secret}/${one.key}`).toBe(valueOf(one));
    }
  });

  it("nothing is generated in the place of what is taken over", () => {
    const generated = rendered.names("RandomBytes").filter((one) => !/salt|checksums/.test(one));
    expect(generated.toSorted()).toEqual(["platform-addons-prometheus-grafana-1"]);
    expect(rendered.names("PrivateKey")).toEqual(["caracal-jwt"]);
  });

  it("a secret that may be taken over is not asked for", async () => {
    const { rendering } = await stack("prod", running);
    const optional = systemNames.flatMap(takenBy).filter(({ insteadOf }) => insteadOf !== undefined);
    expect(optional.length).toBeGreaterThan(9);
    const asked = rendering.missing.map(({ path }) => path);
    for (const { setting } of optional) expect(asked).not.toContain(`${secrets}.${setting}`);
    for (const { setting, insteadOf } of systemNames.flatMap(takenBy))
      if (insteadOf === undefined) expect(asked).toContain(`${secrets}.${setting}`);
  });

  it("a new version is generated, and set with the one that was taken over", async () => {
    const next = await stack("prod", {
      ...running,
      "doks-systems:bowmark": {
        database: { kind: "in-cluster", passwordVersion: 2 },
        rabbitmq: { kind: "in-cluster", passwordVersion: 2 },
      },
      [secrets]: { bowmark: { databasePassword: "old one", rabbitmqPassword: "old one" } },
    });
    const { password } = next.object("Secret", "postgres").stringData;
    expect(password).toMatch(/^[0-9a-f]{64}$/);
    expect(next.object("Secret", "bow-mark-postgres-setup").stringData.passwords).toBe(`${password}\nold one\n`);
    expect(next.object("Secret", "rabbitmq").stringData.password).toMatch(/^[0-9a-f]{64}$/);
  });

  it("URLs have the password escaped, as clients read them", () => {
    const urls = rendered
      .all("Secret")
      .flatMap(({ inputs }) => Object.values((inputs as Loose).stringData as Record<string, string>))
      .filter((value) => /^(postgresql|redis):/.test(value));
    expect(urls.length).toBeGreaterThan(4);
    for (const url of urls) expect(decodeURIComponent(new URL(url).password), url).toMatch(/^is in use at .* é$/);
  });

  it("the public half of a key that is taken over is the key's own", async () => {
    const jwt = pem("rsa");
    const taken = await stack("prod", { [secrets]: { caracal: { jwtPrivateKey: jwt, merkleSigningKey: merkleKey } } });
    const half = (key: string) => createPublicKey(key).export({ type: "spki", format: "pem" });
    expect(taken.object("Secret", "caracal-tls").stringData["jwt_public.pem"]).toBe(half(jwt));
    expect(taken.rendering.outputs["caracal"]).toMatchObject({
      merklePublicKey: half(merkleKey),
      jwtPublicKey: half(jwt),
    });
    expect((taken.rendering.outputs as Loose).secrets.caracal["jwt-private-key"]).toBe(jwt);
  });

  it("Caracal's authority signs on where it is given", async () => {
    const authority = { certificate: "-----BEGIN CERTIFICATE-----\nrunning", key: pem("rsa") };
    const taken = await stack("prod", { [secrets]: { caracal: { authority } } });
    expect(taken.object("Secret", "caracal-tls").stringData["ca.crt"]).toBe(authority.certificate);
    expect(taken.names("SelfSignedCert")).toEqual([]);
    for (const { inputs } of taken.all("LocallySignedCert"))
      expect(inputs).toMatchObject({ caPrivateKeyPem: authority.key, caCertPem: authority.certificate });
  });

  it("Grafana keeps its password", async () => {
    const taken = await stack("prod", { [secrets]: { platform: { grafanaPassword: "in use" } } });
    expect(taken.object("Secret", "grafana-admin").stringData["admin-password"]).toBe("in use");
  });

  it("the preview of a stack file whose secrets are encrypted asks for no form of them", () => {
    const encrypted = { secure: "v1:AAAA" };
    const tree = {
      gx: { jwtSecret: encrypted, databasePassword: encrypted },
      caracal: { merkleSigningKey: encrypted, jwtPrivateKey: encrypted },
    };
    expect(problems("prod", { [secrets]: tree })).toEqual([]);
  });

  it.each([
    ["a password with a line break", { bowmark: { databasePassword: "running one\n" } }, /leave out the line break/],
    [
      "a key that is none",
      { caracal: { merkleSigningKey: "running one" } },
      /give a private key \(ECDSA P-256\) as PEM/,
    ],
    ["a key of another kind", { caracal: { jwtPrivateKey: merkleKey } }, /give a private key \(RSA\) as PEM/],
    [
      "a secret of the platform that there is not",
      { platform: { grafanaPasword: "running one" } },
      /did you mean grafanaPassword/,
    ],
  ])("%s is refused, and not shown", (_what, tree, fix) => {
    const [problem, ...others] = problems("prod", { [secrets]: tree });
    expect(others).toEqual([]);
    expect(problem?.fix).toMatch(fix);
    expect(JSON.stringify(problem)).not.toMatch(/running one|BEGIN EC/);
  });

  it("taking one away while it is in use stops a change; once it has a successor, or with a new one, nothing is said", async () => {
    const given = { bowmark: { databasePassword: "running", rabbitmqPassword: "running" } };
    const on = (version: number, tree: object) =>
      stack("prod", {
        "doks-systems:bowmark": {
          database: { kind: "in-cluster", passwordVersion: version },
          rabbitmq: { kind: "in-cluster" },
        },
        [secrets]: tree,
      });
    const [before, without, later, laterWithout] = [
      ...[await on(1, given), await on(1, {}), await on(2, given)],
      await on(2, { bowmark: { rabbitmqPassword: "running" } }),
    ].map(({ rendering }) => maskedResources(rendering));
    const said = (from: readonly Resource[] = [], to: readonly Resource[] = []) =>
      protectionLosses(from, to).map(({ level, resource, was, is }) => `${level}: ${resource} ${was} → ${is}`);
    expect(said(before, without)).toEqual([
      "stop: RotatingPassword bow-mark-postgres-password taken over → generated",
      "stop: RotatingPassword bow-mark-rabbitmq-password taken over → generated",
    ]);
    expect(said(without, before)).toEqual([
      "look: RotatingPassword bow-mark-postgres-password generated → taken over",
      "look: RotatingPassword bow-mark-rabbitmq-password generated → taken over",
    ]);
    expect(said(before, later)).toEqual([]);
    expect(said(later, laterWithout)).toEqual([]);
  });

  it("none of it is shown", () => {
    const shown = JSON.stringify(maskedResources(rendered.rendering));
    expect(shown).not.toContain("in use at");
    expect(shown).not.toContain(merkleKey.split("\n")[1]);
  });
});
