/** The preview as one self-contained page: totals, connections, and every object with its manifest. */
import { displayName, headline, marks, shortKind, totals, tree, type TreeNode } from "./describe.ts";
import { kubernetesObject, manifest, maskedInputs, type RegisteredResource } from "../render/graph.ts";
import type { Rendering } from "../render/render.ts";

export function htmlReport(rendering: Rendering): string {
  const callers = rendering.resources.filter((resource) => resource.connectsTo.length > 0);
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>doks-systems: ${escape(rendering.stack)}</title>
<style>${style}</style>
<h1>${escape(rendering.stack)}</h1>
<p>${escape(headline(rendering))}</p>
${rendering.missing.length === 0 ? "" : section("To be set", list(rendering.missing.map(({ fix }) => `<code>${escape(fix)}</code>`)))}
${rendering.notices.length === 0 ? "" : section("Worth knowing", list(rendering.notices.map(({ path, text }) => `<code>${escape(path)}</code> ${escape(text)}`)))}
${section(
  "Kinds",
  table(
    ["Kind", "Provider", "Count"],
    totals(rendering).map((t) => [t.kind, t.provider, String(t.count)]),
  ),
)}
${section(
  "Connections",
  table(
    ["From", "To"],
    callers.map((from) => [from.name, from.connectsTo.join(", ")]),
  ),
)}
${section("Resources", tree(rendering).map(branch).join("\n"))}
</html>
`;
}

function branch({ resource, children }: TreeNode): string {
  const notes = marks(resource).map((mark) => `<small>${escape(mark)}</small>`);
  const title = `${escape(shortKind(resource))} <b>${escape(displayName(resource))}</b> ${notes.join(" ")}`;
  const inside = resource.custom ? `<pre>${escape(content(resource))}</pre>` : children.map(branch).join("\n");
  return `<details${resource.custom ? "" : " open"}><summary>${title}</summary>${inside}</details>`;
}

function content(resource: RegisteredResource): string {
  return kubernetesObject(resource) === undefined
    ? JSON.stringify(maskedInputs(resource), null, 2)
    : manifest(resource);
}

function section(title: string, body: string): string {
  return `<section><h2>${title}</h2>${body}</section>`;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const cells = (tag: string, row: readonly string[]) => row.map((cell) => `<${tag}>${escape(cell)}</${tag}>`).join("");
  return `<table><tr>${cells("th", head)}</tr>${rows.map((row) => `<tr>${cells("td", row)}</tr>`).join("")}</table>`;
}

function list(items: readonly string[]): string {
  return `<ul>${items.map((item) => `<li>${item}</li>`).join("")}</ul>`;
}

function escape(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

const style = `
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { max-width: 70rem; margin: 2rem auto; padding: 0 1rem; }
h1 { margin-bottom: 0; } h2 { margin-top: 2rem; font-size: 1.2rem; }
table { border-collapse: collapse; } th, td { text-align: left; padding: .2rem 1rem .2rem 0; border-bottom: 1px solid #8884; }
details details { margin-left: 1.2rem; } summary { cursor: pointer; } small { color: #888; margin-left: .5rem; }
pre { overflow-x: auto; padding: .7rem; background: #8881; border-radius: 6px; font-size: 13px; }
`;
