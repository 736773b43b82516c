/** Runs jobs of a GitHub workflow here: the shell of each step for real, actions by what they do to the machine. */
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { rightToken } from "../github/hub.ts";
import type { Infrastructure } from "../github/infrastructure.ts";

export interface Step {
  id?: string;
  uses?: string;
  run?: string;
  env?: Record<string, string>;
  with?: Record<string, string>;
  "working-directory"?: string;
}
export interface Job {
  needs?: string;
  environment?: string;
  permissions?: Record<string, string>;
  "timeout-minutes": number;
  env?: Record<string, string>;
  outputs?: Record<string, string>;
  strategy?: { "max-parallel": number; matrix: { include: Record<string, string>[] } };
  steps: Step[];
}
export interface Workflow {
  on: { push: { branches: string[]; paths?: string[] } };
  permissions: Record<string, string>;
  defaults: { run: { shell: string } };
  concurrency: string;
  jobs: Record<"image" | "carry", Job>;
}

/** What `${{ … }}` may name, by its path. */
type Context = Record<string, string>;

export class GitHubRunner {
  readonly #infra: Infrastructure;
  readonly #application: string;
  readonly #commit: string;
  #outputs: Context = {};

  constructor(infra: Infrastructure, application: string, commit: string) {
    [this.#infra, this.#application, this.#commit] = [infra, application, commit];
  }

  /**
   * Runs a job, once for each of its matrix.
   *
   * @param variables of each environment
   * @throws if a step fails, or an expression names what there is not
   * @returns what it has printed
   */
  async job(name: string, job: Job, variables: Record<string, Context> = {}): Promise<string> {
    let printed = "";
    for (const values of job.strategy?.matrix.include ?? [{}]) {
      const matrix = Object.fromEntries(Object.entries(values).map(([key, value]) => [`matrix.${key}`, value]));
      const vars = variables[values["environment"] ?? ""] ?? {};
      printed += await this.#once(name, job, { ...this.#base(vars), ...matrix, ...this.#outputs });
    }
    return printed;
  }

  #base(vars: Context): Context {
    return {
      "github.sha": this.#commit,
      "github.server_url": "https://github.com",
      "github.repository": "our/application",
      "github.repository_owner": "our",
      "github.token": "token-of-the-run",
      "secrets.DIGITALOCEAN_ACCESS_TOKEN": "secret-digitalocean",
      "secrets.INFRASTRUCTURE_APP_KEY": "secret-key",
      "vars.INFRASTRUCTURE_APP_ID": "1",
      "vars.INFRASTRUCTURE_NAME": "infra",
      "vars.MERGE": "",
      ...vars,
    };
  }

  async #once(name: string, job: Job, context: Context): Promise<string> {
    const workspace = mkdtempSync(join(this.#infra.folder, "workspace-"));
    const temp = mkdtempSync(join(this.#infra.folder, "temp-"));
    const known: Context = { ...context, "github.workspace": workspace };
    const env = {
      GITHUB_SHA: this.#commit,
      GITHUB_ACTOR: "someone",
      RUNNER_TEMP: temp,
      // GitHub sets these to the application's, and nobody can set them to anything else.
      GITHUB_REPOSITORY: "our/application",
      GITHUB_OUTPUT: join(temp, "output"),
      ...resolved(job.env, known),
    };
    let printed = "";
    for (const step of job.steps) {
      writeFileSync(env.GITHUB_OUTPUT, "");
      if (step.uses !== undefined) this.#action(step, workspace, known);
      if (step.run === undefined) continue;
      const more = { ...env, ...resolved(step.env, known) };
      const { code, output } = await this.#infra.run(join(workspace, step["working-directory"] ?? ""), step.run, more);
      if (code !== 0) throw new Error(`${name}: ${step.run}\nended with ${code}:\n${output}`);
      printed += output;
      for (const [key, value] of outputs(readFileSync(env.GITHUB_OUTPUT, "utf8"))) {
        known[`steps.${step.id ?? ""}.outputs.${key}`] = value;
      }
    }
    for (const [key, value] of Object.entries(resolved(job.outputs, known))) {
      this.#outputs[`needs.${name}.outputs.${key}`] = value;
    }
    return printed;
  }

  #action({ uses = "", id = "", with: given }: Step, workspace: string, context: Context): void {
    const inputs = resolved(given, context);
    const into = join(workspace, inputs["path"] ?? "");
    if (uses.startsWith("actions/create-github-app-token@")) {
      if (inputs["private-key"] !== "secret-key" || inputs["app-id"] !== "1") throw new Error("not the App's key");
      context[`steps.${id}.outputs.token`] = rightToken;
    } else if (uses.startsWith("actions/checkout@") && inputs["repository"] !== undefined) {
      if (inputs["repository"] !== "our/infra" || inputs["token"] !== rightToken) throw new Error("404");
      this.#infra.clone(into, false);
    } else if (uses.startsWith("actions/checkout@")) {
      mkdirSync(into, { recursive: true });
      cpSync(this.#application, into, { recursive: true });
    } else if (!/^(actions\/setup-node|digitalocean\/action-doctl)@/.test(uses)) {
      throw new Error(`what does ${uses} do?`);
    }
  }
}

/** Values with their expressions resolved, as text. */
function resolved(values: Record<string, unknown> = {}, context: Context): Record<string, string> {
  const replaced = (text: string) =>
    text.replaceAll(/\$\{\{ (\S+) \}\}/g, (_, path: string) => {
      const value = context[path];
      if (value === undefined) throw new Error(`there is no ${path}`);
      return value;
    });
  return Object.fromEntries(Object.entries(values).map(([key, value]) => [key, replaced(String(value))]));
}

/** The file that a step writes its outputs to. Source: docs.github.com, "Workflow commands", multiline strings. */
function outputs(text: string): [string, string][] {
  return [...text.matchAll(/^(\w+)<<(\w+)\n([^]*?)\n\2$/gm)].map(([, key = "", , value = ""]) => [key, value]);
}
