/** The guide to taking over a running installation names what the program takes over. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readStackFile } from "../../../graph/render/configuration.ts";
import { parseSettings, systemNames } from "../../../systems/settings.ts";

const inCluster = { kind: "in-cluster", size: null, nodes: null, name: null, tls: null, connectionPool: null };
/** Settings with which each system has the most of its own. */
const most = {
  "doks-systems:gx": { database: inCluster, redis: inCluster },
  "doks-systems:dotdo": {
    redis: { kind: "in-cluster" },
    apiKey: "generated",
    storage: { kind: "r2", endpoint: "https://r2.example.com", bucket: "objects" },
  },
  "doks-systems:bowmark": { bucket: { kind: "existing", region: "nyc3" } },
  "doks-systems:caracal": { certificates: { kind: "given" }, database: inCluster, redis: inCluster },
};

describe("docs/taking-over.md", () => {
  it("has a row for each value that a running system has in a Secret, and no other", () => {
    const { facts } = parseSettings("prod", readStackFile("prod", most));
    const expected = systemNames.flatMap((name) =>
      (facts[`doks-systems:${name}`]?.taken ?? []).map(
        ({ secret, key, part, setting, insteadOf = "required anyway" }) => [
          name,
          `\`${secret}\` / \`${key}\`${part === undefined ? "" : `, ${part}`}`,
          `\`secrets.${setting}\``,
          insteadOf,
        ],
      ),
    );
    const rows = readFileSync("docs/taking-over.md", "utf8")
      .split("\n")
      .filter((line) => line.includes("`secrets."))
      .filter((line) => line.startsWith("|"))
      .map((line) =>
        line
          .split("|")
          .slice(1, -1)
          .map((cell) => cell.trim()),
      );
    expect(rows).toEqual(expected);
  });
});
