/** Entry point of `npm run preview`. Settings that make it start faster must come before the SDKs are loaded. */
import { enableCompileCache } from "node:module";

enableCompileCache("node_modules/.cache/compile");
// Pulumi's SDK records a stack trace for every promise, which takes a sixth of a preview's time and which no preview shows.
// `PREVIEW_STACKS=1` turns stack traces on again, for debugging.
if (process.env["PREVIEW_STACKS"] === undefined) Error.stackTraceLimit = 0;

const { main } = await import("./main.ts");
process.exitCode = await main(process.argv.slice(2));
