/** What the report says, and how its objects and changes are found. */
import { statSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readStackFile } from "../../graph/render/configuration.ts";
import { rules } from "../../policy/rules/index.ts";
import { money } from "../../preview/review/cost/cost.ts";
import { parseSettings } from "../../systems/settings.ts";
import { chromium, evil, opened } from "./opened.ts";

describe.skipIf(chromium === undefined)("the report of prod, in a browser", () => {
  const report = opened();

  it("is one file under 5 MB that asks for no other, and may not", async () => {
    expect(statSync(report.file).size).toBeLessThan(5_000_000);
    expect(report.requests).toEqual([report.url]);
    expect(await report.page.title()).toBe("prod: changes against main");
    expect(await report.text(".lead")).toMatch(/^\d+ resources: \d+ digitalocean/);
    const policy = await report.page.$eval("meta[http-equiv]", (meta) => meta.getAttribute("content"));
    expect(policy).toMatch(/^default-src 'none'; style-src 'sha256-\S+'; script-src 'sha256-\S+';/);
    const loaded = await report.page.evaluate(async () => {
      document.addEventListener("securitypolicyviolation", (event) => {
        document.body.dataset["refused"] = event.effectiveDirective;
      });
      const image = new Image();
      await new Promise((resolve) => {
        image.onload = image.onerror = resolve;
        image.src = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA=";
      });
      return [image.width, document.body.dataset["refused"]];
    });
    expect(loaded).toEqual([0, "img-src"]);
    report.forgive(/Content Security Policy/);
  });

  it("takes no name and no value for markup", async () => {
    const object = report.objects.find(({ name }) => name === evil);
    await report.page.goto(`${report.url}#${encodeURIComponent(object?.urn ?? "")}`);
    expect(await report.text("#object h1")).toBe(`DatabaseCluster ${evil}`);
    expect(await report.text("#object pre")).toContain("</script>");
    expect(await report.count("img")).toBe(0);
    expect(await report.page.title()).toBe(`DatabaseCluster ${evil} · prod: changes against main`);
  });

  it("reaches every object, with its manifest, and every link leads somewhere", async () => {
    expect(report.objects.length).toBeGreaterThan(500);
    const listed = await report.page.$$eval("#objects details a", (links) =>
      links.map((link) => decodeURIComponent(link.hash.slice(1))),
    );
    expect(new Set(listed)).toEqual(new Set(report.objects.map(({ urn }) => urn)));
    const anchors = await report.page.$$eval("[id]", (all) => all.map(({ id }) => id));
    expect(anchors.filter((id, i) => anchors.indexOf(id) !== i)).toEqual([]);
    const known = new Set([...listed, ...anchors, ""]);
    const overview = await report.page.$$eval("#overview a", (links) =>
      links.map((link) => decodeURIComponent((link.getAttribute("href") ?? "").replace(/^#/, ""))),
    );
    expect(overview.filter((link) => !known.has(link))).toEqual([]);
    // All in one go in the page: five hundred calls would take longer than the page itself.
    const pages = await report.page.evaluate(async (urns) => {
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
    const objects = new Map(report.objects.map((one) => [one.urn, one]));
    for (const { urn, title, text: content, links } of pages) {
      const object = objects.get(urn);
      expect(title).toBe(`${object?.kind ?? ""} ${object?.name ?? ""}`);
      if (object?.content !== "{}") expect(content).toContain(object?.content);
      expect(links.filter((link) => !known.has(link))).toEqual([]);
    }
  });

  it("opens an object from an address as a comment has it, with its URN as it is", async () => {
    const { urn = "", name = "" } = report.objects.find((one) => one.name.endsWith("/projector")) ?? {};
    await report.page.goto(`${report.url}#${urn}`);
    expect(await report.text("#object h1")).toBe(`Deployment ${name}`);
  });

  it("shows on an object's page what changes, what it costs, and what is found", async () => {
    expect(await report.object("::platform-general")).toMatch(
      /Change.*replaced.*protected: the update is refused.*size makes a new one.*Cost a month/s,
    );
    const { min = 0 } = parseSettings("prod", readStackFile("prod")).platform.pools["general"] ?? {};
    expect(await report.object("::platform-general")).toContain(money({ min: 126 * min, max: 126 * min }));
    expect(await report.object("StatefulSet::bow-mark-postgres")).toMatch(
      /Findings.*volumes-retained its claims use do-block-storage/s,
    );
    expect(await report.object("Caracal::caracal")).toContain("Consists of");
    expect(await report.object("DatabaseCluster::hermes-postgres")).toMatch(
      /^overview › Hermes hermes › PostgresDatabase hermes-postgres/,
    );
    expect(await report.object("DatabaseCluster::hermes-postgres")).toMatch(
      /deleted.*protected: the update is refused/s,
    );
    expect(await report.visible("#overview")).toBe(false);
  });

  it("leads from a finding to its rule, with why it is there and what satisfies it, and to its object", async () => {
    const { why = "", example = "" } = rules.find(({ name }) => name === "volumes-retained") ?? {};
    await report.page.click('#policy a[href="#rule-volumes-retained"]');
    await report.page.waitForSelector("#rule-volumes-retained[open]");
    expect(await report.text("#rule-volumes-retained")).toContain(why.split("`")[0]);
    expect(await report.text("#rule-volumes-retained pre")).toBe(example);
    const [object] = await report.page.$$("#policy .item a[href*='urn%3A']");
    await object?.click();
    await report.page.waitForSelector("#object h1");
    expect(await report.text("#object h1")).toMatch(/^(StatefulSet|PersistentVolumeClaim) /);
  });

  it("search finds by name and by what a manifest says, by keyboard alone", async () => {
    const { page } = report;
    await page.keyboard.press("/");
    await page.keyboard.type("caracal-gateway deployment");
    const [first = ""] = await page.$$eval("#results a", (links) => links.map((link) => link.textContent));
    expect(first).toContain("Deployment caracal/caracal-gateway");
    // The picture shows where it is.
    const hit = await page.$$eval(".box.hit", (boxes) => boxes.map((box) => box.querySelector("text")?.textContent));
    expect(hit).toContain("caracal-gateway");
    await page.keyboard.press("ArrowDown");
    await page.keyboard.press("Enter");
    await page.waitForSelector("#object h1");
    expect(await report.text("#object h1")).toBe("Deployment caracal/caracal-gateway");
    expect(await report.visible("#results")).toBe(false);

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
    expect(await report.text("#results")).toContain("Nothing found");
  });

  it("shows only the changes of a kind, the dangerous ones, or those with a text", async () => {
    const { page } = report;
    const shown = () =>
      page.$$eval("div.change", (rows) =>
        rows
          .filter((row) => row.checkVisibility())
          .map((row) => `${row.dataset["operation"] ?? ""} ${row.textContent}`),
      );
    const changes = report.reviewed.change?.changes ?? [];
    expect(await report.count(".change")).toBe(changes.length);
    await page.click('#filter input[value="delete"]');
    expect((await shown()).filter((row) => row.startsWith("delete"))).toEqual([]);
    expect(await shown()).toHaveLength(changes.filter(({ operation }) => operation !== "delete").length);
    await page.click('#filter input[value="delete"]');
    await page.click('#filter input[name="danger"]');
    expect((await shown()).length).toBe(changes.filter(({ data }) => data !== undefined).length);
    for (const row of await shown()) expect(row).toMatch(/refused|kept|DATA IS LOST/);
    await page.click('#filter input[name="danger"]');
    await page.type('#filter input[name="text"]', "v0.4 gateway");
    expect((await shown()).join()).toContain("caracal/caracal-gateway");
    expect(await report.text("#filter output")).toMatch(/^\d+ of \d+ shown$/);
    await page.type('#filter input[name="text"]', " no such thing");
    expect(await report.visible("#no-change")).toBe(true);
  });

  it("emphasises in a value what differs", async () => {
    const row = ".change[data-urn$='Deployment::caracal-gateway']";
    expect([await report.text(`${row} del`), await report.text(`${row} ins`)]).toEqual(["3", "4"]);
  });
});
