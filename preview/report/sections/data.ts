/** The section on data: where it is, and what a change does to it. Pure. */
import type { DataPlace } from "../../review/data/places.ts";
import type { DataFate } from "../../review/data/fates.ts";
import type { Review } from "../../review/review.ts";
import { count } from "../words.ts";
import type { Cell, Item, Section, Tone } from "../section.ts";

const tones: Readonly<Record<DataFate["fate"], Tone>> = {
  lost: "bad",
  "starts empty": "bad",
  refused: "bad",
  "comes back": "warn",
  "stays unmanaged": "warn",
  new: "good",
  stays: "plain",
};
/** The most serious first. */
const order = Object.keys(tones) as DataFate["fate"][];

/** Where data is; undefined if the stack has none. */
export function dataSection({
  data,
  change,
}: Pick<Review, "data"> & { readonly change: unknown }): Section | undefined {
  if (data.length === 0) return undefined;
  const sorted = data.toSorted((a, b) => order.indexOf(a.fate) - order.indexOf(b.fate));
  const isCompared = change !== undefined;
  return {
    id: "data",
    title: "Data",
    verdict: isCompared ? verdict(sorted) : { text: inWords(data.map(({ place }) => place)), tone: "plain" },
    note: "what is in volumes, buckets and managed servers, and keys that only Pulumi's state has; and what becomes of each when its resource goes",
    items: sorted.flatMap(itemOf),
    table: {
      head: ["system", "what", "when its resource goes", ...(isCompared ? ["this change"] : [])],
      rows: sorted.map(({ place, fate }) => [
        place.system,
        { text: place.what, urn: place.urn },
        place.outlives,
        ...(isCompared ? [{ text: fate, tone: tones[fate] } satisfies Cell] : []),
      ]),
    },
    folded: true,
  };
}

function itemOf({ place, fate, text, reason, page, fix }: DataFate): Item[] {
  if (text === undefined) return [];
  const because = reason === undefined ? "" : `, because of ${reason}`;
  return [
    {
      ...{ tone: tones[fate], what: fate, text: `${text}${because}` },
      resource: { urn: place.urn, label: place.label },
      ...(page !== undefined && { page }),
      ...(fix !== undefined && { fix }),
    },
  ];
}

/** `1 is lost, 2 start empty`; what stays is not counted. */
function verdict(fates: readonly DataFate[]): Section["verdict"] {
  const words: Readonly<Partial<Record<DataFate["fate"], (one: boolean) => string>>> = {
    lost: (one) => (one ? "is lost" : "are lost"),
    "starts empty": (one) => (one ? "starts empty" : "start empty"),
    refused: (one) => (one ? "is refused" : "are refused"),
    "comes back": (one) => (one ? "comes back" : "come back"),
    "stays unmanaged": (one) => (one ? "stays without Pulumi" : "stay without Pulumi"),
  };
  const parts = order.flatMap((fate) => {
    const amount = fates.filter((one) => one.fate === fate).length;
    const text = words[fate]?.(amount === 1);
    return amount === 0 || text === undefined ? [] : [`${amount} ${text}`];
  });
  const [worst = "stays"] = fates.map(({ fate }) => fate);
  if (parts.length === 0) return { text: "all of it stays", tone: "good" };
  return { text: parts.join(", "), tone: tones[worst] };
}

/** `14 volumes, 5 buckets, 1 managed server`. */
function inWords(places: readonly DataPlace[]): string {
  const nouns = { volumes: "volume", bucket: "bucket", server: "managed server", key: "private key" } as const;
  return Object.entries(nouns)
    .map(
      ([kind, noun]) =>
        [places.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.count, 0), noun] as const,
    )
    .filter(([amount]) => amount > 0)
    .map(([amount, noun]) => count(amount, noun))
    .join(", ");
}
