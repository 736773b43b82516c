// @ts-check
/**
 * Pictures are shown at natural size, in frames that scroll sideways. The wheel and one finger scroll the page; zoom is the
 * control key with the wheel, two fingers, buttons and keys.
 */

const most = 4;
const least = 0.4;

for (const figure of document.querySelectorAll("figure")) {
  const canvas = /** @type {HTMLElement | null} */ (figure.querySelector(".canvas"));
  const drawing = /** @type {SVGSVGElement | null} */ (figure.querySelector(".canvas svg"));
  if (canvas !== null && drawing !== null) zoomable(figure, canvas, drawing);
}

/** @param {HTMLElement} figure @param {HTMLElement} canvas @param {SVGSVGElement} drawing */
function zoomable(figure, canvas, drawing) {
  const { width, height } = drawing.viewBox.baseVal;
  let scale = 1;

  /**
   * Zooms so that a point of the window stays where it is.
   * @param {number} to @param {number} [x] @param {number} [y]
   */
  function zoomTo(to, x, y) {
    const old = drawing.getBoundingClientRect();
    const frame = canvas.getBoundingClientRect();
    const [px, py] = [x ?? frame.left + frame.width / 2, y ?? frame.top];
    const [across, down] = [(px - old.left) / old.width, (py - old.top) / old.height];
    scale = Math.min(most, Math.max(least, to));
    drawing.setAttribute("width", String(width * scale));
    drawing.setAttribute("height", String(height * scale));
    const now = drawing.getBoundingClientRect();
    canvas.scrollLeft += now.left + across * now.width - px;
    scrollBy(0, now.top + down * now.height - py);
  }

  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      zoomTo(scale * Math.exp(-event.deltaY * 0.002), event.clientX, event.clientY);
    },
    { passive: false },
  );

  /** Two fingers on the picture. @type {{ distance: number, scale: number } | undefined} */
  let pinch;
  /** @param {TouchEvent} event */
  const fingers = ({ touches: [a, b] }) =>
    a === undefined || b === undefined
      ? undefined
      : {
          distance: Math.hypot(a.clientX - b.clientX, a.clientY - b.clientY),
          x: (a.clientX + b.clientX) / 2,
          y: (a.clientY + b.clientY) / 2,
        };
  canvas.addEventListener(
    "touchstart",
    (event) => {
      const two = fingers(event);
      pinch = two && { distance: two.distance, scale };
      if (two !== undefined) event.preventDefault();
    },
    { passive: false },
  );
  canvas.addEventListener(
    "touchmove",
    (event) => {
      const two = fingers(event);
      if (two === undefined || pinch === undefined) return;
      event.preventDefault();
      zoomTo((pinch.scale * two.distance) / pinch.distance, two.x, two.y);
    },
    { passive: false },
  );
  canvas.addEventListener("touchend", () => (pinch = undefined));

  /** Where the mouse holds the picture. @type {{ x: number, y: number } | undefined} */
  let held;
  let moved = false;
  canvas.addEventListener("pointerdown", (event) => {
    if (event.pointerType !== "mouse" || event.button !== 0) return;
    held = { x: event.clientX, y: event.clientY };
    moved = false;
  });
  addEventListener("pointermove", (event) => {
    if (held === undefined || event.pointerType !== "mouse") return;
    const [dx, dy] = [event.clientX - held.x, event.clientY - held.y];
    if (!moved && Math.hypot(dx, dy) <= 3) return;
    moved = true;
    canvas.classList.add("held");
    canvas.scrollLeft -= dx;
    scrollBy(0, -dy);
    held = { x: event.clientX, y: event.clientY };
  });
  addEventListener("pointerup", () => {
    held = undefined;
    canvas.classList.remove("held");
  });
  // The end of a drag must not follow a link.
  canvas.addEventListener(
    "click",
    (event) => {
      if (moved) event.preventDefault();
      moved = false;
    },
    true,
  );
  canvas.addEventListener("dragstart", (event) => event.preventDefault());

  canvas.addEventListener("keydown", (event) => {
    /** @type {Record<string, () => void>} */
    const keys = {
      "+": () => zoomTo(scale * 1.25),
      "=": () => zoomTo(scale * 1.25),
      "-": () => zoomTo(scale / 1.25),
      0: () => zoomTo(1),
    };
    const action = keys[event.key];
    if (action === undefined || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    action();
  });
  for (const button of figure.querySelectorAll("button")) {
    button.addEventListener("click", () => {
      const factors = { in: 1.4, out: 1 / 1.4 };
      const kind = button.dataset["zoom"];
      zoomTo(kind === "in" || kind === "out" ? scale * factors[kind] : 1);
    });
  }
  const emphasise = (/** @type {Event} */ event) => {
    const link = event.target instanceof Element ? event.target.closest("a, .box") : null;
    emphasiseBox(drawing, link?.closest(".box") ?? link?.querySelector(".box") ?? null);
  };
  // Not on the drawing itself: Chrome gives the focus to an SVG that listens to it.
  for (const kind of ["pointerover", "focusin"]) canvas.addEventListener(kind, emphasise);
  for (const kind of ["pointerleave", "focusout"]) canvas.addEventListener(kind, () => emphasiseBox(drawing, null));
}

/** Shows which arrows belong to a box, and what is at their other ends. @param {SVGSVGElement} drawing @param {Element | null} box */
function emphasiseBox(drawing, box) {
  const index = box instanceof SVGElement ? box.dataset["box"] : undefined;
  drawing.classList.toggle("emphasised", index !== undefined);
  const near = new Set([index]);
  for (const arrow of /** @type {NodeListOf<SVGElement>} */ (drawing.querySelectorAll(".arrow"))) {
    const ends = (arrow.dataset["ends"] ?? "").split(" ");
    const own = index !== undefined && ends.includes(index);
    arrow.classList.toggle("near", own);
    if (own) for (const end of ends) near.add(end);
  }
  for (const one of /** @type {NodeListOf<SVGElement>} */ (drawing.querySelectorAll(".box")))
    one.classList.toggle("near", near.has(one.dataset["box"]));
}
