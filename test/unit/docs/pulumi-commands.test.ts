/** Whoever pastes a command that we print or document gets this project's Pulumi, and the stack that is meant. */
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const verbs =
  "about|cancel|config|destroy|env|import|install|login|logout|logs|new|org|package|plugin|policy|preview|refresh|stack|state|up|version|whoami";
const command = new RegExp(`(?:npx )?\\bpulumi (?:${verbs})\\b[^\`;,)\\n]*`, "g");

/** Commands that no stack is selected for. */
const stackless = /^npx pulumi (about|login|logout|new|org|plugin|version|whoami|stack (init|ls|select))\b/;

/** Where Pulumi's own command is named, not given to be pasted; by file and text. */
const concepts: Readonly<Record<string, readonly string[]>> = {
  // What the preview stands for: the headline of its tree and of its changes.
  "README.md": ["pulumi up --stack prod would create", "pulumi up --stack prod would change", "pulumi up"],
  "docs/decisions/0015-sandbox.md": ["pulumi up"],
  "docs/sandbox.md": ["pulumi up"],
  "docs/runbooks/interrupted.md": ["npx pulumi import"],
  "docs/decisions/0016-preflight.md": ["npx pulumi import"],
  "commands/declarations.ts": ["pulumi up", "pulumi preview", "pulumi destroy"],
};

function isWhole(text: string): boolean {
  return text.startsWith("npx ") && (text.includes(" --stack ") || stackless.test(text));
}

function isConcept(file: string, text: string): boolean {
  const generated = /^pulumi up --stack \S+ would (create|change)/.test(text);
  return generated || (concepts[file] ?? []).some((concept) => text.trim().startsWith(concept) && !isPasted(text));
}

/** A command with words after its verb is one to paste. */
function isPasted(text: string): boolean {
  return / --?[a-z]| '/.test(text) && !text.includes("would");
}

/** Code in Markdown: fences, and spans between backticks. */
function codeOf(markdown: string): string[] {
  return [...markdown.matchAll(/```[^]*?```|`[^`]+`/g)].map(([text]) => text);
}

/** The literal parts of a program; comments are none. */
function stringsOf(file: string): string[] {
  const found: string[] = [];
  const walk = (node: ts.Node) => {
    if (ts.isStringLiteralLike(node)) found.push(node.text);
    else if (ts.isTemplateExpression(node))
      found.push(node.head.text + node.templateSpans.map(({ literal }) => `…${literal.text}`).join(""));
    ts.forEachChild(node, walk);
  };
  walk(ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.ES2024));
  return found;
}

const listed = spawnSync("git", ["ls-files", "-z"], { encoding: "utf8" });
const files = (listed.status === 0 ? listed.stdout : "")
  .split("\0")
  .filter((path) => path !== "" && existsSync(path) && !path.startsWith("test/"));
if (files.length === 0) console.warn("skipped: Pulumi's commands in texts, outside a git checkout");

function wrongIn(file: string, texts: readonly string[]): string[] {
  const commands = texts.flatMap((text) => [...text.matchAll(command)].map(([found]) => found.trim()));
  return commands.filter((one) => !isWhole(one) && !isConcept(file, one)).map((one) => `${file}: ${one}`);
}

describe.skipIf(files.length === 0)("a command of Pulumi's", () => {
  it("is given with npx and its stack in every page of the documentation", () => {
    const pages = files.filter((file) => file.endsWith(".md"));
    expect(pages.flatMap((file) => wrongIn(file, codeOf(readFileSync(file, "utf8"))))).toEqual([]);
  });

  it("is given with npx and its stack in every message of the program", () => {
    const sources = files.filter((file) => file.endsWith(".ts"));
    expect(sources.flatMap((file) => wrongIn(file, stringsOf(file)))).toEqual([]);
  });

  it("is given with npx and its stack in comments of stack files and in pipelines", () => {
    const others = files.filter((file) => /\.(ya?ml|sh)$/.test(file));
    expect(others.flatMap((file) => wrongIn(file, [readFileSync(file, "utf8")]))).toEqual([]);
  });

  it("is found where it lacks them", () => {
    expect(wrongIn("x.md", codeOf("`pulumi config set --secret a` and ```\nnpx pulumi up\n```"))).toEqual([
      "x.md: pulumi config set --secret a",
      "x.md: npx pulumi up",
    ]);
    expect(wrongIn("x.md", ["npx pulumi login", "npx pulumi cancel --stack prod"])).toEqual([]);
  });
});
