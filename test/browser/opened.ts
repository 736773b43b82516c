/** `report.html` of a large change of production, opened from the disk in a real browser, as a reader would. */
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import puppeteer, { type Browser, type Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect } from "vitest";
import { maskedResources } from "../../graph/masking.ts";
import { objectViews, type ObjectView } from "../../preview/page/objects.ts";
import { reportPage } from "../../preview/page/page.ts";
import { review, type Review } from "../../preview/review/review.ts";
import { stack } from "../support/stack.ts";

export const chromium = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find(existsSync);
if (chromium === undefined) console.warn("skipped: the report in a browser, because there is no chromium");

/** A name that would break out of the page. */
export const evil = `"><img src=x onerror="document.title='broken'">`;

export class Opened {
  page!: Page;
  objects!: ObjectView[];
  reviewed!: Review;
  requests: string[] = [];
  readonly #folder = mkdtempSync(join(tmpdir(), "doks-report-"));
  readonly file = join(this.#folder, "report.html");
  readonly url = pathToFileURL(this.file).href;
  #browser!: Browser;
  #complaints: string[] = [];

  async start(): Promise<void> {
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
    this.reviewed = review({ ...after.rendering, resources: hostile }, [], base);
    this.objects = objectViews(this.reviewed);
    writeFileSync(this.file, await reportPage(this.reviewed));
    this.#browser = await puppeteer.launch({
      executablePath: chromium ?? "",
      args: ["--no-sandbox", "--disable-dev-shm-usage"],
    });
  }

  async stop(): Promise<void> {
    await this.#browser.close();
    rmSync(this.#folder, { recursive: true });
  }

  async open(): Promise<void> {
    [this.#complaints, this.requests] = [[], []];
    const page = await this.#browser.newPage();
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") this.#complaints.push(message.text());
    });
    page.on("pageerror", (error) => this.#complaints.push(String(error)));
    page.on("request", (request) => this.requests.push(request.url()));
    await page.setViewport({ width: 1400, height: 1000 });
    await page.goto(this.url);
    this.page = page;
  }

  async close(): Promise<void> {
    expect(this.#complaints).toEqual([]);
    await this.page.close();
  }

  /** Takes a complaint of the browser for what the test wanted. */
  forgive(what: RegExp): void {
    expect(this.#complaints.filter((one) => what.test(one))).not.toEqual([]);
    this.#complaints = this.#complaints.filter((one) => !what.test(one));
  }

  /** Opens the page again in a window of another size. */
  async resized(width: number, height = 1000): Promise<void> {
    await this.page.setViewport({ width, height });
    await this.page.reload();
  }

  text(selector: string): Promise<string> {
    return this.page.$eval(selector, (one) => one.textContent);
  }

  visible(selector: string): Promise<boolean> {
    return this.page.$eval(selector, (one) => one.checkVisibility());
  }

  count(selector: string): Promise<number> {
    return this.page.$$eval(selector, (all) => all.length);
  }

  /** Opens the object whose URN ends with a text; gives what its page says. */
  async object(end: string): Promise<string> {
    const object = this.objects.find(({ urn }) => urn.endsWith(end));
    await this.page.goto(`${this.url}#${encodeURIComponent(object?.urn ?? "")}`);
    return this.text("#object");
  }
}

/** The report for the tests of a file: made once, opened for each. */
export function opened(): Opened {
  const one = new Opened();
  beforeAll(() => one.start());
  afterAll(() => one.stop());
  beforeEach(() => one.open());
  afterEach(() => one.close());
  return one;
}
