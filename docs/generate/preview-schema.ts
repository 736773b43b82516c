/** The JSON Schema of what a preview gives to programs, from its types and their comments. */
import { createGenerator } from "ts-json-schema-generator";

/** Some seconds: it reads the program as the compiler does. */
export function previewSchema(): string {
  const generator = createGenerator({
    ...{ path: "preview/report/json.ts", tsconfig: "tsconfig.json", type: "PreviewJson" },
    // The compiler checks the types; fields that nobody knows would be mistakes.
    ...{ skipTypeCheck: true, expose: "export", topRef: false, additionalProperties: false },
  });
  return `${JSON.stringify(generator.createSchema("PreviewJson"), null, 2)}\n`;
}
