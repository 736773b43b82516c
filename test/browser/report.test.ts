/** `report.html` in a real browser, opened from the disk as a reader would. */
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { objectViews, type ObjectView } from "../../preview/page/objects.ts";
import { reportPage } from "../../preview/page/page.ts";
import { maskedResources } from "../../graph/masking.ts";
import { readStackFile } from "../../graph/render/configuration.ts";
import { money } from "../../preview/review/cost.ts";
import { review } from "../../preview/review/review.ts";
import { parseSettings } from "../../systems/settings.ts";
import { stack } from "../support/stack.ts";

const evil = `"><img src=x onerror="document.title='broken'">`;
const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (chromium === undefined) console.warn("skipped: the report in a browser, because there is no chromium");

describe.skipIf(chromium === undefined)("the report of prod, in a browser", () => {
  let browser: Browser;
  let page: Page;
  let objects: ObjectView[];
  let complaints: string[];
  let requests: string[];
  const folder = mkdtempSync(join(tmpdir(), "doks-report-"));
  const file = join(folder, "report.html");
  const url = pathToFileURL(file).href;

  beforeAll(async () => {
    const database = { kind: "managed", size: "db-s-1vcpu-1gb", storage: null };
    const before = await stack("prod", {
      "doks-systems:hermes": { database, imageSupports: { databaseTls: true } },
    });
    const after = await stack("prod", {
      "doks-systems:caracal": { imageTag: "v0.4" },
      "doks-systems:hermes": null,
      "doks-systems:platform": { pools: { general: { size: "g-4vcpu-16gb" } } },
    });
    const base = { reference: "main", resources: maskedResources(before.rendering) };
    // A name and a value that would break out of the page.
    const hostile = after.rendering.resources.map((one) =>
      one.name === "gx-postgres" && one.type.endsWith(":DatabaseCluster")
        ? { ...one, inputs: { ...one.inputs, name: evil, note: `</script>${evil}` } }
        : one,
    );
    const reviewed = review({ ...after.rendering, resources: hostile }, [], base);
    objects = objectViews(reviewed);
    writeFileSync(file, await reportPage(reviewed));
    browser = await puppeteer.launch({
      executablePath: chromium ?? "",
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
  }, 120_000);
  afterAll(async () => {
    await browser.close();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    [complaints, requests] = [[], []];
    page = await browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") complaints.push(message.text());
    });
    page.on("pageerror", (error) => complaints.push(String(error)));
    page.on("request", (request) => requests.push(request.url()));
    await page.setViewport({ width: 1400, height: 1000 });
    await page.goto(url);
  });
  afterEach(async () => {
    expect(complaints).toEqual([]);
    await page.close();
  });

  const text = (selector: string) => page.$eval(selector, (element) => element.textContent);
  const visible = (selector: string) => page.$eval(selector, (element) => element.checkVisibility());
  const viewBox = () =>
    page.$eval("#canvas svg", (svg) => (svg.getAttribute("viewBox") ?? "").split(" ").map(Number).join(" "));
  const width = async () => Number((await viewBox()).split(" ")[2]);

  it("is one file under 5 MB that asks for no other", async () => {
    expect(statSync(file).size).toBeLessThan(5_000_000);
    expect(requests).toEqual([url]);
    expect(await page.title()).toBe("prod: changes against main");
    expect(await text(".lead")).toMatch(/^\d+ resources: \d+ digitalocean/);
  });

  it("takes no name and no value for markup", async () => {
    const object = objects.find(({ name }) => name === evil);
    await page.goto(`${url}#${encodeURIComponent(object?.urn ?? "")}`);
    expect(await text("#object h1")).toBe(`DatabaseCluster ${evil}`);
    expect(await text("#object pre")).toContain("</script>");
    expect(await page.$$eval("img", (images) => images.length)).toBe(0);
    expect(await page.title()).toBe("prod: changes against main");
  });

  it("reaches every object, with its manifest, and every link leads somewhere", async () => {
    expect(objects.length).toBeGreaterThan(500);
    const listed = await page.$$eval("#objects a", (links) =>
      links.map((link) => decodeURIComponent(link.hash.slice(1))),
    );
    expect(new Set(listed)).toEqual(new Set(objects.map(({ urn }) => urn)));
    const known = new Set(listed);
    // All in one go in the page: five hundred calls would take longer than the page itself.
    const pages = await page.evaluate(async (urns) => {
      const seen: { urn: string; title: string; text: string; links: string[] }[] = [];
      for (const urn of urns) {
        location.hash = encodeURIComponent(urn);
        await new Promise((resolve) => {
          addEventListener("hashchange", resolve, { once: true });
        });
        const article = document.querySelector("#object");
        const links = [...(article?.querySelectorAll("a") ?? [])].map((link) => decodeURIComponent(link.hash.slice(1)));
        seen.push({
          urn,
          title: article?.querySelector("h1")?.textContent ?? "",
          text: article?.textContent ?? "",
          links,
        });
      }
      return seen;
    }, listed);
    for (const { urn, title, text: content, links } of pages) {
      const object = objects.find((one) => one.urn === urn);
      expect(title).toBe(`${object?.kind ?? ""} ${object?.name ?? ""}`);
      if (object?.content !== "{}") expect(content).toContain(object?.content);
      expect(links.filter((link) => link !== "" && !known.has(link))).toEqual([]);
    }
  }, 60_000);

  it("shows on an object's page what changes, what it costs, and what is found", async () => {
    const open = async (part: string) => {
      const object = objects.find(({ urn }) => urn.endsWith(part));
      await page.goto(`${url}#${encodeURIComponent(object?.urn ?? "")}`);
      return text("#object");
    };
    expect(await open("::platform-general")).toMatch(
      /Change.*replace.*protected: the update is refused.*size makes a new one.*Cost a month/s,
    );
    const { min } = parseSettings("prod", readStackFile("prod")).platform.pools["general"] ?? { min: 0 };
    expect(await open("::platform-general")).toContain(money({ min: 126 * min, max: 126 * min }));
    expect(await open("StatefulSet::bow-mark-postgres")).toMatch(
      /Findings.*volumes-retained its claims use do-block-storage/s,
    );
    expect(await open("Caracal::caracal")).toContain("Consists of");
    expect(await open("DatabaseCluster::hermes-postgres")).toMatch(
      /^overview › Hermes hermes › PostgresDatabase hermes-postgres/,
    );
    expect(await open("DatabaseCluster::hermes-postgres")).toMatch(/delete.*protected: the update is refused/s);
    expect(await visible("#overview")).toBe(false);
  });

  it("search finds by name and by what a manifest says, by keyboard alone", async () => {
    await page.keyboard.press("/");
    await page.keyboard.type("caracal-gateway deployment");
    const [first = ""] = await page.$$eval("#results a", (links) => links.map((link) => link.textContent));
    expect(first).toContain("Deployment caracal/caracal-gateway");
    // The picture shows where it is.
    const hit = await page.$$eval("#canvas .node.hit", (nodes) =>
      nodes.map((node) => node.querySelector("text")?.textContent),
    );
    expect(hit).toContain("caracal-gateway");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#object h1");
    expect(await text("#object h1")).toBe("Deployment caracal/caracal-gateway");
    expect(await visible("#results")).toBe(false);

    await page.keyboard.press("Escape");
    await page.waitForSelector("#object", { hidden: true });
    await page.keyboard.press("/");
    await page.keyboard.type("meilisearch");
    expect(await page.$$eval("#results a", (links) => links.map((link) => link.textContent).join())).toContain(
      "bow-mark",
    );
    await page.keyboard.press("Escape");
    await page.keyboard.press("/");
    await page.keyboard.type("no such thing anywhere");
    expect(await text("#results")).toContain("Nothing found");
  });

  it("the picture zooms and moves by wheel, drag, buttons and keys, and shows all again", async () => {
    const whole = await viewBox();
    await page.focus("#canvas");
    await page.keyboard.press("+");
    const closer = await width();
    expect(closer).toBeLessThan(Number(whole.split(" ")[2]));
    await page.keyboard.press("ArrowRight");
    expect(await width()).toBe(closer);
    await page.keyboard.press("0");
    expect(await viewBox()).toBe(whole);

    const canvas = await (await page.$("#canvas"))?.boundingBox();
    await page.mouse.move((canvas?.x ?? 0) + 300, (canvas?.y ?? 0) + 300);
    await page.mouse.wheel({ deltaY: -400 });
    await expect.poll(viewBox).not.toBe(whole);
    const zoomed = await viewBox();
    await page.mouse.down();
    await page.mouse.move((canvas?.x ?? 0) + 350, (canvas?.y ?? 0) + 350, { steps: 4 });
    await page.mouse.up();
    expect(await viewBox()).not.toBe(zoomed);
    expect(page.url()).toBe(url);
    await page.click('[data-zoom="fit"]');
    expect(await viewBox()).toBe(whole);
  });

  it("a node of the picture leads to its object", async () => {
    const link = await page.$$("#canvas .node.stateful a");
    expect(link.length).toBeGreaterThan(4);
    await link[0]?.evaluate((one) => {
      one.focus();
    });
    await page.keyboard.press("Enter");
    await page.waitForSelector("#object h1");
    expect(await text("#object h1")).toMatch(/^StatefulWorkload /);
  });

  it("marks in the picture what changes, what holds data and what is public", async () => {
    const count = (selector: string) => page.$$eval(`#canvas ${selector}`, (all) => all.length);
    expect(await count(".node.is-update")).toBeGreaterThan(4);
    expect(await count(".node.data")).toBeGreaterThan(8);
    expect(await count(".edge.public")).toBeGreaterThan(6);
  });

  it("is light or dark as the system is, and as the reader wants", async () => {
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

  it("everything that can be clicked has a name, and the page a language", async () => {
    const nameless = await page.$$eval("button, input, a", (all) =>
      all
        .filter((one) => ((one.getAttribute("aria-label") ?? "") + one.textContent).trim() === "")
        .map((one) => one.outerHTML),
    );
    expect(nameless).toEqual([]);
    expect(await page.$eval("html", (html) => html.lang)).toBe("en");
  });

  it("fits a narrow window without scrolling sideways", async () => {
    await page.setViewport({ width: 420, height: 800 });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(420);
  });

  it("prints the overview with the whole picture, and no controls", async () => {
    await page.focus("#canvas");
    await page.keyboard.press("+");
    const pdf = await page.pdf({ format: "A4" });
    expect(Buffer.from(pdf.subarray(0, 5)).toString()).toBe("%PDF-");
    const pages =
      Buffer.from(pdf)
        .toString("latin1")
        .match(/\/Type\s*\/Page\b/g)?.length ?? 0;
    expect(pages).toBeGreaterThan(1);
    expect(pages).toBeLessThan(12);
    await page.emulateMediaType("print");
    for (const control of ["#search", "#theme", ".zoom", "#objects"])
      expect(await visible(control), control).toBe(false);
    expect(await visible("#picture")).toBe(true);
  });
});
