// @ts-check
/** Small controls: copy, light and dark, pictures as drawings or lists, tables that scroll. It starts the page. */

/** @param {string} text @returns {Promise<boolean>} whether the text is on the clipboard */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // A page from a disk may not have the clipboard in every browser.
    const area = /** @type {HTMLTextAreaElement} */ (
      element("textarea", { class: "offscreen", "aria-hidden": "true" })
    );
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand("copy");
    area.remove();
    return done;
  }
}
document.addEventListener("click", (event) => {
  const button = event.target instanceof Element ? event.target.closest("button.copy") : null;
  if (!(button instanceof HTMLButtonElement)) return;
  void copy(button.dataset["copy"] ?? "").then((done) => {
    button.focus();
    button.textContent = done ? "Copied" : "Select and copy";
    byId("said").textContent = done ? "Copied" : "The browser does not let the page copy";
    setTimeout(() => (button.textContent = "Copy"), 2000);
  });
});

byId("theme").addEventListener("click", () => {
  const root = document.documentElement;
  const dark =
    root.dataset["theme"] === undefined
      ? matchMedia("(prefers-color-scheme: dark)").matches
      : root.dataset["theme"] === "dark";
  root.dataset["theme"] = dark ? "light" : "dark";
});

const narrow = matchMedia("(width <= 45rem)");
const viewButtons = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-view]"))];
/** @param {string | undefined} view */
function viewAs(view) {
  byId("picture").dataset["as"] = view;
  for (const button of viewButtons) button.setAttribute("aria-pressed", String(button.dataset["view"] === view));
}
for (const button of viewButtons) button.addEventListener("click", () => viewAs(button.dataset["view"]));
viewAs(narrow.matches ? "list" : "drawing");

/** What scrolls must be reachable by keyboard; what does not, must not be in the way. */
function reachTables() {
  for (const frame of document.querySelectorAll(".scroll")) {
    if (frame.scrollWidth > frame.clientWidth) frame.setAttribute("tabindex", "0");
    else frame.removeAttribute("tabindex");
  }
}
addEventListener("resize", reachTables);
reachTables();

// Paper cannot be unfolded.
/** @type {HTMLDetailsElement[]} */
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [
    .../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("#overview details:not([open])")),
  ].filter((one) => one.closest("#objects") === null);
  for (const one of unfolded) one.open = true;
});
addEventListener("afterprint", () => {
  for (const one of unfolded) one.open = false;
});

show();
