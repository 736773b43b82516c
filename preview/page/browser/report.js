// @ts-check
/** Script of the page: shows single objects, searches, and switches between light and dark. It loads nothing. */
"use strict";
(() => {
  /** @typedef {{ urn: string, kind: string, name: string, system: string, provider: string, parent?: string, marks: string[],
   *   content: string, connectsTo: string[], dependsOn: string[], costs: [string, string][],
   *   findings: { rule: string, message: string, broken: boolean, waived?: string }[],
   *   change?: { operation: string, dangerous: boolean, fate?: string, fields: { path: string, before?: unknown, after?: unknown, replaces: boolean }[] } }} ObjectView */

  /** @type {(id: string) => HTMLElement} */
  const byId = (id) => /** @type {HTMLElement} */ (document.getElementById(id));
  /** @type {ObjectView[]} */
  const objects = JSON.parse(byId("objects-data").textContent ?? "[]");
  const byUrn = new Map(objects.map((object) => [object.urn, object]));

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

  /** @param {ObjectView} object */
  function link(object) {
    return element("a", { href: `#${encodeURIComponent(object.urn)}` }, `${object.kind} ${object.name}`);
  }

  /** @param {string} title @param {(Node | string)[]} items */
  function listed(title, items) {
    if (items.length === 0) return [];
    return [element("h2", {}, title), element("ul", {}, ...items.map((item) => element("li", {}, item)))];
  }

  /** @param {readonly string[]} urns */
  function links(urns) {
    return urns.flatMap((urn) => {
      const object = byUrn.get(urn);
      return object === undefined ? [] : [link(object)];
    });
  }

  /** @param {ObjectView} object @returns {Node[]} */
  function trail(object) {
    const parent = byUrn.get(object.parent ?? "");
    return parent === undefined ? [] : [...trail(parent), link(parent), document.createTextNode(" › ")];
  }

  /** @param {ObjectView} object */
  function changes({ change }) {
    if (change === undefined) return [];
    const value = (/** @type {unknown} */ one) => (one === undefined ? "absent" : JSON.stringify(one));
    const rows = change.fields.map(({ path, before, after, replaces }) =>
      element(
        "tr",
        {},
        element(
          "td",
          {},
          element("code", {}, path),
          ...(replaces ? [element("b", { class: "bad" }, " makes a new one")] : []),
        ),
        element("td", {}, element("code", {}, value(before))),
        element("td", {}, element("code", {}, value(after))),
      ),
    );
    const head = element("tr", {}, ...["Field", "Before", "After"].map((text) => element("th", {}, text)));
    return [
      element("h2", {}, "Change"),
      element(
        "p",
        {},
        element("span", { class: `op ${change.operation}` }, change.operation),
        element("b", { class: change.dangerous ? "bad" : "warn" }, change.fate ?? ""),
      ),
      ...(rows.length === 0 ? [] : [element("div", { class: "scroll" }, element("table", {}, head, ...rows))]),
    ];
  }

  /** @param {ObjectView} object */
  function page(object) {
    const children = objects.filter(({ parent }) => parent === object.urn).map(link);
    const findings = object.findings.map(({ rule, message, broken, waived }) =>
      element(
        "span",
        {},
        element("b", { class: broken ? "bad" : "warn" }, rule),
        ` ${message}${waived === undefined ? "" : `. Waived: ${waived}`}`,
      ),
    );
    return [
      element("p", { class: "crumbs" }, element("a", { href: "#" }, "overview"), " › ", ...trail(object)),
      element("h1", {}, `${object.kind} ${object.name}`),
      element("p", { class: "crumbs" }, [object.provider, ...object.marks].join(", ")),
      ...changes(object),
      ...listed("Findings", findings),
      ...listed(
        "Cost a month",
        object.costs.map(([what, amount]) => `${what}: ${amount}`),
      ),
      ...listed("Connects to", object.connectsTo),
      ...listed("Consists of", children),
      ...listed("Waits for", links(object.dependsOn)),
      ...listed("Waited for by", objects.filter(({ dependsOn }) => dependsOn.includes(object.urn)).map(link)),
      ...(object.content === "{}"
        ? []
        : [
            element("h2", {}, object.provider === "kubernetes" ? "Manifest" : "Inputs"),
            element("pre", { tabindex: "0" }, object.content),
          ]),
      element("p", { class: "crumbs" }, element("code", {}, object.urn)),
    ];
  }

  let left = 0;
  function show() {
    const hash = location.hash.slice(1);
    const object = byUrn.get(decodeURIComponent(hash));
    const article = byId("object");
    if (object !== undefined && article.hidden) left = scrollY;
    article.hidden = object === undefined;
    byId("overview").hidden = object !== undefined;
    if (object !== undefined) {
      article.replaceChildren(...page(object));
      scrollTo(0, 0);
      article.focus({ preventScroll: true });
    } else if (hash === "") scrollTo(0, left);
    else document.getElementById(hash)?.scrollIntoView();
  }
  addEventListener("hashchange", show);

  const search = /** @type {HTMLInputElement} */ (byId("search"));
  const results = byId("results");
  const svg = /** @type {SVGSVGElement | null} */ (document.querySelector("#canvas svg"));
  const texts = objects.map((object) => ({
    object,
    title: `${object.kind} ${object.name} ${object.system}`.toLowerCase(),
    content: object.content.toLowerCase(),
  }));

  function find() {
    const words = search.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    const inAll = (/** @type {string} */ text) => words.every((word) => text.includes(word));
    const named = words.length === 0 ? [] : texts.filter(({ title }) => inAll(title));
    const within =
      words.length === 0 ? [] : texts.filter(({ title, content }) => !inAll(title) && inAll(`${title} ${content}`));
    named.sort((a, b) => a.object.name.length - b.object.name.length);
    const hits = [...named, ...within].map(({ object }) => object);
    const shown = hits.slice(0, 60).map((object) => {
      const one = link(object);
      one.append(" ", element("small", {}, object.system));
      return element("li", {}, one);
    });
    if (words.length > 0 && hits.length === 0) shown.push(element("li", {}, "Nothing found."));
    if (hits.length > shown.length)
      shown.push(element("li", {}, element("small", {}, `and ${hits.length - shown.length} more`)));
    results.replaceChildren(...shown);
    results.hidden = words.length === 0;
    mark(hits, words.length > 0);
  }

  /** Highlights in the picture the nodes of found objects, or of their parents. @param {ObjectView[]} hits @param {boolean} searching */
  function mark(hits, searching) {
    const addresses = new Set(
      hits.flatMap(({ urn, parent = "" }) => [urn, parent]).map((urn) => `#${encodeURIComponent(urn)}`),
    );
    let any = false;
    for (const node of document.querySelectorAll("#canvas .node")) {
      const hit = addresses.has(node.querySelector("a")?.getAttribute("xlink:href") ?? "");
      node.classList.toggle("hit", hit);
      any ||= hit;
    }
    svg?.classList.toggle("found", searching && any);
  }

  function close() {
    search.value = "";
    find();
  }
  search.addEventListener("input", find);
  results.addEventListener("click", close);
  addEventListener("keydown", (event) => {
    const typing = document.activeElement === search;
    if (event.key === "/" && !typing) {
      event.preventDefault();
      search.focus();
    } else if (event.key === "Escape") {
      if (results.hidden && !byId("object").hidden) location.hash = "";
      close();
    } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !results.hidden) {
      const all = [...results.querySelectorAll("a")];
      const at = all.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
      const next = all[at + (event.key === "ArrowDown" ? 1 : -1)];
      event.preventDefault();
      (next ?? search).focus();
    } else if (event.key === "Enter" && typing) results.querySelector("a")?.click();
  });

  byId("theme").addEventListener("click", () => {
    const root = document.documentElement;
    const dark =
      root.dataset["theme"] === undefined
        ? matchMedia("(prefers-color-scheme: dark)").matches
        : root.dataset["theme"] === "dark";
    root.dataset["theme"] = dark ? "light" : "dark";
  });

  show();
})();
