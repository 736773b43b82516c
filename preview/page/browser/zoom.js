// @ts-check
/** Zooms and moves the picture by wheel, drag, buttons and keys: changes the view box of the SVG. */
"use strict";
(() => {
  const svg = /** @type {SVGSVGElement | null} */ (document.querySelector("#canvas svg"));
  const frame = document.getElementById("canvas");
  if (svg !== null && frame !== null) zoomable(svg, frame);

  /** @param {SVGSVGElement} drawing @param {HTMLElement} canvas */
  function zoomable(drawing, canvas) {
    const whole = { ...plain(drawing.viewBox.baseVal) };
    let view = { ...whole };
    drawing.removeAttribute("width");
    drawing.removeAttribute("height");

    /** @param {{ x: number, y: number, width: number, height: number }} box */
    function plain({ x, y, width, height }) {
      return { x, y, width, height };
    }
    function apply() {
      drawing.setAttribute("viewBox", `${view.x} ${view.y} ${view.width} ${view.height}`);
    }
    /** @param {number} factor @param {number} [x] @param {number} [y] point that stays, as a share of the canvas */
    function zoom(factor, x = 0.5, y = 0.5) {
      const width = Math.min(whole.width * 1.5, Math.max(whole.width / 40, view.width * factor));
      const scale = width / view.width;
      view = {
        x: view.x + view.width * (1 - scale) * x,
        y: view.y + view.height * (1 - scale) * y,
        width,
        height: view.height * scale,
      };
      apply();
    }
    /** @param {number} x @param {number} y in shares of the view */
    function move(x, y) {
      view = { ...view, x: view.x + view.width * x, y: view.y + view.height * y };
      apply();
    }
    function fit() {
      view = { ...whole };
      apply();
    }

    canvas.addEventListener(
      "wheel",
      (event) => {
        event.preventDefault();
        const box = canvas.getBoundingClientRect();
        zoom(
          Math.exp(event.deltaY * 0.0015),
          (event.clientX - box.left) / box.width,
          (event.clientY - box.top) / box.height,
        );
      },
      { passive: false },
    );
    /** @type {{ x: number, y: number } | undefined} */
    let held;
    let moved = false;
    canvas.addEventListener("pointerdown", (event) => {
      held = { x: event.clientX, y: event.clientY };
      moved = false;
    });
    addEventListener("pointermove", (event) => {
      if (held === undefined) return;
      const matrix = drawing.getScreenCTM();
      if (matrix === null) return;
      if (Math.hypot(event.clientX - held.x, event.clientY - held.y) > 3) moved = true;
      view = {
        ...view,
        x: view.x - (event.clientX - held.x) / matrix.a,
        y: view.y - (event.clientY - held.y) / matrix.d,
      };
      held = { x: event.clientX, y: event.clientY };
      apply();
    });
    addEventListener("pointerup", () => (held = undefined));
    // The end of a drag must not follow a link.
    canvas.addEventListener("click", (event) => moved && event.preventDefault(), true);
    canvas.addEventListener("dragstart", (event) => event.preventDefault());
    canvas.addEventListener("keydown", (event) => {
      /** @type {Record<string, () => void>} */
      const keys = {
        "+": () => zoom(0.8),
        "=": () => zoom(0.8),
        "-": () => zoom(1.25),
        0: fit,
        ArrowLeft: () => move(-0.1, 0),
        ArrowRight: () => move(0.1, 0),
        ArrowUp: () => move(0, -0.1),
        ArrowDown: () => move(0, 0.1),
      };
      const action = keys[event.key];
      if (action === undefined || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      action();
    });
    addEventListener("beforeprint", fit);
    for (const button of canvas.querySelectorAll("button")) {
      button.addEventListener("click", () => {
        if (button.dataset["zoom"] === "fit") fit();
        else zoom(button.dataset["zoom"] === "in" ? 0.7 : 1.4);
      });
    }
  }
})();
