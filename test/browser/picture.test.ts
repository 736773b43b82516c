/** The pictures: whether they can be read, and how they are zoomed. */
import { describe, expect, it } from "vitest";
import { chromium, opened } from "./opened.ts";

/** Smallest text that a reader without a magnifying glass can read, in pixels as drawn. */
const legible = 11;

describe.skipIf(chromium === undefined)("the pictures of prod, in a browser", () => {
  const report = opened();
  const first = "#picture-overview .canvas";
  const width = () => report.page.$eval(`${first} svg`, (svg) => svg.getBoundingClientRect().width);
  const scrolled = () => report.page.evaluate(() => scrollY);
  const middle = async (selector = first) => {
    await report.page.$eval(selector, (canvas) => {
      canvas.scrollIntoView({ block: "center" });
    });
    const box = await (await report.page.$(selector))?.boundingBox();
    return { x: (box?.x ?? 0) + (box?.width ?? 0) / 2, y: (box?.y ?? 0) + (box?.height ?? 0) / 2 };
  };

  /** Texts that are drawn too small: font size, times the scale of the drawing. */
  const small = () =>
    report.page.$$eval(
      "body *",
      (all, least) =>
        all
          .filter((one) => one.checkVisibility({ visibilityProperty: true }))
          .filter((one) => [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim() !== ""))
          .flatMap((one) => {
            const scale = one instanceof SVGGraphicsElement ? (one.getScreenCTM()?.a ?? 1) : 1;
            const size = Number.parseFloat(getComputedStyle(one).fontSize) * scale;
            return size < least ? [`${one.tagName} ${one.textContent} ${size}`] : [];
          }),
      legible,
    );

  it.each([1400, 800, 400])(
    "have no text under 11 pixels at the start, nor has the page, %i pixels wide",
    async (w) => {
      await report.resized(w);
      expect(await small()).toEqual([]);
      await report.page.click('[data-view="drawing"]');
      expect(await report.visible(`${first} svg`)).toBe(true);
      expect(await small()).toEqual([]);
      await report.page.click('[data-view="list"]');
      expect(await small()).toEqual([]);
    },
  );

  it("fit a window of 1400 pixels without scrolling sideways, and hold all their text in their boxes", async () => {
    const wide = await report.page.$$eval(".canvas", (all) =>
      all.filter(({ scrollWidth, clientWidth }) => scrollWidth > clientWidth).map((one) => one.ariaLabel),
    );
    expect(wide).toEqual([]);
    const over = await report.page.$$eval(".canvas .box", (boxes) =>
      boxes.flatMap((box) => {
        const frame = box.querySelector("rect")?.getBoundingClientRect();
        const outside = [...box.querySelectorAll("text")].filter((text) => {
          const { left, right, top, bottom } = text.getBoundingClientRect();
          return (
            frame === undefined || left < frame.left || right > frame.right || top < frame.top || bottom > frame.bottom
          );
        });
        return outside.map(({ textContent }) => textContent);
      }),
    );
    expect(over).toEqual([]);
  });

  it("do not lay one box over another", async () => {
    const overlapping = await report.page.$$eval(".canvas svg", (drawings) =>
      drawings.flatMap((drawing) => {
        const all = [...drawing.querySelectorAll(".box > rect")].map((one) => one.getBoundingClientRect());
        return all.flatMap((a, i) =>
          all.slice(i + 1).filter((b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom),
        );
      }),
    );
    expect(overlapping).toEqual([]);
  });

  it("are one of all systems and one of each; a system's box leads to its picture, another box to its object", async () => {
    const titles = await report.page.$$eval("figure h3", (all) => all.map(({ textContent }) => textContent));
    expect(titles).toEqual(["All systems", "bow-mark", "caracal", "dotdo", "gx", "hermes"]);
    await report.page.$eval('#picture-overview a[href="#picture-gx"]', (one) => {
      (one as unknown as HTMLElement).focus();
    });
    await report.page.keyboard.press("Enter");
    await report.page.waitForFunction(() => {
      const top = document.querySelector("#picture-gx")?.getBoundingClientRect().top ?? -1;
      return top >= 0 && top < 200;
    });
    await report.page.$eval("#picture-gx .box.stateful", (one) => {
      one.closest("a")?.focus();
    });
    await report.page.keyboard.press("Enter");
    await report.page.waitForSelector("#object h1");
    expect(await report.text("#object h1")).toMatch(/^StatefulWorkload /);
  });

  it("mark by word and line what is updated, deleted and public, and what holds data", async () => {
    expect(await report.count("#picture-caracal .box.is-update")).toBeGreaterThan(4);
    expect(await report.text("#picture-caracal .box.is-update .mark")).toBe("~ updated");
    // Hermes goes, and is drawn all the same.
    expect(await report.count("#picture-hermes .box:not(.is-delete):not(.outside)")).toBe(0);
    expect(await report.text("#picture-hermes .box.is-delete .mark")).toBe("− deleted");
    expect(await report.count("#picture-hermes .arrow.is-delete text")).toBeGreaterThan(3);
    const line = await report.page.$eval(
      "#picture-hermes .box.is-delete > rect",
      (one) => getComputedStyle(one).strokeDasharray,
    );
    expect(line).not.toBe("none");
    expect(await report.count(".canvas .box.data")).toBeGreaterThan(8);
    expect(await report.count(".canvas .arrow.public")).toBeGreaterThan(6);
  });

  it("let the wheel scroll the page, and zoom with the control key", async () => {
    const start = await width();
    const { x, y } = await middle();
    await report.page.mouse.move(x, y);
    const before = await scrolled();
    await report.page.mouse.wheel({ deltaY: 200 });
    await expect.poll(scrolled).toBeGreaterThan(before);
    expect(await width()).toBe(start);
    await report.page.keyboard.down("Control");
    await report.page.mouse.wheel({ deltaY: -200 });
    await report.page.keyboard.up("Control");
    await expect.poll(width).toBeGreaterThan(start);
  });

  it("zoom by buttons and keys, move by drag, and come back to natural size", async () => {
    const start = await width();
    await report.page.focus(first);
    await report.page.keyboard.press("+");
    expect(await width()).toBeGreaterThan(start);
    await report.page.keyboard.press("0");
    expect(await width()).toBe(start);
    await report.page.keyboard.press("-");
    expect(await width()).toBeLessThan(start);
    // Out from under the head of the page, which stays at the top.
    await report.page.$eval("#picture-overview figcaption", (one) => {
      one.scrollIntoView({ block: "center" });
    });
    await report.page.click('#picture-overview [data-zoom="fit"]');
    expect(await width()).toBe(start);
    for (let i = 0; i < 3; i++) await report.page.click('#picture-overview [data-zoom="in"]');
    expect(await width()).toBeGreaterThan(2 * start);
    const left = () => report.page.$eval(first, (canvas) => canvas.scrollLeft);
    const before = await left();
    const { x } = await middle();
    await report.page.mouse.move(x, 500);
    await report.page.mouse.down();
    await report.page.mouse.move(x - 120, 480, { steps: 4 });
    await report.page.mouse.up();
    expect(await left()).toBe(before + 120);
    // The end of a drag follows no link.
    expect(report.page.url()).toBe(report.url);
  });

  it("on a touch screen zoom with two fingers, and let one scroll", async () => {
    await report.page.setViewport({ width: 400, height: 800, hasTouch: true, isMobile: true });
    await report.page.reload();
    await report.page.tap('[data-view="drawing"]');
    const start = await width();
    const { x, y } = await middle();
    const client = await report.page.createCDPSession();
    const touch = (type: "touchStart" | "touchMove" | "touchEnd", points: readonly (readonly [number, number])[]) =>
      client.send("Input.dispatchTouchEvent", { type, touchPoints: points.map(([px, py]) => ({ x: px, y: py })) });
    const apart = (distance: number) => [[x - distance, y] as const, [x + distance, y] as const];
    await touch("touchStart", apart(20));
    for (const distance of [25, 30, 40]) await touch("touchMove", apart(distance));
    await touch("touchEnd", []);
    await expect.poll(width).toBeCloseTo(2 * start, 0);
    // Not the page: that would be the browser's own zoom.
    expect(await report.page.evaluate(() => visualViewport?.scale)).toBe(1);

    const before = await scrolled();
    await touch("touchStart", [[x, y]]);
    for (const dy of [20, 60, 120]) await touch("touchMove", [[x, y - dy]]);
    await touch("touchEnd", []);
    await expect.poll(scrolled).toBeGreaterThan(before);
    expect(await width()).toBeCloseTo(2 * start, 0);
  });

  it("are lists in a narrow window, which say the same: what each box is, and what it reaches", async () => {
    await report.resized(400);
    expect(await report.visible("#picture-gx .list")).toBe(true);
    expect(await report.visible("#picture-gx .canvas")).toBe(false);
    const list = await report.page.$$eval("#picture-gx .list li", (all) =>
      all.map(({ textContent }) => textContent.replaceAll(/\s+/g, " ").trim()),
    );
    expect(list.join("\n")).toMatch(/svc-identity 3 to 10 pods.*→ .*redis/);
    expect(list.join("\n")).toMatch(/projector 1 pod.*fabric\/peer0-org1 port 7051/);
    expect(list.join("\n")).toMatch(/redis .*holds data/);
  });
});
