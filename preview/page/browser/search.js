// @ts-check
/** Finds objects by name and by what their manifests say. */

const search = /** @type {HTMLInputElement} */ (byId("search"));
const results = byId("results");
const texts = objects.map((object) => ({
  object,
  title: `${object.kind} ${object.name} ${object.system}`.toLowerCase(),
  content: object.content.toLowerCase(),
}));
const mostResults = 60;

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
  const shown = hits.slice(0, mostResults).map((object) => {
    const one = objectLink(object);
    one.append(" ", element("small", {}, object.system));
    return element("li", {}, one);
  });
  if (words.length > 0 && hits.length === 0) shown.push(element("li", {}, "Nothing found."));
  if (hits.length > shown.length)
    shown.push(element("li", {}, element("small", {}, `and ${hits.length - shown.length} more`)));
  results.replaceChildren(...shown);
  results.hidden = words.length === 0;
  search.setAttribute("aria-expanded", String(!results.hidden));
  markHits(hits, words.length > 0);
}

/** Highlights in the pictures the boxes of found objects, or of their parents. @param {ObjectView[]} hits @param {boolean} searching */
function markHits(hits, searching) {
  const addresses = new Set(
    hits.flatMap(({ urn, parent = "" }) => [urn, parent]).map((urn) => `#${encodeURIComponent(urn)}`),
  );
  for (const drawing of document.querySelectorAll(".canvas svg")) {
    let any = false;
    for (const link of drawing.querySelectorAll("a")) {
      const hit = addresses.has(link.getAttribute("href") ?? "");
      link.firstElementChild?.classList.toggle("hit", hit);
      any ||= hit;
    }
    drawing.classList.toggle("found", searching && any);
  }
}

function closeSearch() {
  search.value = "";
  find();
}
search.addEventListener("input", find);
results.addEventListener("click", closeSearch);
addEventListener("keydown", (event) => {
  const typing = document.activeElement === search;
  const elsewhere = document.activeElement instanceof HTMLInputElement && !typing;
  if (event.key === "/" && !typing && !elsewhere) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && !results.hidden) {
    closeSearch();
    search.focus();
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && !results.hidden) {
    const all = [...results.querySelectorAll("a")];
    const at = all.indexOf(/** @type {HTMLAnchorElement} */ (document.activeElement));
    const next = all[at + (event.key === "ArrowDown" ? 1 : -1)];
    event.preventDefault();
    (next ?? search).focus();
  } else if (event.key === "Enter" && typing) results.querySelector("a")?.click();
});
