/** Entry of `npm run preview`: what makes it start fast comes before the SDKs are loaded. */
import { enableCompileCache } from "node:module";

enableCompileCache("node_modules/.cache/compile");
// The SDK notes a stack for every promise, a sixth of a preview's time, and a preview reads none. `PREVIEW_STACKS=1` brings
// them back for whoever looks for a defect in the program.
if (process.env["PREVIEW_STACKS"] === undefined) Error.stackTraceLimit = 0;

const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
