/** What was found, as sections in the form of a review's. Pure. */
import type { Item, Section } from "../../preview/report/section.ts";
import type { Agreed } from "../agree/agree.ts";
import type { Suggestion } from "../agree/suggestion.ts";
import type { HandOver } from "../preparation.ts";
import type { Neighbour } from "../neighbours.ts";
import type { TakenOver } from "./secrets.ts";

/** Neighbours that are named one by one; the others are counted. */
const mostNamed = 12;

/** Settings that make the program agree, and those that were refused. */
export function settingsSection({ suggestions, refused }: Pick<Agreed, "suggestions" | "refused">): Section {
  const rows = suggestions.map(({ path, value, why }) => [
    { text: path, code: true },
    { text: JSON.stringify(value), code: true },
    why,
  ]);
  return {
    id: "settings",
    title: "Settings that agree",
    verdict: { text: suggestions.length === 0 ? "as they are" : `${suggestions.length} to change`, tone: "plain" },
    ...(suggestions.length === 0 ? {} : { note: "a wrong one is left out with --refuse <setting>" }),
    items: refused.map(({ path, why }: Suggestion) => ({ tone: "faint", what: "refused", text: `${path}: ${why}` })),
    ...(rows.length === 0 ? {} : { table: { head: ["setting", "becomes", "because"], rows } }),
  };
}

/** Passwords and keys that exist; undefined if there is none. */
export function takenOverSection(secrets: readonly TakenOver[]): Section | undefined {
  if (secrets.length === 0) return undefined;
  return {
    id: "taken-over",
    title: "Passwords and keys that exist",
    verdict: { text: `${secrets.length} to take over; none is shown`, tone: "plain" },
    items: [],
    table: {
      head: ["secret of the stack", "from"],
      rows: secrets.map(({ setting, from }) => [{ text: `secrets.${setting}`, code: true }, from]),
    },
  };
}

/** Objects that another program deploys. */
export function handOverSection(objects: readonly HandOver[]): Section | undefined {
  if (objects.length === 0) return undefined;
  const groups = Map.groupBy(objects, ({ managers, release, gitOps }) =>
    release === undefined ? (gitOps ?? managers.join(", ")) : `Helm, release ${release}`,
  );
  const items = [...groups].map(([who, all]): Item => {
    const names = all.slice(0, 3).map(({ kind, name }) => `${kind} ${name}`);
    const more = all.length > 3 ? ` and ${all.length - 3} more` : "";
    return { tone: "warn", what: who, text: `deploys ${names.join(", ")}${more}`, fix: letGo(all) };
  });
  return {
    id: "hand-over",
    title: "Deployed by others",
    verdict: { text: `${objects.length} ${objects.length === 1 ? "object" : "objects"} to hand over`, tone: "warn" },
    note: "what else they have set would stay, a second container too",
    items,
  };
}

function letGo(objects: readonly HandOver[]): string {
  if (objects.some(({ gitOps }) => gitOps !== undefined))
    return "take it out of the repository that it is deployed from first, or it is set back";
  const [one] = objects;
  if (one?.release === undefined) return "stop deploying it from there";
  return `never helm uninstall, which deletes all of it: prepare.sh has Helm forget the release`;
}

/** What else is there. */
export function neighboursSection(all: readonly Neighbour[]): Section {
  const reached = all.filter(({ selectedBy }) => selectedBy.length > 0);
  const data = all.filter(({ holdsData, selectedBy }) => holdsData && selectedBy.length === 0);
  const named = [...reached, ...data].slice(0, mostNamed);
  const rest = all.length - named.length;
  return {
    id: "neighbours",
    title: "Neighbours",
    verdict:
      reached.length > 0
        ? { text: `${reached.length} of ${all.length} would be reached`, tone: "bad" }
        : { text: all.length === 0 ? "none" : `${all.length}, none of them touched`, tone: "good" },
    note: "objects in the systems' namespaces that the program neither makes nor takes over; they stay outside",
    items: [
      ...named.map(({ kind, namespace, name, selectedBy, holdsData }): Item =>
        selectedBy.length > 0
          ? {
              tone: "bad",
              text: `${kind} ${namespace}/${name} has the labels that ${selectedBy.join(", ")} of the program selects`,
            }
          : { tone: "plain", text: `${kind} ${namespace}/${name}${holdsData ? " holds data and stays as it is" : ""}` },
      ),
      ...(rest > 0
        ? [{ tone: "plain" as const, text: `and ${rest} more: ${counted(all.filter((one) => !named.includes(one)))}` }]
        : []),
    ],
  };
}

function counted(all: readonly Neighbour[]): string {
  const kinds = Map.groupBy(all, ({ kind }) => kind);
  return [...kinds].map(([kind, some]) => `${some.length} ${kind}`).join(", ");
}

/** What could not be looked at; undefined if all could. */
export function unseenSection(unseen: readonly string[], remarks: readonly string[]): Section | undefined {
  if (unseen.length + remarks.length === 0) return undefined;
  return {
    id: "unseen",
    title: "Not looked at",
    verdict: {
      text:
        unseen.length === 0 ? "a part" : `${unseen.length} could not be listed: what is in them is unknown, not absent`,
      tone: "warn",
    },
    items: [...unseen, ...remarks].map((text) => ({ tone: "warn", text })),
  };
}
