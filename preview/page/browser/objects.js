// @ts-check
/** Shows a single object, by the address of the page: `#<urn>`. */

const childrenOf = Map.groupBy(objects, ({ parent }) => parent);
/** @type {Map<string, ObjectView[]>} */
const waiting = new Map();
for (const object of objects) {
  for (const urn of object.dependsOn) {
    const list = waiting.get(urn);
    if (list === undefined) waiting.set(urn, [object]);
    else list.push(object);
  }
}
const changeRows = new Map(
  [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".change"))].map((row) => [
    row.dataset["urn"] ?? "",
    row,
  ]),
);

/** @param {string} title @param {(Node | string)[]} items */
function listed(title, items) {
  if (items.length === 0) return [];
  return [element("h2", {}, title), element("ul", {}, ...items.map((item) => element("li", {}, item)))];
}

/** @param {readonly string[]} urns */
function objectLinks(urns) {
  return urns.flatMap((urn) => {
    const object = byUrn.get(urn);
    return object === undefined ? [] : [objectLink(object)];
  });
}

/** @param {ObjectView} object @returns {Node[]} */
function trail(object) {
  const parent = byUrn.get(object.parent ?? "");
  return parent === undefined ? [] : [...trail(parent), objectLink(parent), document.createTextNode(" › ")];
}

/** What an update does to the object, as the list of changes has it. @param {ObjectView} object @returns {Node[]} */
function changesOf({ urn, change }) {
  const row = changeRows.get(urn);
  if (change === undefined || row === undefined) return [];
  const label = row.querySelector(".op")?.cloneNode(true);
  const fields = row.querySelector(".fields")?.cloneNode(true) ?? null;
  if (fields instanceof HTMLDetailsElement) fields.open = true;
  const fate = element("b", { class: change.dangerous ? "bad" : "warn" }, change.fate ?? "");
  return [
    element("h2", {}, "Change"),
    element("p", {}, ...(label === undefined ? [] : [label]), " ", fate),
    ...(fields === null ? [] : [fields]),
  ];
}

/** What the page says of the object elsewhere: dangers and findings. @param {ObjectView} object */
function mentionsOf({ urn }) {
  const address = `#${encodeURIComponent(urn)}`;
  const items = [
    .../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#overview .danger, #overview .item")),
  ].filter((item) => item.querySelector("a")?.getAttribute("href") === address);
  return items.map((item) => {
    const text = item.querySelector("div > p")?.textContent ?? "";
    const kind = item.querySelector(".what")?.textContent ?? "";
    return element("a", { href: `#${item.id}` }, `${kind} ${text}`.replaceAll(/\s+/g, " ").trim());
  });
}

/** @param {string} text @param {string} what */
function copyButton(text, what) {
  return element("button", { type: "button", class: "copy", "data-copy": text, "aria-label": `Copy ${what}` }, "Copy");
}

/** @param {ObjectView} object */
function objectPage(object) {
  const findings = object.findings.map(({ rule, message, broken, waived }) =>
    element(
      "span",
      {},
      element(
        "b",
        { class: waived === undefined ? (broken ? "bad" : "warn") : "" },
        waived === undefined ? "" : "waived ",
      ),
      element("a", { href: `#rule-${rule}` }, rule),
      ` ${message}${waived === undefined ? "" : `. ${waived}`}`,
    ),
  );
  const what = object.provider === "kubernetes" ? "Manifest" : "Inputs";
  return [
    element(
      "nav",
      { class: "crumbs", "aria-label": "Where it belongs" },
      element("a", { href: "#" }, "overview"),
      " › ",
      ...trail(object),
    ),
    element("h1", { tabindex: "-1" }, `${object.kind} ${object.name}`),
    element("p", { class: "crumbs" }, [object.provider, ...object.marks].join(", ")),
    ...changesOf(object),
    ...listed("Dangers and remarks", mentionsOf(object)),
    ...listed("Findings", findings),
    ...listed(
      "Cost a month",
      object.costs.map(([part, amount]) => `${part}: ${amount}`),
    ),
    ...listed("Connects to", object.connectsTo),
    ...listed("Consists of", (childrenOf.get(object.urn) ?? []).map(objectLink)),
    ...(object.content === "{}"
      ? []
      : [
          element("h2", {}, what),
          element(
            "div",
            { class: "code" },
            element("pre", { tabindex: "0", role: "group", "aria-label": what }, object.content),
            copyButton(object.content, what.toLowerCase()),
          ),
        ]),
    ...listed("Waits for", objectLinks(object.dependsOn)),
    ...listed("Waited for by", (waiting.get(object.urn) ?? []).map(objectLink)),
    element("h2", {}, "URN"),
    element("p", { class: "copied" }, element("code", {}, object.urn), copyButton(object.urn, "URN")),
  ];
}

/** The part of the address after the mark; as it is, if it is not encoded well. */
function place() {
  const hash = location.hash.slice(1);
  try {
    return decodeURIComponent(hash);
  } catch {
    return hash;
  }
}

const title = document.title;
/** Where the reader was in the overview. @type {{ y: number, element: Element | null }} */
let left = { y: 0, element: null };
/** Shows what the address names: an object, or a place in the overview, unfolded. */
function show() {
  const name = place();
  const object = byUrn.get(name);
  const article = byId("object");
  const overview = byId("overview");
  if (object !== undefined && article.hidden) left = { y: scrollY, element: document.activeElement };
  const back = object === undefined && !article.hidden;
  article.hidden = object === undefined;
  overview.hidden = object !== undefined;
  document.title = object === undefined ? title : `${object.kind} ${object.name} · ${title}`;
  if (object !== undefined) {
    article.replaceChildren(...objectPage(object));
    scrollTo(0, 0);
    article.querySelector("h1")?.focus({ preventScroll: true });
    return;
  }
  if (name === "") {
    if (!back) return;
    if (left.element instanceof HTMLElement || left.element instanceof SVGElement)
      left.element.focus({ preventScroll: true });
    scrollTo(0, left.y);
    return;
  }
  const target = document.getElementById(name);
  for (let at = target; at !== null; at = at.parentElement) if (at instanceof HTMLDetailsElement) at.open = true;
  target?.scrollIntoView();
}
addEventListener("hashchange", show);
addEventListener("keydown", (event) => {
  if (event.key === "Escape" && !byId("object").hidden && byId("results").hidden) location.hash = "";
});
