/** Entry point of `npm run preview`. What makes it start faster must come before anything else is loaded. */
import { enableCompileCache } from "node:module";

enableCompileCache("node_modules/.cache/compile");

const { run } = await import("../commands/run.ts");
await run("preview", async (argv) => (await import("./main.ts")).main(argv));
