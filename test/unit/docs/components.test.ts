/** What others build on is explained where it is declared. */
import { readFileSync, globSync } from "node:fs";
import ts from "typescript";
import { describe, expect, it } from "vitest";

/** Shortest text that can be a sentence about something. */
const shortest = 12;

/** Where an exported declaration of a file, or a member of one, has no comment of its own: `file:line name`. */
function undocumented(source: ts.SourceFile, interfaces: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  return source.statements.filter(isExported).flatMap((statement) => {
    // What an interface tells, whoever implements it need not tell again.
    const told = new Set(implemented(statement).flatMap((name) => [...(interfaces.get(name) ?? [])]));
    return [
      ...missing(source, statement, nameOf(statement)),
      ...members(statement)
        .filter((member) => !told.has(nameOf(member)))
        .flatMap((member) => missing(source, member, `${nameOf(statement)}.${nameOf(member)}`)),
    ];
  });
}

function implemented(node: ts.Node): string[] {
  if (!ts.isClassDeclaration(node)) return [];
  return (node.heritageClauses ?? [])
    .filter(({ token }) => token === ts.SyntaxKind.ImplementsKeyword)
    .flatMap(({ types }) => types.map(({ expression }) => expression.getText()));
}

function interfacesOf(source: ts.SourceFile): [string, ReadonlySet<string>][] {
  return source.statements
    .filter(ts.isInterfaceDeclaration)
    .map((one) => [one.name.text, new Set(one.members.map(nameOf))]);
}

function isExported(node: ts.Statement): boolean {
  const modifiers = ts.canHaveModifiers(node) ? (ts.getModifiers(node) ?? []) : [];
  return modifiers.some(({ kind }) => kind === ts.SyntaxKind.ExportKeyword);
}

/** What a caller sees of a declaration: properties of interfaces and of arguments that are written out, methods of classes. */
function members(node: ts.Node): ts.Node[] {
  if (ts.isInterfaceDeclaration(node)) return [...node.members].flatMap((one) => [one, ...literalsIn(one)]);
  if (ts.isTypeAliasDeclaration(node)) return literalsIn(node);
  if (ts.isFunctionDeclaration(node)) return node.parameters.flatMap(literalsIn);
  if (!ts.isClassDeclaration(node)) return [];
  const visible = node.members.filter((one) => {
    const modifiers = ts.canHaveModifiers(one) ? (ts.getModifiers(one) ?? []) : [];
    const isHidden = modifiers.some(({ kind }) =>
      [ts.SyntaxKind.PrivateKeyword, ts.SyntaxKind.ProtectedKeyword].includes(kind),
    );
    return !isHidden && one.name?.kind !== ts.SyntaxKind.PrivateIdentifier;
  });
  return visible.flatMap((one) => {
    if (ts.isConstructorDeclaration(one)) return one.parameters.flatMap(literalsIn);
    return ts.isMethodDeclaration(one) ? [one, ...one.parameters.flatMap(literalsIn)] : [one];
  });
}

/** The properties of object types inside a declaration; the discriminator of a union explains itself. */
function literalsIn(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  const visit = (inner: ts.Node): void => {
    if (ts.isTypeLiteralNode(inner)) {
      const own = inner.members.filter((one) => !isDiscriminator(one));
      // A pair of plain values, such as a user and its group, is told by whatever has it.
      if (own.length > 2) found.push(...own);
    }
    if (!ts.isFunctionTypeNode(inner)) ts.forEachChild(inner, visit);
  };
  ts.forEachChild(node, visit);
  return found;
}

function isDiscriminator(node: ts.TypeElement): boolean {
  return ts.isPropertySignature(node) && node.type !== undefined && ts.isLiteralTypeNode(node.type);
}

function missing(source: ts.SourceFile, node: ts.Node, name: string): string[] {
  const comments = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc);
  const text = comments
    .map((one) => one.getText(source))
    .join("")
    .replaceAll(/[/*\s]+/g, " ")
    .trim();
  if (text.length >= shortest) return [];
  const { line } = source.getLineAndCharacterOfPosition(node.getStart(source));
  return [`${source.fileName}:${line + 1} ${name}`];
}

function nameOf(node: ts.Node): string {
  if (ts.isVariableStatement(node)) return node.declarationList.declarations.map(({ name }) => name.getText()).join();
  const { name } = node as { name?: ts.Node };
  return name?.getText() ?? "";
}

describe("components", () => {
  it("have a sentence for everything that they export, and for each argument", () => {
    const files = globSync("components/**/*.ts").toSorted();
    expect(files.length).toBeGreaterThan(80);
    const sources = files.map((file) =>
      ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest, true),
    );
    const interfaces = new Map(sources.flatMap(interfacesOf));
    expect(sources.flatMap((source) => undocumented(source, interfaces))).toEqual([]);
  });
});
