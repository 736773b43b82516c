/** `npm run release -- prod gx 2.1.0`: sets a tag in a stack file, or with `--undo` the one before. */
import { declarations } from "../../commands/declarations.ts";
import { parsed } from "../../commands/parse.ts";
import { run } from "../../commands/run.ts";
import { release, type ReleaseOptions } from "./release.ts";

await run("release", (argv) => {
  const given = parsed<ReleaseOptions>(declarations.release(), argv);
  if (given !== undefined) console.log(release(given.args, given.options).join("\n"));
  return Promise.resolve(0);
});
