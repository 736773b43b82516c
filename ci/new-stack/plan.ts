/** Turns the file of one stack into that of another, which shares nothing with any stack that is there. Pure. */
import { Draft, type Choice, type Known } from "./draft.ts";
import type { Names } from "./names.ts";
import { onClusterOf } from "./one-cluster.ts";
import { outsideOf, type Outside } from "./outside.ts";

/** The file of a new stack, and how it came about. */
export interface Plan {
  readonly text: string;
  readonly choices: readonly Choice[];
  /** What the new stack would still share with its template, or what must be there before it. */
  readonly outside: readonly Outside[];
  /** Paths of the encrypted values that were left out. */
  readonly secretsLeftOut: readonly string[];
  /** The key provider of the template's secrets, `awskms://…`; undefined for Pulumi Cloud's own or a passphrase. */
  readonly secretsProvider: string | undefined;
}

/**
 * @param template the stack that is copied
 * @param others all stacks that are there, the template among them
 * @param account `platform.account` of the new stack @default the template's
 * @throws {Explained} if no such stack can be
 */
export function plan(
  names: Names,
  text: string,
  template: Known,
  others: readonly Known[],
  account: string | undefined = template.platform.account,
): Plan {
  const draft = new Draft(names, text, template, others, account);
  const { secretsprovider } = draft.file.withoutFileKeys(["secretsprovider", "encryptedkey", "encryptionsalt"]);
  const secretsLeftOut = draft.file.withoutSecrets();
  draft.account();
  if (template.platform.cluster.source === "create") draft.cluster();
  else onClusterOf(draft);
  draft.registry();
  draft.domains();
  draft.hosts();
  draft.buckets();
  draft.managed();
  return {
    text: aboutNewStack(draft.file.toString(), names),
    choices: draft.choices,
    outside: outsideOf(draft),
    secretsLeftOut,
    secretsProvider: typeof secretsprovider === "string" ? secretsprovider : undefined,
  };
}

/** Comments name commands with the template's name. */
function aboutNewStack(text: string, { from, to }: Names): string {
  const escaped = from.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");
  const named = new RegExp(`(--stack|npm run [\\w:]+ --) ${escaped}(?![\\w-])`, "g");
  return text.replaceAll(/#.*$/gm, (comment) => comment.replaceAll(named, `$1 ${to}`));
}
