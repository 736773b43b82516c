/** The commands of a takeover, in their order. Pure. */
import type { Imports } from "../import-file.ts";
import type { Preparation } from "../preparation.ts";
import type { TakenOver } from "./secrets.ts";

/** What a takeover has to do. */
export interface Takeover {
  readonly stack: string;
  /** Folder with the files. */
  readonly folder: string;
  readonly hasSettings: boolean;
  readonly secrets: readonly TakenOver[];
  readonly preparation: Preparation;
  readonly imports: Imports;
}

/** A step of a takeover. */
export interface Step {
  /** What it does. */
  readonly what: string;
  readonly commands: readonly string[];
}

/** Names of the files in the folder. */
export const files = {
  components: "import-components.json",
  data: "import-data.json",
  others: "import-others.json",
  secrets: "secrets.sh",
  preparation: "prepare.sh",
} as const;

/** The steps, without those that have nothing to do. */
export function steps({ stack, folder, hasSettings, secrets, preparation, imports }: Takeover): Step[] {
  const file = `Pulumi.${stack}.yaml`;
  const imported = (["components", "data", "others"] as const)
    .filter((part) => imports[part].resources.length > 0)
    .map((part) => importCommand(stack, `${folder}/${files[part]}`, part === "data"));
  const all: Step[] = [
    {
      what: "The settings that agree; git diff shows them",
      commands: hasSettings ? [`cp ${folder}/${file} ${file}`] : [],
    },
    {
      what: "The passwords that exist, from the cluster into the stack's secrets",
      commands: secrets.length > 0 ? [`sh ${folder}/${files.secrets}`] : [],
    },
    {
      what: "What Kubernetes or others keep is let go of; nothing restarts",
      commands: preparation.commands.length > 0 ? [`sh ${folder}/${files.preparation}`] : [],
    },
    { what: "The state learns what is there; nothing is changed", commands: imported },
    {
      what: "The first update: it changes what is said above, and nothing else",
      commands: [`${forced} npm run preview:engine -- ${stack}`, `${forced} npm run up -- ${stack}`],
    },
  ];
  return all.filter(({ commands }) => commands.length > 0);
}

/**
 * Makes the provider set fields that `kubectl` owns, once: in its preview it would otherwise end in a conflict. Source:
 * pulumi-kubernetes 4.34, `enablePatchForce`.
 */
const forced = "PULUMI_K8S_ENABLE_PATCH_FORCE=true";

function importCommand(stack: string, file: string, protect: boolean): string {
  return `npx pulumi import --stack ${stack} --file ${file} --protect=${protect} --generate-code=false --yes`;
}

/** A shell script of commands, which stops at the first that fails. */
export function script(what: string, commands: readonly string[]): string {
  return ["#!/bin/sh", `# ${what}`, "set -eu", "", ...commands, ""].join("\n");
}
