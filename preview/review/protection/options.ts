/** Resources that the engine, or their provider, would let go more easily. Pure. */
import { isMade, label, type Resource } from "../../../graph/resource.ts";
import { loss, type Loss, type Pair, type Revisions } from "./loss.ts";

const most = 6;

/** What loses `protect` or `retainOnDelete`; if the whole stack does, because it is no longer production, that alone. */
export function optionLosses(revisions: Revisions): Loss[] {
  // The engine refuses to replace what is protected in its state: nothing is lost there.
  const replaced = new Set(
    revisions.changes.filter(({ operation }) => operation === "replace").map(({ resource }) => resource.urn),
  );
  const bare = revisions.pairs
    .filter(({ now }) => isMade(now) && !replaced.has(now.urn))
    .filter((pair) => unprotected(pair) || unretained(pair));
  return leftProduction(revisions) ? [environmentLoss(revisions, bare)] : bare.map(optionLoss);
}

/** Whether the stack was production and no longer is. */
export function leftProduction({ before, after, allAfter }: Revisions): boolean {
  return before.production && !after.production && allAfter.size > 0;
}

function environmentLoss({ before, after, allAfter }: Revisions, bare: readonly Pair[]): Loss {
  const platform = [...allAfter.values()].find(({ type }) => type === "doks-systems:platform:Platform");
  const names = bare.map(({ now }) => label(now));
  const more = names.length > most ? ` and ${names.length - most} more` : "";
  const [was, is] = [before.environment ?? "", after.environment ?? "none"];
  return loss((platform ?? bare[0]?.now) as Resource, {
    ...{ level: "stop", was, is, setting: "platform.environment" },
    text: `is no longer production: ${names.length} resources lose their protection`,
    meaning: `a later update may delete them with their data: ${names.slice(0, most).join(", ")}${more}`,
  });
}

function unprotected({ old, now }: Pair): boolean {
  return old.protect && !now.protect;
}

function unretained({ old, now }: Pair): boolean {
  return old.retainOnDelete === true && now.retainOnDelete !== true;
}

function optionLoss(pair: Pair): Loss {
  const names = (one: Resource) =>
    [...(one.protect ? ["protect"] : []), ...(one.retainOnDelete === true ? ["retainOnDelete"] : [])].join(", ");
  const texts = [
    ...(unprotected(pair) ? ["loses its protection"] : []),
    ...(unretained(pair) ? ["is no longer kept when it is removed"] : []),
  ];
  return loss(pair.now, {
    ...{ level: "stop", text: texts.join(" and "), was: names(pair.old), is: names(pair.now) || "neither" },
    meaning: unprotected(pair)
      ? "a later update may delete or replace it"
      : "with its resource its data is deleted, too",
  });
}
