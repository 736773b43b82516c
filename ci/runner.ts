/** What an update in phases needs, from the user's own engine, account and state. */
import { spawnSync } from "node:child_process";
import { launcher, root } from "../commands/engine.ts";
import type { Runner } from "../phases/in-order.ts";
import { project } from "../settings/reading/keys.ts";
import type { FactsByKey } from "../settings/rules/index.ts";

/** @param update runs `pulumi up` with further options */
export function runnerOf(stack: string, facts: FactsByKey, update: Runner["update"]): Runner {
  const token = process.env["DIGITALOCEAN_TOKEN"] ?? process.env["DIGITALOCEAN_ACCESS_TOKEN"];
  const ask = (...args: string[]) => asked([...args, "--stack", stack]);
  return {
    access: {
      token: token ?? ask("config", "get", "digitalocean:token"),
      password: (key) => {
        const system = key.slice(project.length + 1);
        return facts[key]?.pullSecret.kind === "credentials"
          ? ask("config", "get", "--path", `${project}:secrets.${system}.registryPassword`)
          : undefined;
      },
    },
    known: () => Promise.resolve(urnsIn(ask("stack", "export"))),
    update,
    say: (text) => {
      console.error(text);
    },
    again: `npm run up -- ${stack}`,
  };
}

/** URNs in an exported state. */
function urnsIn(state: string | undefined): Set<string> {
  if (state === undefined) return new Set();
  const { deployment } = JSON.parse(state) as { deployment: { resources?: { urn: string }[] } };
  return new Set((deployment.resources ?? []).map(({ urn }) => urn));
}

/** What a command of the CLI prints; undefined if it fails, such as for a value that is not set. */
function asked(args: readonly string[]): string | undefined {
  const { status, stdout } = spawnSync(launcher, [...args, "--non-interactive"], {
    ...{ cwd: root, encoding: "utf8", maxBuffer: 2 ** 28, stdio: ["ignore", "pipe", "ignore"] },
  });
  return status === 0 ? stdout.trim() : undefined;
}
