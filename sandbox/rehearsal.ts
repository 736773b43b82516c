/** Runs the real engine on a stack in a sandbox, with an adapted stack file and generated secrets. */
import { createHmac } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parse, stringify } from "yaml";
import { readStackFile, type Patch } from "../graph/render/configuration.ts";
import { render } from "../graph/render/render.ts";
import { updateInOrder } from "../phases/in-order.ts";
import { registryVariable } from "../preflight/images/registry.ts";
import { parseSettings } from "../systems/settings.ts";
import { project } from "../settings/reading/keys.ts";
import type { PlatformSetting } from "../settings/platform.ts";
import { root } from "../commands/engine.ts";
import { Explained } from "../commands/explained.ts";
import { attachedPulumi, pulumi, writeProject, type Finished, type RunOptions } from "./engine.ts";

/** Whether pods only seem to run, or do. */
export type NodeKind = "simulated" | "real";

/** A sandbox that runs, in this process or in another. */
export interface RunningSandbox {
  /** @default "simulated" */
  readonly node?: NodeKind;
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
  /** Path of the folder with the state. */
  readonly state: string;

  /** Folder that commands run in, with the adapted stack file. */
  readonly folder: string;

  private constructor(stack: string, { folder, env }: RunningSandbox) {
    this.folder = folder;
    this.state = join(folder, "state");
    mkdirSync(this.state, { recursive: true, mode: 0o700 });
    this.stack = stack;
    writeProject(folder, root);
    this.configFile = join(folder, `Pulumi.${stack}.yaml`);
    this.eventLog = join(folder, `${stack}.events`);
    this.env = {
      ...env,
      PULUMI_BACKEND_URL: `file://${this.state}`,
      // Beside the folder that commands run in, this is all that names the stack, so that their own words stay as they are.
      PULUMI_STACK: stack,
      PULUMI_CONFIG_PASSPHRASE: "sandbox",
      PULUMI_SKIP_UPDATE_CHECK: "true",
      // Allows the option `--event-log`, which Pulumi keeps for its own developers.
      PULUMI_DEBUG_COMMANDS: "true",
    };
  }

  /** Creates the stack, or continues with the state of an earlier rehearsal. Its settings are those in the stack file now. */
  static async open(stack: string, around: RunningSandbox, patch: Patch = {}): Promise<Rehearsal> {
    const rehearsal = new Rehearsal(stack, around);
    await rehearsal.#init();
    await rehearsal.configure(patch);
    return rehearsal;
  }

  /** The same, but a stack that is there keeps its settings: for commands of Pulumi's that may have changed them. */
  static async asItIs(stack: string, around: RunningSandbox): Promise<Rehearsal> {
    const rehearsal = new Rehearsal(stack, around);
    if (await rehearsal.#init()) await rehearsal.configure();
    return rehearsal;
  }

  /** Creates the stack if it is not there. Returns whether it was not. */
  async #init(): Promise<boolean> {
    if (existsSync(this.configFile)) return false;
    await this.must("stack", "init", this.stack);
    return true;
  }

  /** Writes the adapted stack file anew, from the stack file with a patch over it. Secrets are encrypted. */
  async configure(patch: Patch = {}): Promise<void> {
    const { config, secrets } = sandboxConfig(this.stack, patch, this.folder);
    const { encryptionsalt } = parse(readFileSync(this.configFile, "utf8")) as { encryptionsalt?: string };
    writeFileSync(this.configFile, stringify({ encryptionsalt, config }));
    const values = assignments(secrets, `${project}:secrets`).flatMap((one) => ["--secret", one]);
    if (values.length > 0) await this.must("config", "set-all", "--path", ...values);
  }

  /** Runs a command of the CLI on this stack. */
  run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    return pulumi([...args, "--non-interactive"], this.env, { ...options, cwd: this.folder });
  }

  /** Runs a command of the CLI on this stack in this terminal. Returns its exit code. */
  attached(args: readonly string[]): Promise<number> {
    return attachedPulumi(args, this.env, this.folder);
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

  /**
   * Updates the stack as `npm run up` does, with phases where images are to be pushed.
   *
   * @param update runs `pulumi up` with further options @default - with `--yes`, and its output is said when it has ended
   * @returns the exit code
   */
  async updateInOrder(say: (text: string) => void, update = this.#update(say)): Promise<number> {
    const rendering = await render(this.stack, {}, this.folder);
    const access = {
      token: this.env["DIGITALOCEAN_TOKEN"],
      apiUrl: this.env["DIGITALOCEAN_API_URL"],
      registryUrl: this.env[registryVariable],
      password: () => undefined,
    };
    const known = async () => new Set((await this.resources()).map(({ urn }) => urn));
    return updateInOrder(rendering, { access, known, update, say, again: `npm run sandbox -- up ${this.stack}` });
  }

  #update(say: (text: string) => void) {
    return async (options: readonly string[]): Promise<number> => {
      const { code, output } = await this.run(["up", "--yes", ...options]);
      say(output);
      return code;
    };
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
  const text = `sandbox-${createHmac("sha256", stack).update(path.join(".")).digest("hex").slice(0, 20)}`;
  // An application refuses to start with an address that is none.
  return path.at(-1) === "mongoUri" ? `mongodb://sandbox:${text}@mongodb.example.com:27017/sandbox` : text;
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
