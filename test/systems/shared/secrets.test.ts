/** Secrets that somebody else keeps, wherever a document has one: they are read by the same keys, and never made. */
import { describe, expect, it } from "vitest";
import { alone, problems, type Loose, type RenderedStack, type SystemKey } from "../../support/stack.ts";

const emptied = { storage: null, version: null, size: null, nodes: null, parameters: null, maxMemory: null };
const server = { ...emptied, kind: "existing", host: "203.0.113.7", user: "u" };
const bucket = { kind: "existing", name: "elsewhere", region: "nyc3" };

/** Each system with all the Secrets that may be somebody else's, and the stack's secrets that it still needs. */
const systems: [SystemKey, object, string[], string[]][] = [
  ["hermes", { database: { ...server, tls: "disable" } }, ["ipfs-cache-db-credentials", "substreams-credentials"], []],
  ["gx", { database: server, redis: { ...server, tls: false } }, ["backend-secrets", "fabric-credentials"], []],
  ["dotdo", { storage: { kind: "r2", endpoint: "https://r2.example.com", bucket: "objects" } }, ["dotdo-secrets"], []],
  ["dotdo", { storage: { kind: "spaces", bucket } }, ["dotdo-secrets"], []],
  [
    "bowmark",
    {
      ...{ database: server, bucket },
      rabbitmq: {
        kind: "existing",
        host: "10.9.0.1",
        user: "u",
        where: { kind: "private", addresses: ["10.9.0.0/24"] },
      },
    },
    ["postgres", "rabbitmq", "paving", "concrete", "general", "spaces", "email", "search"],
    // The migrations' URLs are made of it.
    ["bowmark.databasePassword"],
  ],
  [
    "caracal",
    { database: server, redis: { ...server, tls: false } },
    ["caracal-secrets", "caracal-tls", "caracal-merkle-keys"],
    [],
  ],
];

/** Names of the Secrets that pods read, as variables, files or to pull images. */
function read(rendered: RenderedStack): Set<string> {
  const all = rendered.podTemplates().flatMap(({ template }): string[] => {
    const { initContainers = [], containers, volumes = [], imagePullSecrets = [] } = template.spec;
    return [
      ...[...initContainers, ...containers].flatMap(({ env = [], envFrom = [] }: Loose) => [
        ...env.flatMap((one: Loose) => one.valueFrom?.secretKeyRef?.name ?? []),
        ...envFrom.flatMap((one: Loose) => one.secretRef?.name ?? []),
      ]),
      ...volumes.flatMap((one: Loose) => one.secret?.secretName ?? []),
      ...imagePullSecrets.map(({ name }: Loose) => name as string),
    ];
  });
  return new Set(all);
}

describe.each(systems)("%s", (system, settings, names, needed) => {
  const key = `doks-systems:${system}`;

  it("reads the Secrets of others in place of its own, makes none of them, and asks for nothing that they have", async () => {
    const theirs = Object.fromEntries(names.map((name) => [name, `their-${name}`]));
    const pull = { kind: "existing", secretName: "their-regcred" };
    const image = system === "dotdo" ? { image: { pullSecret: pull } } : { images: { pullSecret: pull } };
    const all = { ...settings, ...image, backup: false, existingSecrets: theirs };
    const rendered = await alone(system)("prod", { [key]: system === "dotdo" ? { ...all, backup: undefined } : all });
    const wanted = [...names.map((name) => `their-${name}`), "their-regcred"];
    expect([...read(rendered)]).toEqual(expect.arrayContaining(wanted));
    const made = rendered.names("Secret");
    for (const name of [...names, "regcred", ...wanted]) expect(made).not.toContain(name);
    const secrets = rendered.rendering.missing
      .map(({ path }) => path.replace("doks-systems:secrets.", ""))
      .filter((path) => path.startsWith(`${system}.`));
    expect(secrets).toEqual(needed);
    // Nothing that nobody would use: keys and passwords are theirs.
    expect(rendered.all("PrivateKey")).toEqual([]);
    const told = rendered.rendering.notices.filter(({ path }) => path.startsWith(`${key}.existingSecrets.`));
    expect(told).toHaveLength(names.length);
    for (const { text } of told) expect(text).toMatch(/kubectl -n \S+ rollout restart deployment\//);
  });

  it("a change of such a Secret restarts no pod: no checksum stands for what nobody here knows", async () => {
    const [name = ""] = names;
    const rendered = await alone(system)("prod", { [key]: { ...settings, existingSecrets: { [name]: "theirs" } } });
    const annotations = rendered
      .podTemplates()
      .flatMap(({ template }) => Object.keys(template.metadata.annotations ?? {}));
    expect(annotations).not.toContain("checksum.doks-systems/theirs");
  });
});

describe("a Secret of others", () => {
  it.each([
    ["hermes", "ipfs-cache-db-credentials", "database"],
    ["gx", "backend-secrets", "redis"],
    ["bowmark", "rabbitmq", "rabbitmq"],
    ["bowmark", "spaces", "bucket"],
    ["caracal", "caracal-secrets", "database"],
    ["dotdo", "dotdo-secrets", "storage.bucket"],
  ] as const)("%s: has no place for what this stack makes: %s", (system, name, path) => {
    const key = `doks-systems:${system}`;
    const [first, ...others] = problems("prod", { [key]: { existingSecrets: { [name]: "theirs" } } });
    expect(others).toEqual([]);
    expect(first?.path).toBe(`${key}.existingSecrets.${name}`);
    expect(`${first?.problem ?? ""} ${first?.fix ?? ""}`).toContain(path);
  });
});
