/**
 * Reads a stack file as its author wrote it, before the engine decrypts it and before the schemas check it. Size, depth and
 * number of values are limited, so that no file makes the reader slow or crash.
 */
import { readFileSync } from "node:fs";
import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument, type Document, type ParsedNode } from "yaml";
import { SettingsError, type Problem } from "./error.ts";
import { isGroup } from "./group.ts";
import { stepsOf } from "./paths.ts";

/** A stack file that could be read. */
export interface StackFile {
  /** The whole file as plain values. */
  readonly content: Readonly<Record<string, unknown>>;
  /** The part below `config`: settings by key with namespace. */
  readonly config: Readonly<Record<string, unknown>>;
  /** Keys that the file has twice. */
  readonly problems: readonly Problem[];
  /** Line of a setting, or of the nearest group above it that the file has; undefined if it has none. */
  readonly lineOf: (path: string) => number | undefined;
}

/** Limits far above what a stack file needs, which has some hundred values. */
const most = { bytes: 2 ** 20, values: 20_000, depth: 50 };

/**
 * Reads `Pulumi.<stack>.yaml` of a folder.
 *
 * @throws {SettingsError} with one problem if the file cannot be read, is not YAML, has no settings, or exceeds a limit
 */
export function readStackFile(stack: string, folder = "."): StackFile {
  let text: string;
  try {
    text = readFileSync(`${folder}/${fileName(stack)}`, "utf8");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const fix = code === "ENOENT" ? "name a stack that has a file, such as prod, staging or local" : whyUnread(code);
    throw wrongFile(stack)("cannot be read", fix);
  }
  return stackFileFrom(stack, text);
}

/**
 * Reads the text of a stack file.
 *
 * @throws {SettingsError} with one problem if it is not YAML, has no settings, or exceeds a limit
 */
export function stackFileFrom(stack: string, text: string): StackFile {
  const wrong = wrongFile(stack);
  if (text.length > most.bytes) throw wrong(`has ${text.length} bytes`, `a stack file has at most ${most.bytes}`);
  const lines = new LineCounter();
  const document = parsed(text, lines, wrong);
  const content = plain(document, wrong);
  if (!isGroup(content) || !isGroup(content["config"]))
    throw wrong("has no settings", "put them below a key named config");
  return {
    content,
    config: content["config"],
    problems: repeatedKeys(document, lines, fileName(stack)),
    lineOf: (path) => lineOf(document, lines, path),
  };
}

type Wrong = (problem: string, fix: string) => SettingsError;

function wrongFile(stack: string): Wrong {
  return (problem, fix) => new SettingsError(stack, [{ path: fileName(stack), value: "file", problem, fix }]);
}

/** What to do about a file that is there and is refused, by the code of the refusal. */
function whyUnread(code = ""): string {
  if (code === "EACCES" || code === "EPERM") return "give yourself the right to read it: chmod u+r";
  return code === "EISDIR" ? "it is a folder; the file of a stack has this name" : `see what the disk says: ${code}`;
}

function fileName(stack: string): string {
  return `Pulumi.${stack}.yaml`;
}

function parsed(text: string, lines: LineCounter, wrong: Wrong): Document.Parsed {
  let document: Document.Parsed;
  try {
    // Without `uniqueKeys`, which compares every key with every other one; `repeatedKeys` needs one pass.
    document = parseDocument(text, { lineCounter: lines, uniqueKeys: false, merge: true, logLevel: "silent" });
  } catch {
    throw wrong("is nested too deeply", `a stack file has at most ${most.depth} levels`);
  }
  const [error] = document.errors;
  if (error === undefined) return document;
  throw wrong("is not YAML", `mend line ${error.linePos?.[0].line ?? "?"}: ${error.message.split("\n")[0] ?? ""}`);
}

/** The document as plain values, with aliases expanded. The values are counted, because aliases of aliases can be billions. */
function plain(document: Document.Parsed, wrong: Wrong): unknown {
  const many = wrong("has too many values, by aliases too", `a stack file has at most ${most.values}`);
  if (nodes(document.contents) > most.values) throw many;
  let content: unknown;
  try {
    content = document.toJS();
  } catch {
    throw many;
  }
  const left: [unknown, number][] = [[content, 0]];
  let seen = 0;
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const [value, depth] = next;
    if (++seen > most.values) throw many;
    if (depth > most.depth) throw wrong("is nested too deeply", `a stack file has at most ${most.depth} levels`);
    if (typeof value !== "object" || value === null) continue;
    for (const inner of Object.values(value)) left.push([inner, depth + 1]);
  }
  return content;
}

function nodes(root: ParsedNode | null): number {
  const left: unknown[] = [root];
  let seen = 0;
  while (left.length > 0 && seen <= most.values) {
    const node = left.pop();
    seen += 1;
    if (isMap(node)) for (const { key, value } of node.items) left.push(key, value);
    else if (isSeq(node)) for (const item of node.items) left.push(item);
  }
  return seen;
}

/** A problem for each key that a group has twice, since YAML readers differ about which of the two counts. */
function repeatedKeys(document: Document.Parsed, lines: LineCounter, file: string): Problem[] {
  const problems: Problem[] = [];
  const left: unknown[] = [document.contents];
  for (let node = left.pop(); node !== undefined; node = left.pop()) {
    if (isSeq(node)) left.push(...node.items);
    if (!isMap(node)) continue;
    const known = new Set<string>();
    for (const { key, value } of node.items) {
      if (value !== null) left.push(value);
      const name = isScalar(key) ? String(key.value) : undefined;
      if (name === undefined || name === "<<") continue;
      if (known.has(name)) {
        const line = isScalar(key) && key.range ? lines.linePos(key.range[0]).line : "?";
        const problem = `is there twice in one group, the second time in line ${line}`;
        problems.push({ path: file, value: name, problem, fix: "remove one of the two" });
      }
      known.add(name);
    }
  }
  return problems;
}

/** Line of the setting at a path, or of the nearest group above it. */
function lineOf(document: Document.Parsed, lines: LineCounter, path: string): number | undefined {
  const steps = stepsOf(path);
  const config = isMap(document.contents) ? entry(document.contents, "config") : undefined;
  const first = config === undefined ? undefined : entry(config.value, steps[0] ?? "");
  let found = first ?? (isMap(document.contents) ? entry(document.contents, steps[0] ?? "") : undefined);
  if (found === undefined) {
    return steps[0]?.includes(":") === true && config !== undefined ? lines.linePos(config.offset).line : undefined;
  }
  for (const step of steps.slice(1)) {
    const value: unknown = isAlias(found.value) ? found.value.resolve(document) : found.value;
    const next = entry(value, step);
    if (next === undefined) break;
    found = next;
  }
  return lines.linePos(found.offset).line;
}

function entry(node: unknown, step: string): { offset: number; value: unknown } | undefined {
  if (isSeq(node)) {
    const item = node.items[Number(step)] as ParsedNode | undefined;
    return item?.range ? { offset: item.range[0], value: item } : undefined;
  }
  if (!isMap(node)) return undefined;
  const pair = node.items.find(({ key }) => isScalar(key) && String(key.value) === step);
  if (pair === undefined || !isScalar(pair.key) || !pair.key.range) return undefined;
  return { offset: pair.key.range[0], value: pair.value };
}
