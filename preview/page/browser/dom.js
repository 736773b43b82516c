// @ts-check
/**
 * What the other scripts stand on: the objects of the stack, and elements. All scripts of the page are one module, in the
 * order of `page.ts`, and load nothing.
 */

/** @typedef {{ urn: string, kind: string, name: string, system: string, provider: string, parent?: string, marks: string[],
 *   content: string, connectsTo: string[], dependsOn: string[], costs: [string, string][],
 *   findings: { rule: string, message: string, broken: boolean, waived?: string }[],
 *   change?: { operation: string, dangerous: boolean, fate?: string } }} ObjectView */

/** @param {string} id @returns {HTMLElement} */
function byId(id) {
  return /** @type {HTMLElement} */ (document.getElementById(id));
}

/**
 * An element with attributes and children; text is never markup.
 * @param {string} tag
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

/** @type {ObjectView[]} */
const objects = JSON.parse(byId("objects-data").textContent ?? "[]");
const byUrn = new Map(objects.map((object) => [object.urn, object]));

/** @param {ObjectView} object */
function objectLink(object) {
  return element("a", { href: `#${encodeURIComponent(object.urn)}` }, `${object.kind} ${object.name}`);
}
