// For as long as the project has no `npm run release` of its own: sets a tag in a stack file.
import { readFileSync, writeFileSync } from "node:fs";
import { parseDocument } from "yaml";
const [stack, system, tag, , workload] = process.argv.slice(2);
const file = `Pulumi.${stack}.yaml`;
const text = readFileSync(file, "utf8");
const document = parseDocument(text);
const key = `doks-systems:${system}`;
if (!document.hasIn(["config", key])) {
  console.error(`exit 1: ${stack} has no system ${system}`);
  process.exit(1);
}
const path = workload
  ? ["config", key, "workloads", workload, "tag"]
  : ["config", key, ...(system === "dotdo" ? ["image", "tag"] : ["imageTag"])];
const before = document.getIn(path);
if (before === tag) console.log("unchanged");
else if (before === undefined) {
  document.setIn(path, tag);
  writeFileSync(file, document.toString({ lineWidth: 0, flowCollectionPadding: false }));
} else {
  const { range } = document.getIn(path, true);
  writeFileSync(file, text.slice(0, range[0]) + tag + text.slice(range[1]));
  console.log(`${before} -> ${tag}`);
}
