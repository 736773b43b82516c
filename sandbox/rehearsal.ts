/** Runs the real engine on a stack in a sandbox, with an adapted stack file and generated secrets. */
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readStackFile, type Patch } from "../graph/render/configuration.ts";
import { parseSettings } from "../systems/settings.ts";
import { project } from "../settings/reading/keys.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import { root } from "../commands/engine.ts";
import { Explained } from "../commands/explained.ts";
import { pulumi, writeProject, type Finished, type RunOptions } from "./engine.ts";

/** A sandbox that runs, in this process or in another. */
export interface RunningSandbox {
  /** Folder with its files. */
  readonly folder: string;
  /** Environment in which the Pulumi CLI uses the sandbox. */
  readonly env: Readonly<Record<string, string>>;
}

/** A resource in a stack's state, with secrets encrypted. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly provider?: string;
  readonly dependencies?: readonly string[];
  readonly inputs?: Record<string, unknown>;
}

/** A stack in a sandbox. */
export class Rehearsal {
  readonly stack: string;
  /** Path of the adapted stack file. */
  readonly configFile: string;
  /** Path of the file to which the engine may log its events. */
  readonly eventLog: string;
  /** Environment of every command. */
  readonly env: Record<string, string>;
  /** Options that name the stack and its folder, for every command. */
  readonly place: readonly string[];

  readonly #folder: string;

  private constructor(stack: string, { folder, env }: RunningSandbox) {
    this.#folder = folder;
    const state = join(folder, "state");
    mkdirSync(state, { recursive: true, mode: 0o700 });
    this.stack = stack;
    this.place = ["--stack", stack, "--cwd", folder];
    writeProject(folder, root);
    this.configFile = join(folder, `Pulumi.${stack}.yaml`);
    this.eventLog = join(folder, `${stack}.events`);
    this.env = {
      ...env,
      PULUMI_BACKEND_URL: `file://${state}`,
      PULUMI_CONFIG_PASSPHRASE: "sandbox",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Allows the option `--event-log`, which Pulumi keeps for its own developers.
      PULUMI_DEBUG_COMMANDS: "true",
    };
  }

  /** Creates the stack, or continues with the state of an earlier rehearsal. Its settings are those in the stack file now. */
  static async open(stack: string, around: RunningSandbox, patch: Patch = {}): Promise<Rehearsal> {
    const rehearsal = new Rehearsal(stack, around);
    if (!existsSync(rehearsal.configFile)) {
      await rehearsal.must("stack", "init");
    }
    await rehearsal.configure(patch);
    return rehearsal;
  }

  /** Writes the adapted stack file anew, from the stack file with a patch over it. Secrets are encrypted. */
  async configure(patch: Patch = {}): Promise<void> {
    const { config, secrets } = sandboxConfig(this.stack, patch, this.#folder);
    const { encryptionsalt } = parse(readFileSync(this.configFile, "utf8")) as { encryptionsalt?: string };
    writeFileSync(this.configFile, stringify({ encryptionsalt, config }));
    const values = assignments(secrets, `${project}:secrets`).flatMap((one) => ["--secret", one]);
    if (values.length > 0) await this.must("config", "set-all", "--path", ...values);
  }

  /** Runs a command of the CLI on this stack. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    const interactive = options?.attached === true && process.stdout.isTTY ? [] : ["--non-interactive"];
    return pulumi([...args, ...this.place, ...interactive], this.env, options);
  }

  /**
   * Runs a command of the CLI that must succeed.
   *
   * @throws {Explained} with its output, if it does not
   */
  async must(...args: readonly string[]): Promise<Finished> {
    const finished = await this.run(args);
    if (finished.code !== 0) throw new Explained(`pulumi ${args.slice(0, 2).join(" ")}:\n${finished.output}`);
    return finished;
  }

  /** The resources in the stack's state. */
  async resources(): Promise<StateResource[]> {
    const { output } = await this.must("stack", "export");
    return (JSON.parse(output) as { deployment: { resources?: StateResource[] } }).deployment.resources ?? [];
  }
}

/**
 * The settings of a stack, adapted to a sandbox. Add-ons to install become `existing`, because charts come from the
 * internet. Missing secrets get generated values, the same in each run.
 */
function sandboxConfig(
  stack: string,
  patch: Patch,
  folder: string,
): { config: Record<string, unknown>; secrets: object } {
  const parsed = parseSettings(stack, readStackFile(stack, { ...patch, ...standInMigrations(stack, patch, folder) }));
  const config = Object.fromEntries(
    Object.entries(parsed.withPlaceholders((path) => madeUp(stack, path)))
      .filter(([key]) => key !== "digitalocean:token")
      .map(([key, text]) => [key, key.startsWith(`${project}:`) ? (JSON.parse(text) as object) : text]),
  );
  const { [`${project}:secrets`]: secrets, [`${project}:platform`]: platform, ...others } = config;
  return {
    config: { ...others, [`${project}:platform`]: withoutCharts(platform as { addons?: Record<string, unknown> }) },
    secrets: secrets as object,
  };
}

/** Made-up migrations for a stack that still has placeholders, which production would refuse. Nothing runs them. */
function standInMigrations(stack: string, patch: Patch, folder: string): Patch {
  const { missing } = parseSettings(stack, readStackFile(stack, patch));
  return Object.fromEntries(
    missing
      .filter(({ path }) => path.endsWith(".migrations"))
      .map(({ path }) => {
        const [key = ""] = path.split(".");
        const migrations = join(folder, "migrations");
        mkdirSync(migrations, { recursive: true });
        writeFileSync(join(migrations, "1_tables.sql"), "-- migrate:up\nSELECT 1;\n\n-- migrate:down\nSELECT 1;\n");
        return [key, { ...(patch[key] as object | undefined), migrations }];
      }),
  );
}

function withoutCharts(platform: { addons?: Record<string, unknown> }): object {
  const { charts: _charts, ...addons } = platform.addons ?? {};
  const existing = Object.entries(addons).map(([name, kind]) => [name, kind === "install" ? "existing" : kind]);
  return { ...platform, addons: Object.fromEntries(existing) as object };
}

function madeUp(stack: string, path: readonly string[]): string {
  return `sandbox-${createHmac("sha256", stack).update(path.join(".")).digest("hex").slice(0, 20)}`;
}

/** `path=value` for every text in a tree of values. */
function assignments(tree: object, path: string): string[] {
  return Object.entries(tree).flatMap(([key, value]) => {
    const below = `${path}.${key}`;
    return typeof value === "string" ? [`${below}=${value}`] : assignments(value as object, below);
  });
}

/**
 * The platform's settings in a stack file, with a patch over it.
 *
 * @throws {SettingsError} if the settings are wrong
 */
export function platformOf(stack: string, patch: Patch = {}): PlatformSetting {
  return parseSettings(stack, readStackFile(stack, patch)).platform;
}
