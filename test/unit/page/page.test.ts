/** Parts of the page that need no browser: any section as HTML, values before and after, the meaning of settings. */
import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { html } from "../../../preview/page/html.ts";
import { dangerList } from "../../../preview/page/sections/dangers.ts";
import { meaningOf } from "../../../preview/page/sections/meaning.ts";
import { pagesSection, settingsSection } from "../../../preview/page/sections/reference.ts";
import { sectionHtml } from "../../../preview/page/sections/section.ts";
import { valuesOf } from "../../../preview/page/sections/values.ts";
import type { Section } from "../../../preview/report/section.ts";
import type { Danger } from "../../../preview/review/danger.ts";

const schema: unknown = JSON.parse(readFileSync("settings/schema.json", "utf8"));
const words = (text: string) =>
  text
    .replaceAll(/<[^>]*>/g, "")
    .replaceAll(/\s+/g, " ")
    .trim();

const section: Section = {
  ...{ id: "away", title: "Away", verdict: { text: "one is away", tone: "warn" }, note: "seconds are estimates" },
  items: [
    {
      ...{
        tone: "warn",
        what: "away",
        resource: { urn: "urn:a::b", label: "Deployment gx/api" },
        text: "is away <40 s",
      },
      ...{ fix: "set `replicas: 2`", setting: "gx.workloads.api.replicas", page: "docs/runbooks/volumes.md" },
    },
    { tone: "bad", what: "waived rule-x", text: "y", page: "docs/reference/policies.md#rule-x" },
    ...["a", "b", "c"].map((text) => ({ tone: "faint" as const, text })),
  ],
  table: {
    head: ["what", "seconds"],
    rows: [["api", { text: "40", tone: "bad", urn: "urn:a::b", code: true }]],
    right: [1],
  },
};

describe("any section of the review, as HTML", () => {
  const { text } = sectionHtml(section);

  it("has an anchor, its verdict with a sign, its remark as a sentence", () => {
    expect(text).toMatch(/<section id="away"/);
    expect(words(text)).toMatch(/^Away # ! One is away Seconds are estimates\. /);
  });

  it("leads from a finding to its object, setting, page and rule", () => {
    expect(words(text)).toContain("away Deployment gx/api is away &lt;40 s Do this set replicas: 2");
    for (const anchor of ["urn%3Aa%3A%3Ab", "setting-gx-workloads-api-replicas", "page-docs-runbooks-volumes-md"])
      expect(text).toContain(`href="#${anchor}"`);
    expect(text).toMatch(/waived <a href="#rule-rule-x"\s*>rule-x<\/a\s*>/);
  });

  it("folds what is only there to be complete", () => {
    expect(words(text)).toContain("3 more that are waived, or as they were");
    const few = sectionHtml({ ...section, items: section.items.slice(0, 3) });
    expect(few.text).not.toContain("<details");
  });

  it("aligns amounts right, and links cells that are objects", () => {
    expect(text).toMatch(/<th scope="col"\s+class="amount">Seconds/);
    expect(text).toMatch(
      /<td\s+class="amount"\s+data-head="Seconds">\s*<span class="bad">\s*<a href="#urn%3Aa%3A%3Ab">\s*<code>40/,
    );
  });

  it("takes nothing in it for markup", () => {
    const evil = '<b onclick="x">&';
    const item = { tone: "bad" as const, what: evil, resource: { urn: evil, label: evil }, text: evil, fix: evil };
    const made = sectionHtml({
      ...{ id: "x", title: evil, verdict: { text: evil, tone: "bad" }, note: evil, items: [item] },
      table: { head: [evil], rows: [[evil, { text: evil, urn: evil }]] },
    });
    expect(made.text).not.toContain("<b onclick");
  });
});

describe("the dangers, as HTML", () => {
  it("say in words that there is none", () => {
    expect(words(dangerList([]).text)).toBe("✓ Nothing is lost, refused, away or newly public.");
  });

  it("say what happens to what, why, and what to do, each with an anchor of its own", () => {
    const danger: Danger = {
      ...({ kind: "data", level: "stop", urn: "urn:a", resource: "SpacesBucket files", text: "is deleted" } as const),
      ...{ reason: "`gx` is gone", fix: "keep it" },
    };
    const { text } = dangerList([danger, danger]);
    expect(words(text)).toContain("✕ Stop data SpacesBucket files is deleted (gx is gone) Do this keep it");
    expect(text.match(/ id="[^"]*"/g)).toEqual([
      ' id="danger-data-spacesbucket-files"',
      ' id="danger-data-spacesbucket-files-2"',
    ]);
  });
});

describe("a value before and after", () => {
  const shown = (before: unknown, after: unknown) => {
    const made = valuesOf({ path: "x", before, after, replaces: false });
    return [made.before.text, made.after.text];
  };

  it("has only what differs emphasised", () => {
    expect(shown("registry/app:v0.3", "registry/app:v0.4")).toEqual([
      "<code>&quot;registry/app:v0.<del>3</del>&quot;</code>",
      "<code>&quot;registry/app:v0.<ins>4</ins>&quot;</code>",
    ]);
    expect(shown("a", "b")).toEqual(["<code>&quot;a&quot;</code>", "<code>&quot;b&quot;</code>"]);
  });

  it("tells a text from a number, and says what is absent", () => {
    expect(shown("5", 5)).toEqual(["<code>&quot;5&quot;</code>", "<code>5</code>"]);
    expect(valuesOf({ path: "x", after: 1, replaces: false }).before.text).toContain("absent");
  });

  it("leaves out most of a long text that stays", () => {
    const [before = "", after = ""] = shown(
      `${"a".repeat(9000)}1${"b".repeat(9000)}`,
      `${"a".repeat(9000)}2${"b".repeat(9000)}`,
    );
    expect(before.length + after.length).toBeLessThan(400);
    expect(before).toContain("<del>1</del>");
  });

  it("is whole if it is short, whatever it is", () => {
    const short = fc.string({ maxLength: 80 });
    fc.assert(
      fc.property(short, short, (before, after) => {
        const plain = (text: string) => text.replaceAll(/<[^>]*>/g, "");
        const expected = [before, after].map((one) => html`${one.includes("\n") ? one : JSON.stringify(one)}`.text);
        expect(shown(before, after).map(plain)).toEqual(expected);
      }),
    );
  });
});

describe("the meaning of a setting", () => {
  it("is what the reference says, whatever kinds and groups are on the way", () => {
    const reference = readFileSync("docs/reference/settings.md", "utf8");
    for (const [path, row] of [
      ["platform.region", "region"],
      ["platform.pools.general.min", "pools.*.min"],
      ["platform.cluster.upgradeTo", "cluster[create].upgradeTo"],
      ["hermes.database", "database"],
    ] as const) {
      const { description = "?" } = meaningOf(path, schema) ?? {};
      const [meaning = ""] = description.split(" Default:");
      expect(reference, path).toContain(`| \`${row}\` | ${meaning}`);
    }
  });

  it("is that of the group, where an entry has none of its own", () => {
    expect(meaningOf("gx.workloads.svc-identity.env.FEATURE_X", schema)?.path).toBe("gx.workloads.svc-identity.env");
    expect(meaningOf("gx.noSuchSetting", schema)).toBeUndefined();
    expect(meaningOf("noSuchSystem.x", schema)).toBeUndefined();
  });

  it("is on the page for every setting that is mentioned, once, and so is every page of the documentation", () => {
    const mentions = ["a", "b"].map(() => ({
      setting: "platform.pools.general.min",
      page: "docs/runbooks/volumes.md#x",
    }));
    const settings = settingsSection(mentions).text;
    expect(settings.match(/id="setting-platform-pools-general-min"/g)).toHaveLength(1);
    const pages = pagesSection(mentions).text;
    expect(pages.match(/id="page-docs-runbooks-volumes-md"/g)).toHaveLength(1);
    expect(words(pages)).toContain(/^# (.*)$/m.exec(readFileSync("docs/runbooks/volumes.md", "utf8"))?.[1]);
    expect(settingsSection([{}]).text + pagesSection([{}]).text).toBe("");
  });
});
