/** The stack files that docs/runbooks/moving shows: each is one that the program takes, and follows from the one before it. */
import { readFileSync, readdirSync } from "node:fs";
import { parse } from "yaml";
import { describe, expect, it } from "vitest";
import { problems } from "../../support/stack.ts";

const folder = "docs/runbooks/moving";
interface Server {
  readonly kind: string;
  readonly generation?: number;
  readonly step?: string;
}
type Database = Server & { readonly beside?: Server };

/** What stands below `database:` in the YAML of a page, in its order. */
function databasesOf(page: string): Database[] {
  const blocks = [...readFileSync(`${folder}/${page}`, "utf8").matchAll(/```yaml\n([^]*?)```/g)].map(
    ([, text = ""]) => text,
  );
  const all = blocks.map((text) => parse(text) as { database?: Database; beside?: Server });
  return all.flatMap(({ database }) => (database === undefined ? [] : [database]));
}

const without = (group: object, setting: string) =>
  Object.fromEntries(Object.entries(group).filter(([name]) => name !== setting));

/** Only what is shown: what production's file has beside it goes. */
const alone = (database: object) => ({ size: null, nodes: null, storage: null, ...database });
const pages = readdirSync(folder).filter((page) => databasesOf(page).length > 0);

describe("a page about moving data", () => {
  it("is there for every move that changes a server", () => {
    expect(pages).toEqual(["postgres-version.md", "storage-class.md", "to-cluster.md", "to-managed.md"]);
  });

  it.each(pages)("%s shows settings that are accepted, and the two servers in each other's place", (page) => {
    const shown = databasesOf(page);
    for (const database of shown)
      expect(problems("prod", { "doks-systems:gx": { database: alone(database) } }), JSON.stringify(database)).toEqual(
        [],
      );
    const plain = (shown: Database) => without(shown, "beside");
    const [first, last] = [shown[0], shown.at(-1)];
    if (first?.beside === undefined || last?.beside === undefined) throw new Error(`${page} shows no server beside`);
    expect(plain(last)).toEqual(without(first.beside, "step"));
    // Its number and its storage are written out there.
    expect(last.beside).toMatchObject(plain(first));
    expect(last.beside.generation).toBe(1);
  });
});
