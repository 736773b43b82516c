/** Rules about two PostgreSQL servers of one system, while data moves from one to the other. */
import type { Problem } from "../reading/error.ts";
import type { SystemFacts } from "../slices/facts.ts";
import type { PostgresServerSetting } from "../slices/postgres/servers.ts";
import { forEachSystem, wrong, type Rule } from "./rule.ts";

interface Two {
  readonly key: string;
  readonly serving: PostgresServerSetting;
  readonly beside: PostgresServerSetting & { readonly step?: string };
}

const forEachTwo = (check: (two: Two) => Problem[]): Rule =>
  forEachSystem((key, { services }) => {
    const [serving, beside] = [postgresAt(services, "database"), postgresAt(services, "database.beside")];
    return serving === undefined || beside === undefined ? [] : check({ key, serving, beside });
  });

function postgresAt(services: SystemFacts["services"], path: string): PostgresServerSetting | undefined {
  const found = services[path];
  return found !== undefined && "generation" in found ? found : undefined;
}

/** Resources, objects and DNS names follow from the number. */
const numbers = forEachTwo(({ key, serving, beside }) => {
  if (serving.generation !== beside.generation) return [];
  const fix = `give the new one generation: ${serving.generation + 1}, and the old one the number that it had`;
  const at = `${key}.database.beside.generation`;
  return [wrong(at, beside.generation, "is the number of `database` too", fix, `${key}.database.generation`)];
});

const onePassword = forEachTwo(({ key, serving, beside }) => {
  if (serving.kind !== "existing" || beside.kind !== "existing") return [];
  const fix = "move to a server of this program's first, or copy between the two by hand (docs/runbooks/restore.md)";
  const problem = "would need a second password: `databasePassword` is one server's";
  return [wrong(`${key}.database.beside.kind`, beside.kind, problem, fix, `${key}.database.kind`)];
});

/** pg_dump writes for its own major version and later ones. Source: PostgreSQL, "pg_dump", Notes. */
const notOlder = forEachTwo(({ key, serving, beside }) => {
  if (beside.step !== "copy" || Number(beside.version) >= Number(serving.version)) return [];
  const problem = `is older than the server that is copied, ${serving.version}: an older PostgreSQL cannot read it`;
  return [wrong(`${key}.database.beside.version`, beside.version, problem, `use ${serving.version} or later`)];
});

export const movingRules: readonly Rule[] = [numbers, onePassword, notOlder];
