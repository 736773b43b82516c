/** Who may read the report: with a keyboard, a screen reader, little contrast, a narrow window, on paper. */
import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chromium, opened } from "./opened.ts";

/** The rules of WCAG 2.2, levels A and AA, as axe-core checks them. */
const standard = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];
const axe = readFileSync(new URL(import.meta.resolve("axe-core/axe.min.js")), "utf8");

describe.skipIf(chromium === undefined)("the report of prod is for everybody", () => {
  const report = opened();

  /** What axe-core finds, with the elements. */
  async function found(): Promise<string[]> {
    await report.page.evaluate(axe);
    return report.page.evaluate(async (values) => {
      interface Axe {
        run: (
          context: Document,
          options: object,
        ) => Promise<{ violations: { id: string; nodes: { html: string; failureSummary?: string }[] }[] }>;
      }
      const { axe: checker } = window as unknown as { axe: Axe };
      const { violations } = await checker.run(document, { runOnly: { type: "tag", values } });
      return violations.flatMap(({ id, nodes }) =>
        nodes.map(({ html, failureSummary = "" }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`),
      );
    }, standard);
  }

  it.each([
    ["light", 1400],
    ["dark", 1400],
    ["light", 400],
    ["dark", 400],
  ] as const)("keeps WCAG AA in %s, %i pixels wide: contrast, names, roles", async (theme, width) => {
    await report.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
    await report.resized(width);
    await report.page.$$eval("details", (all) => {
      for (const one of all) one.open = one.closest("#objects") === null;
    });
    expect(await found()).toEqual([]);
    expect(await report.object("::platform-general")).toContain("Change");
    expect(await found()).toEqual([]);
  });

  it("draws text and lines of pictures with enough contrast, which axe-core does not measure", async () => {
    for (const theme of ["light", "dark"] as const) {
      await report.page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: theme }]);
      const weak = await report.page.$$eval(".canvas .box", (boxes) => {
        const shade = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
        /** Luminance as WCAG 2.2 defines it. */
        const luminance = (color: string) => {
          if (shade === null) return 0;
          shade.fillStyle = color;
          shade.fillRect(0, 0, 1, 1);
          const [r = 0, g = 0, b = 0] = [...shade.getImageData(0, 0, 1, 1).data].map((part) => {
            const share = part / 255;
            return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
          });
          return 0.2126 * r + 0.7152 * g + 0.0722 * b;
        };
        const contrast = (one: string, other: string) => {
          const [low = 0, high = 0] = [luminance(one), luminance(other)].toSorted((a, b) => a - b);
          return (high + 0.05) / (low + 0.05);
        };
        return boxes.flatMap((box) => {
          const rect = box.querySelector("rect");
          if (rect === null) return ["no frame"];
          const ground = getComputedStyle(rect).fill;
          return [
            ...[...box.querySelectorAll("text")]
              .filter((text) => contrast(getComputedStyle(text).fill, ground) < 4.5)
              .map((text) => `${text.textContent} ${getComputedStyle(text).fill} on ${ground}`),
            ...(contrast(getComputedStyle(rect).stroke, ground) < 3 ? [`frame on ${ground}`] : []),
          ];
        });
      });
      expect(weak, theme).toEqual([]);
    }
  });

  it("is reached whole by the tab key, in the order of reading, and shows where it is", async () => {
    const { page } = report;
    await page.keyboard.press("Tab");
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to content");
    const expected = await page.$$eval("a[href], button, input, summary, [tabindex='0']", (all) =>
      all.filter((one) => one.checkVisibility()).map((one) => [...document.querySelectorAll("*")].indexOf(one)),
    );
    const reached: number[] = [];
    const unmarked: string[] = [];
    for (let i = 0; i < expected.length; i++) {
      const [at, marked, name] = await page.evaluate(() => {
        const one = document.activeElement;
        if (one === null) return [-1, false, ""] as const;
        const shown = one instanceof SVGElement ? one.querySelector(".box > rect") : null;
        const style = getComputedStyle(shown ?? one.closest(".chip") ?? one);
        const marked = shown === null ? style.outlineStyle !== "none" : Number.parseFloat(style.strokeWidth) > 3;
        return [[...document.querySelectorAll("*")].indexOf(one), marked, one.outerHTML.slice(0, 120)] as const;
      });
      reached.push(at);
      if (!marked) unmarked.push(name);
      await page.keyboard.press("Tab");
    }
    expect(reached).toEqual(expected);
    expect(unmarked).toEqual([]);
  });

  it("skips to the content, opens by Enter, closes by Escape, and comes back to where it was", async () => {
    const { page } = report;
    await page.keyboard.press("Tab");
    await page.keyboard.press("Enter");
    expect(await page.evaluate(() => document.activeElement?.id)).toBe("main");
    const link = ".change a";
    await page.focus(link);
    const before = await page.evaluate(() => scrollY);
    await page.keyboard.press("Enter");
    await page.waitForSelector("#object h1");
    // The title has the focus, so a screen reader reads the new page.
    expect(await page.evaluate(() => document.activeElement?.tagName)).toBe("H1");
    await page.keyboard.press("Escape");
    await page.waitForSelector("#overview", { visible: true });
    expect(await page.evaluate(() => scrollY)).toBe(before);
    expect(await page.$eval(link, (one) => document.activeElement === one)).toBe(true);
  });

  it("copies a manifest, a URN and a command", async () => {
    const { page } = report;
    const pasted = async () => {
      await page.focus("#search");
      await page.keyboard.down("Control");
      await page.keyboard.press("KeyV", { commands: ["Paste"] });
      await page.keyboard.up("Control");
      const text = await page.$eval("#search", (one) => (one as HTMLInputElement).value);
      await page.keyboard.press("Escape");
      return text;
    };
    await page.$$eval("#secrets details", (all) => {
      for (const one of all) one.open = true;
    });
    await page.focus("#secrets .copy");
    await page.keyboard.press("Enter");
    await page.waitForFunction(() => document.querySelector("#said")?.textContent === "Copied");
    expect(await pasted()).toMatch(/^npx pulumi config set --stack prod --secret --path 'secrets\./);
    await report.object("::platform-general");
    await page.click("#object .copied .copy");
    await page.waitForFunction(() => document.querySelector("#object .copied .copy")?.textContent === "Copied");
    expect(await pasted()).toMatch(/^urn:pulumi:prod::.*::platform-general$/);
  });

  it("is light or dark as the system is, and as the reader wants", async () => {
    const { page } = report;
    const ground = () => page.$eval("body", (body) => getComputedStyle(body).backgroundColor);
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "light" }]);
    const light = await ground();
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    const dark = await ground();
    expect(dark).not.toBe(light);
    await page.click("#theme");
    expect(await ground()).toBe(light);
    await page.click("#theme");
    expect(await ground()).toBe(dark);
  });

  it.each([1400, 800, 400, 320])("fits a window of %i pixels without scrolling sideways", async (width) => {
    const overflow = () => report.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
    await report.resized(width);
    expect(await overflow()).toBeLessThanOrEqual(0);
    await report.page.$$eval("details", (all) => {
      for (const one of all) one.open = true;
    });
    expect(await overflow()).toBeLessThanOrEqual(0);
    await report.object("StatefulSet::bow-mark-postgres");
    expect(await overflow()).toBeLessThanOrEqual(0);
  });

  it("moves nothing by itself", async () => {
    const moving = await report.page.$$eval(
      "*",
      (all) =>
        all.filter((one) => {
          const { animationName, transitionDuration, scrollBehavior } = getComputedStyle(one);
          return animationName !== "none" || transitionDuration !== "0s" || scrollBehavior === "smooth";
        }).length,
    );
    expect(moving).toBe(0);
  });

  it("prints dark on light what the page says, unfolded, with whole pictures and no controls", async () => {
    const { page } = report;
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: "dark" }]);
    await page.click("#theme");
    await page.click("#theme");
    await page.focus("#picture-overview .canvas");
    await page.keyboard.press("+");
    const pdf = Buffer.from(await page.pdf({ format: "A4", printBackground: true }));
    expect(pdf.subarray(0, 5).toString()).toBe("%PDF-");
    const pages = pdf.toString("latin1").match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(5);
    expect(pages).toBeLessThan(40);
    await page.emulateMediaType("print");
    // The width of A4 without margins, in pixels of CSS.
    await page.setViewport({ width: 688, height: 1000 });
    await page.evaluate(() => dispatchEvent(new Event("beforeprint")));
    for (const control of ["#search", "#theme", ".zoom", ".copy", "#filter", "#objects"])
      expect(await report.visible(control), control).toBe(false);
    expect(await page.$eval("body", (body) => getComputedStyle(body).backgroundColor)).toBe("rgb(255, 255, 255)");
    const cut = await page.$$eval("#overview .canvas svg, #overview table, #overview pre", (all) =>
      all.filter((one) => one.getBoundingClientRect().right > innerWidth + 1).map((one) => one.outerHTML.slice(0, 100)),
    );
    expect(cut).toEqual([]);
    expect(
      await page.$$eval("#overview details", (all) => all.filter((one) => !one.open && one.checkVisibility()).length),
    ).toBe(0);
  });
});
