/** What Hermes contributes to the settings, with the facts that only this system has. */
import type { SystemFacts } from "../../settings/slices/facts.ts";
import type { PostgresServerSetting } from "../../settings/slices/postgres/servers.ts";
import { heldElsewhere, systemSlice } from "../../settings/slices/system.ts";
import { hermesDifferences } from "./differences.ts";
import { hermesShapes } from "./shapes.ts";
import { hermesSecrets, hermesSetting, type HermesSetting } from "./settings.ts";
import { hermesTaken } from "./taken.ts";

export const hermesSlice = systemSlice({
  setting: hermesSetting,
  secrets: hermesSecrets,
  shapes: hermesShapes,
  differences: hermesDifferences,
  taken: hermesTaken,
  facts: ({ database: { beside, ...database }, ...settings }) => ({
    outside: {
      substreamsEndpoint: { what: `Substreams at ${settings.substreamsEndpoint}`, needs: "an account with its token" },
      ipfsGateway: { what: `IPFS gateway ${settings.ipfsGateway}`, needs: "answers requests from the cluster" },
    },
    refused: {
      ...(settings.imageSupports.databaseTls ? {} : tlsRefused("database", database)),
      // Before the writers stop for a server that they could not use.
      ...(settings.imageSupports.databaseTls || beside?.step !== "copy" ? {} : tlsRefused("database.beside", beside)),
      ...rangeRefused(settings),
      ...namesRefused(settings.variableNames),
      ...heldElsewhere(settings.existingSecrets, [
        { secret: "ipfs-cache-db-credentials", path: "database", kind: database.kind, what: "password" },
      ]),
    },
  }),
});

/** Refuses an end block that the stream has passed when it begins. */
function rangeRefused({
  startBlock,
  endBlock,
}: Pick<HermesSetting, "startBlock" | "endBlock">): SystemFacts["refused"] {
  if (endBlock === 0 || startBlock < endBlock) return {};
  const problem = `is not after startBlock, ${startBlock}: the stream would end before it begins`;
  return { endBlock: { value: endBlock, problem, fix: "use a later block, or 0 to stream for ever" } };
}

/** Refuses one name for two variables of the container. */
function namesRefused(names: HermesSetting["variableNames"]): SystemFacts["refused"] {
  const all = Object.entries(names);
  const twice = all.find(([, name], i) => all.findIndex(([, other]) => other === name) < i);
  if (twice === undefined) return {};
  const [setting, name] = twice;
  const problem = "is the name of another variable, too";
  return { [`variableNames.${setting}`]: { value: name, problem, fix: "give each its own name" } };
}

/** Refuses servers that are reached over TLS, as long as the image cannot do that. */
function tlsRefused(path: string, database: PostgresServerSetting): SystemFacts["refused"] {
  if (database.kind === "in-cluster" || (database.kind === "existing" && database.tls === "disable")) return {};
  const managed = database.kind === "managed";
  return {
    [`${path}.${managed ? "kind" : "tls"}`]: {
      value: managed ? database.kind : database.tls,
      problem: "asks for TLS, and the published image's driver has none: it would end at its start",
      fix: `use ${managed ? '"in-cluster"' : '"disable"'}, or set imageSupports.databaseTls once the image has it`,
    },
  };
}
