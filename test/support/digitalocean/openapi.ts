/**
 * DigitalOcean's published OpenAPI document, where a copy is at hand: `DIGITALOCEAN_OPENAPI` is its path as one JSON file
 * (github.com/digitalocean/openapi, bundled). It is large and DigitalOcean's own, so it is not kept here.
 */
import { existsSync, readFileSync } from "node:fs";
import { Ajv, type ValidateFunction } from "ajv";
import type { Entry } from "../../../sandbox/digitalocean/server.ts";

interface Operation {
  readonly requestBody?: { readonly content?: Record<string, unknown> };
  readonly responses: Record<string, { readonly content?: Record<string, unknown> }>;
}
interface Document {
  readonly paths: Record<string, Record<string, Operation>>;
}

const file = process.env["DIGITALOCEAN_OPENAPI"] ?? ".cache/digitalocean-openapi.json";

/** Whether it is here. */
export const hasOpenApi = existsSync(file);

/** What of a journal is not as the document says: calls it does not know, requests and answers of another form. */
export function violations(journal: readonly Entry[]): string[] {
  const document = JSON.parse(readFileSync(file, "utf8")) as Document;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(document, "digitalocean");
  const compiled = new Map<string, ValidateFunction>();
  const validate = (pointer: string) => {
    const known = compiled.get(pointer) ?? ajv.compile({ $ref: `digitalocean#${pointer}` });
    compiled.set(pointer, known);
    return known;
  };
  const paths = Object.keys(document.paths)
    .map((path) => ({ path, pattern: new RegExp(`^${path.replaceAll(/\{\w+\}/g, "[^/]+")}$`) }))
    .toSorted((a, b) => a.path.split("{").length - b.path.split("{").length);

  const found = journal
    .filter(({ faulty, status }) => !faulty && status < 400)
    .flatMap(({ method, path, status, request, response }) => {
      const known = paths.find(({ pattern }) => pattern.test(path))?.path ?? "";
      const operation = document.paths[known]?.[method.toLowerCase()];
      if (operation === undefined) return [`${method} ${path}: not in the document`];
      const base = `/paths/${escape(known)}/${method.toLowerCase()}`;
      const problems: string[] = [];
      const check = (what: string, pointer: string, value: unknown) => {
        const valid = validate(pointer);
        if (valid(value)) return;
        const [error] = valid.errors ?? [];
        problems.push(
          `${method} ${known} ${what}: ${error?.instancePath ?? ""} ${error?.message ?? ""} ${JSON.stringify(error?.params)}`,
        );
      };
      if (operation.requestBody?.content?.["application/json"] !== undefined && request !== undefined)
        check("request", `${base}/requestBody/content/application~1json/schema`, request);
      const answers = operation.responses[String(status)];
      if (answers === undefined)
        problems.push(
          `${method} ${known}: answers ${status}, the document knows ${Object.keys(operation.responses).join(", ")}`,
        );
      else if (answers.content?.["application/json"] !== undefined)
        check(`answer ${status}`, `${base}/responses/${status}/content/application~1json/schema`, response);
      return problems;
    });
  return [...new Set(found)].toSorted();
}

/** A path as a part of a JSON pointer in a URI. */
function escape(path: string): string {
  return encodeURIComponent(path.replaceAll("/", "~1"));
}
