import { render } from "./graph/render/render.ts";
import { maskedResources } from "./graph/masking.ts";
import { review } from "./preview/review/review.ts";
import { sectionsOf } from "./preview/report/sections/index.ts";
import { sectionLines, dangerLines } from "./preview/report/terminal/sections.ts";
import { terminalTree } from "./preview/report/terminal/tree.ts";
const base = maskedResources(await render("prod"));
for (const [what, patch] of [["retire", {retired:true}], ["remove", null], ["given", {retired:{dataGoes:process.argv[2]}}]] as const) {
  const before = what === "given" ? maskedResources(await render("prod", {[`doks-systems:${process.argv[2]}`]: {retired: true}} as never)) : base;
  const r = review(await render("prod", {[`doks-systems:${process.argv[2]}`]: patch} as never), [], {reference:"main", resources: before});
  console.log("=====", what);
  console.log(dangerLines(r.dangers).join("\n"));
  console.log(sectionLines(sectionsOf(r).filter(({id})=>["retired","availability","exposure","protection","data","cost","notices"].includes(id)), true).join("\n"));
  if (what==="retire") console.log(terminalTree(r).split("\n").filter(l=>/gx|Caracal|caracal|bow-mark/.test(l)).slice(0,60).join("\n"));
}
