/** A stack file that is edited as text with structure, so that comments, order and style of the rest stay. */
import { isMap, isScalar, isSeq, parseDocument, type Document } from "yaml";
import { Explained } from "../../commands/explained.ts";
import { stepsOf } from "../../settings/reading/paths.ts";

/** A stack file to be changed. */
export class StackDocument {
  readonly #document: Document;

  /** @param text of the template */
  constructor(text: string) {
    this.#document = parseDocument(text);
  }

  /** The value of a setting by its path, `doks-systems:platform.registry`; undefined if the file does not say it. */
  get(path: string): unknown {
    const value = this.#document.getIn(["config", ...stepsOf(path)]);
    return isMap(value) || isSeq(value) ? (value.toJSON() as unknown) : value;
  }

  /**
   * Gives a setting another value.
   *
   * @throws {Explained} where an alias stands in the way, which is the value of another place too
   */
  set(path: string, value: unknown): void {
    const steps = ["config", ...stepsOf(path)];
    const old = this.#document.getIn(steps, true);
    try {
      if (isScalar(old) && typeof value !== "object") old.value = value;
      else this.#document.setIn(steps, this.#document.createNode(value, { flow: true }));
    } catch {
      throw new Explained(
        `${path} is written with an alias (*), which cannot be changed by itself: write it out in the template`,
      );
    }
  }

  delete(path: string): void {
    this.#document.deleteIn(["config", ...stepsOf(path)]);
  }

  /** Removes keys beside `config`, and returns those that were there with their values. */
  withoutFileKeys(keys: readonly string[]): Readonly<Record<string, unknown>> {
    const found = keys.filter((key) => this.#document.has(key));
    const values = found.map((key) => [key, this.#document.get(key)] as const);
    for (const key of found) this.#document.delete(key);
    return Object.fromEntries(values);
  }

  /** Removes every encrypted value, which only the template's own key can open, and returns their paths below `config`. */
  withoutSecrets(): string[] {
    return removeSecrets(this.#document.get("config"), []).map((steps) => steps.join("."));
  }

  /** Every text in the settings with its path. */
  texts(): [path: string, text: string][] {
    return textsIn(this.#document.get("config"), []);
  }

  toString(): string {
    return this.#document.toString({ lineWidth: 0, flowCollectionPadding: false });
  }
}

/** Paths of the encrypted values below a node, which are removed from it. Lists have none. */
function removeSecrets(node: unknown, path: readonly string[]): string[][] {
  if (!isMap(node)) return [];
  const found: string[][] = [];
  for (const { key, value } of [...node.items]) {
    const here = [...path, String(isScalar(key) ? key.value : key)];
    if (isMap(value) && value.items.length === 1 && value.has("secure")) {
      node.delete(key);
      found.push(here);
    } else found.push(...removeSecrets(value, here));
  }
  return found;
}

function textsIn(node: unknown, path: readonly string[]): [string, string][] {
  if (isMap(node))
    return node.items.flatMap(({ key, value }) => textsIn(value, [...path, String(isScalar(key) ? key.value : key)]));
  if (isSeq(node)) return node.items.flatMap((item, i) => textsIn(item, [...path, String(i)]));
  return isScalar(node) && typeof node.value === "string" ? [[path.join("."), node.value]] : [];
}
