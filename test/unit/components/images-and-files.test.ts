/** The image that runs, and files in ConfigMaps. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { split } from "../../../components/workload/file-objects.ts";
import { release } from "../../../components/workload/shaped-pod.ts";
import type { Shape } from "../../../settings/slices/shape.ts";

const word = fc.constantFrom("one", "two", "three", "four");
const digest = `sha256:${"0123456789abcdef".repeat(4)}`;

describe("the image that runs", () => {
  it.each<[string, string, Pick<Shape, "image" | "tag">, string]>([
    ["the system's, when the stack says nothing", "reg.example.com/geo/api:1.4", {}, "reg.example.com/geo/api:1.4"],
    ["another release", "reg.example.com/geo/api:1.4", { tag: "2.0" }, "reg.example.com/geo/api:2.0"],
    ["a release by its digest", "reg.example.com/geo/api:1.4", { tag: digest }, `reg.example.com/geo/api@${digest}`],
    ["another name in the registry", "reg.example.com/geo/api:1.4", { image: "web" }, "reg.example.com/geo/web:1.4"],
    ["a name with its own release", "reg.example.com/geo/api:1.4", { image: "web:7" }, "reg.example.com/geo/web:7"],
    ["a name by its digest", "geo/api:1.4", { image: `web@${digest}` }, `geo/web@${digest}`],
    ["name and release apart", "geo/api:1.4", { image: "web", tag: "7" }, "geo/web:7"],
    ["a whole path", "geo/api:1.4", { image: "ghcr.io/acme/web:7" }, "ghcr.io/acme/web:7"],
    [
      "a whole path by its digest",
      "geo/api:1.4",
      { image: `ghcr.io/acme/web@${digest}` },
      `ghcr.io/acme/web@${digest}`,
    ],
    ["a whole path with the system's release", "geo/api:1.4", { image: "ghcr.io/acme/web" }, "ghcr.io/acme/web:1.4"],
    ["a whole path and a release apart", "geo/api:1.4", { image: "ghcr.io/acme/web", tag: "7" }, "ghcr.io/acme/web:7"],
    ["of a registry with a port", "localhost:5001/api:1.4", {}, "localhost:5001/api:1.4"],
    ["of a registry with a port, released", "localhost:5001/api:1.4", { tag: "2.0" }, "localhost:5001/api:2.0"],
    ["of a registry with a port, named", "localhost:5001/geo/api:1.4", { image: "web" }, "localhost:5001/geo/web:1.4"],
    ["of another registry with a port", "geo/api:1.4", { image: "host:5000/web" }, "host:5000/web:1.4"],
    ["of another registry with a port, whole", "geo/api:1.4", { image: "host:5000/web:7" }, "host:5000/web:7"],
    ["of a registry with a port, without a release", "localhost:5001/api", { tag: "2.0" }, "localhost:5001/api:2.0"],
    ["one that was pinned, released", `geo/api@${digest}`, { tag: "2.0" }, "geo/api:2.0"],
    ["one with a tag and a digest, released", `geo/api:1.4@${digest}`, { tag: "2.0" }, "geo/api:2.0"],
    ["one with no registry, named", "postgres:16.11", { image: "postgis:16-3.5" }, "postgis:16-3.5"],
  ])("is %s", (_what, own, setting, expected) => {
    expect(release(own, setting)).toBe(expected);
  });

  it("is the same whether a release is said once or twice", () => {
    const parts = fc.tuple(
      fc.constantFrom("", "localhost:5001/", "reg.io/geo/"),
      word,
      fc.constantFrom("", ":1", `@${digest}`),
    );
    const tag = fc.constantFrom("1.0", "abc", digest);
    fc.assert(
      fc.property(parts, tag, tag, ([registry, name, version], first, second) => {
        const image = registry + name + version;
        expect(release(image, {})).toBe(image);
        expect(release(release(image, { tag: first }), { tag: second })).toBe(release(image, { tag: second }));
      }),
    );
  });
});

describe("files in ConfigMaps", () => {
  const names = fc.uniqueArray(fc.stringMatching(/^[a-z0-9.-]{1,12}$/), { maxLength: 12 });
  const files = names.chain((all) =>
    fc
      .array(fc.nat(100), { minLength: all.length, maxLength: all.length })
      .map((sizes) => Object.fromEntries(all.map((name, i) => [name, Buffer.alloc(sizes[i] ?? 0, name)]))),
  );
  const total = (part: Readonly<Record<string, Buffer>>) =>
    Object.values(part).reduce((sum, { length }) => sum + length, 0);

  it("are each in one of them, in order, and none holds more than it may unless one file alone is too large", () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 150 }), (given, limit) => {
        const parts = split(given, limit);
        expect(parts.flatMap((part) => Object.entries(part))).toEqual(Object.entries(given));
        for (const part of parts) {
          expect(Object.keys(part).length).toBeGreaterThan(0);
          if (total(part) > limit) expect(Object.keys(part)).toHaveLength(1);
        }
      }),
    );
  });

  it("are in no more of them than they need to be in, in their order", () => {
    fc.assert(
      fc.property(files, fc.integer({ min: 1, max: 150 }), (given, limit) => {
        const parts = split(given, limit);
        parts.slice(1).forEach((part, i) => {
          const [first] = Object.values(part);
          expect(total(parts[i] ?? {}) + (first?.length ?? 0)).toBeGreaterThan(limit);
        });
      }),
    );
  });

  it("share one up to 1 MiB, and not a byte more", () => {
    const mebibyte = 1024 * 1024;
    const two = (more: number) => split({ "1.sql": Buffer.alloc(mebibyte - 1), "2.sql": Buffer.alloc(1 + more) });
    expect(two(0)).toHaveLength(1);
    expect(two(1)).toHaveLength(2);
    expect(split({})).toEqual([]);
  });
});
