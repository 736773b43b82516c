// @ts-check
/** Shows only those changes that the reader asks for: by kind, by danger, by text. */

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("filter"));
if (form !== null) {
  const rows = [.../** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("#change-list .change"))].map(
    (row) => ({ row, text: row.textContent.toLowerCase() }),
  );
  const groups = [.../** @type {NodeListOf<HTMLDetailsElement>} */ (document.querySelectorAll("#change-list .group"))];
  const opened = groups.map(({ open }) => open);

  const filter = () => {
    const data = new FormData(form);
    const operations = new Set(data.getAll("operation"));
    const words = String(data.get("text") ?? "")
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== "");
    let count = 0;
    for (const { row, text } of rows) {
      const fits =
        operations.has(row.dataset["operation"] ?? "") &&
        (data.get("danger") === null || row.dataset["danger"] === "yes") &&
        words.every((word) => text.includes(word));
      row.hidden = !fits;
      if (fits) count++;
    }
    const all = count === rows.length;
    groups.forEach((group, i) => {
      group.hidden = group.querySelector(".change:not([hidden])") === null;
      group.open = all ? (opened[i] ?? true) : true;
    });
    byId("no-change").hidden = count > 0;
    const output = /** @type {HTMLOutputElement} */ (form.querySelector("output"));
    output.value = all ? "" : `${count} of ${rows.length} shown`;
  };
  form.addEventListener("input", filter);
  form.addEventListener("submit", (event) => event.preventDefault());
}
