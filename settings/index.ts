/** The settings of a stack, checked and typed. The only file that reads Pulumi's configuration. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import * as pulumi from "@pulumi/pulumi";
import type { z } from "zod";
import { SettingsError, shown, type Problem } from "./reading/error.ts";
import type { Notice, SystemFacts } from "./slices/facts.ts";
import { setProviderSecret, setSecret } from "./reading/commands.ts";
import { explain, valueAt } from "./reading/explain.ts";
import { foreignKeys } from "./reading/foreign-keys.ts";
import { isGroup } from "./reading/group.ts";
import { project } from "./reading/keys.ts";
import { noticesOf } from "./notices.ts";
import { settingPath } from "./reading/paths.ts";
import { absentText, isPlaceholder } from "./reading/placeholders.ts";
import { platformSecrets, platformSetting, type PlatformSecrets, type PlatformSetting } from "./platform.ts";
import { repair } from "./reading/repair.ts";
import { checkRules, type FactsByKey } from "./rules/index.ts";
import { fillSecrets, missingSecrets, wrapSecrets, type Secrets, type SystemOn } from "./secrets.ts";
import { readStackFile, type StackFile } from "./reading/stack-file.ts";

/** Any of the systems. Its functions take the settings that its own schema returned, hence `never` here. */
interface AnySystem {
  readonly setting: z.ZodType;
  readonly secrets: (settings: never) => z.ZodObject;
  readonly facts: (settings: never) => SystemFacts;
}
/** The systems that a stack can switch on, by the key of their settings. */
type SystemTable = Readonly<Record<string, AnySystem>>;

/** The systems that a stack has switched on, each with its settings, secrets and facts. */
export type SystemsOn<Table extends SystemTable> = {
  readonly [Name in keyof Table]?: SystemOn<
    z.infer<Table[Name]["setting"]>,
    z.infer<ReturnType<Table[Name]["secrets"]>>
  >;
};

/** All settings of a stack. */
export interface Settings<Table extends SystemTable = SystemTable> {
  readonly platform: PlatformSetting;
  readonly platformSecrets: Secrets<PlatformSecrets>;
  /** DigitalOcean's API token; undefined for a stack on a cluster known by its kubeconfig, which needs none. Secret. */
  readonly digitaloceanToken: pulumi.Output<string> | undefined;
  readonly systems: SystemsOn<Table>;
  /** Facts of the systems that are on, which rules and the platform read, by the key of their settings. */
  readonly facts: FactsByKey;
}

/** A stack's configuration as the engine passes it: text by key with namespace. Values that are no text are JSON. */
export type StackConfig = Readonly<Record<string, string>>;

const tokenVariables = ["DIGITALOCEAN_TOKEN", "DIGITALOCEAN_ACCESS_TOKEN"];

/** The result of checking a configuration. */
interface ParsedSettings<Table extends SystemTable> {
  readonly platform: PlatformSetting;
  readonly facts: FactsByKey;
  readonly missing: readonly Missing[];
  readonly notices: readonly Notice[];
  /** The settings, with secrets as Outputs; works only while Pulumi's runtime is there. */
  readonly settings: () => Settings<Table>;
  /** The configuration, with a made-up value for each secret that is missing. */
  readonly withPlaceholders: (value?: (path: string[]) => string) => StackConfig;
}

/** Makes the functions that read the settings of a stack, for the systems that the stack can switch on. */
export function settingsReader<Table extends SystemTable>(systems: Table) {
  return {
    /**
     * Reads the settings of the stack that is running.
     *
     * @throws {SettingsError} with every problem at once, before any resource is registered
     */
    readSettings: (): Settings<Table> => readSettings(systems),
    /**
     * Checks a configuration. Reads nothing but the folders of migrations.
     *
     * @param file the stack file that the configuration comes from, to name lines in errors and to check the file itself
     * @throws {SettingsError} with every problem but missing secrets, which are returned because a preview needs none
     */
    parseSettings: (stack: string, config: StackConfig, file?: StackFile): ParsedSettings<Table> =>
      parseSettings(systems, stack, config, file),
  };
}

function readSettings<Table extends SystemTable>(systems: Table): Settings<Table> {
  const stack = pulumi.getStack();
  const config = pulumi.runtime.allConfig();
  const { settings, missing, notices } = parseSettings(systems, stack, config, ownFile(stack));
  // Without an engine this is a preview: it has filled in placeholders for missing secrets, and shows the notices itself.
  if (!pulumi.runtime.hasEngine()) return settings();
  const problems = missing.map((secret): Problem => ({
    path: secret.path,
    value: shown(undefined),
    problem: "must be there before an update",
    fix: secret.fix,
  }));
  if (problems.length > 0) throw new SettingsError(stack, problems);
  for (const { path, text } of notices) void pulumi.log.warn(`${path} ${text}`);
  return settings();
}

/** The stack file of an engine run; undefined if it is not in the project's folder, as with `--config-file`. */
function ownFile(stack: string): StackFile | undefined {
  if (!pulumi.runtime.hasEngine()) return undefined;
  const folder = pulumi.getRootDirectory();
  return existsSync(join(folder, `Pulumi.${stack}.yaml`)) ? readStackFile(stack, folder) : undefined;
}

/** Something that an update needs and the stack lacks, mostly a secret, with the command or advice to add it. */
export interface Missing {
  readonly path: string;
  readonly fix: string;
}

function parseSettings<Table extends SystemTable>(
  systems: Table,
  stack: string,
  config: StackConfig,
  file: StackFile | undefined,
): ParsedSettings<Table> {
  const settingKeys = ["platform", "secrets", ...Object.keys(systems)];
  const { values, problems } = decode(config, settingKeys);
  if (file !== undefined) problems.push(...file.problems, ...foreignKeys(stack, file.content, settingKeys));
  const wrong: string[] = [];
  const checked = check(platformSetting, "platform", values["platform"], problems, wrong);
  const secretValues = isGroup(values["secrets"]) ? values["secrets"] : {};
  if (values["secrets"] !== undefined && !isGroup(values["secrets"])) problems.push(noTree(stack));
  const ofPlatform = platformSecrets.safeParse(secretValues["platform"] ?? {});
  problems.push(...secretProblems("platform", platformSecrets, secretValues["platform"] ?? {}));
  const on: Record<string, { settings: unknown; secrets: unknown; facts: SystemFacts }> = {};
  const missingPaths: string[][] = [];

  for (const [name, system] of Object.entries(systems)) {
    if (values[name] === undefined) continue;
    const settings = check(system.setting, name, values[name], problems, wrong);
    if (settings === undefined) continue;
    const schema = system.secrets(settings as never);
    const missing = missingSecrets(schema, secretValues[name]);
    const secrets = fillSecrets(secretValues[name], missing, absentText);
    problems.push(...secretProblems(name, schema, secrets));
    missingPaths.push(...missing.map((path) => [name, ...path]));
    on[name] = { settings, secrets, facts: system.facts(settings as never) };
  }
  const facts = Object.fromEntries(Object.entries(on).map(([name, one]) => [`${project}:${name}`, one.facts]));
  // Whoever removes the key of a system that runs needs its secrets still, to take it away.
  const way =
    checked?.environment === "production" ? ", or keep its key with retired: true (docs/runbooks/retire.md)" : "";
  for (const name of Object.keys(secretValues).filter((key) => !Object.hasOwn(values, key) && key !== "platform")) {
    problems.push({
      path: settingPath(`${project}:secrets`, [name]),
      value: "secret",
      problem: "belongs to a system that is not on",
      fix: `switch the system on with ${project}:${name}${way}, or remove it`,
    });
  }
  const key = `${project}:platform`;
  if (checked !== undefined)
    problems.push(...checkRules({ name: stack, key, platform: checked, systems: facts }, wrong));
  if (checked === undefined || problems.length > 0) throw new SettingsError(stack, problems, file?.lineOf);

  const platform = checked;
  const token = config["digitalocean:token"] ?? tokenVariables.map((name) => process.env[name]).find((value) => value);
  const needsToken = platform.cluster.source !== "kubeconfig";
  const missing = missingPaths.map((path) => missingSecret(stack, path));
  if (needsToken && token === undefined) missing.push(missingToken(stack));
  if (platform.environment === "production") missing.push(...neededInProduction(facts));
  return {
    platform,
    facts,
    missing,
    notices: noticesOf(platform, facts),
    settings: () => ({
      platform,
      platformSecrets: wrapSecrets(ofPlatform.data ?? {}),
      digitaloceanToken: token === undefined ? undefined : pulumi.secret(token),
      systems: Object.fromEntries(
        Object.entries(on).map(([name, one]) => [name, { ...one, secrets: wrapSecrets(one.secrets) }]),
      ) as SystemsOn<Table>,
      facts,
    }),
    withPlaceholders: (value = absentText) => ({
      ...config,
      [`${project}:secrets`]: JSON.stringify(fillSecrets(secretValues, missingPaths, value)),
      ...(needsToken && token === undefined ? { "digitalocean:token": value(["digitalocean", "token"]) } : {}),
    }),
  };
}

function missingToken(stack: string): Missing {
  const path = "digitalocean:token";
  return { path, fix: `export ${tokenVariables[0] ?? ""}=…, or ${setProviderSecret(stack, path)}` };
}

function missingSecret(stack: string, path: string[]): Missing {
  const below = `secrets.${path.join(".")}`;
  return { path: `${project}:${below}`, fix: setSecret(stack, below) };
}

function neededInProduction(facts: Readonly<Record<string, FactsByKey[string]>>): Missing[] {
  return Object.entries(facts).flatMap(([key, { neededInProduction: needed = {} }]) =>
    Object.entries(needed).map(([path, fix]) => ({ path: `${key}.${path}`, fix })),
  );
}

/** The values of this project's keys. A value that is not JSON becomes a problem. */
function decode(
  config: StackConfig,
  settingKeys: readonly string[],
): { values: Record<string, unknown>; problems: Problem[] } {
  const values: Record<string, unknown> = {};
  const problems: Problem[] = [];
  for (const [key, text] of Object.entries(config)) {
    const name = key.startsWith(`${project}:`) ? key.slice(project.length + 1) : undefined;
    if (name === undefined) continue;
    if (!settingKeys.includes(name)) {
      const fix = `use one of ${settingKeys.join(", ")}`;
      problems.push({ path: key, value: "given", problem: "is not a setting", fix });
      continue;
    }
    try {
      values[name] = JSON.parse(text);
    } catch {
      const value = name === "secrets" ? "secret" : shown(text);
      problems.push({ path: key, value, problem: "is not a group of settings", fix: "write it as YAML below the key" });
    }
  }
  return { values, problems };
}

/**
 * Parses a value by its schema. Of a wrong value it returns what is left after `repair`, and adds its problems to `problems` and
 * the paths that were repaired to `replaced`.
 */
function check<Schema extends z.ZodType>(
  schema: Schema,
  key: string,
  value: unknown,
  problems: Problem[],
  replaced: string[],
): z.infer<Schema> | undefined {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const root = `${project}:${key}`;
  problems.push(...explain(root, schema, value, result.error.issues));
  const rest = repair(schema, value);
  replaced.push(...rest.replaced.map((path) => settingPath(root, path)));
  return rest.data;
}

function secretProblems(name: string, schema: z.ZodType, secrets: unknown): Problem[] {
  const result = schema.safeParse(secrets);
  if (result.success) return [];
  // Of a secret that only the engine can decrypt a preview knows no length and no form.
  const issues = result.error.issues.filter(({ path }) => !isPlaceholder(valueAt(secrets, path)));
  const found = explain(`${project}:secrets.${name}`, schema, secrets, issues);
  return found.map((problem) => ({ ...problem, value: "secret" }));
}

function noTree(stack: string): Problem {
  return {
    path: `${project}:secrets`,
    value: "secret",
    problem: "is not a group of settings",
    fix: `write each secret below its system: ${setSecret(stack, "secrets.…")}`,
  };
}
