/** The rules of a route, asked in Envoy's way: which requests are streamed, held, refused, hidden. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { acmeIssuer } from "../../../components/edge/acme.ts";
import { anySpelling, numberUpTo, planRules } from "../../../components/edge/route-rules.ts";
import type { RouteRule } from "../../../components/edge/route-args.ts";

const mebibyte = 1024 ** 2;

describe("numbers up to a limit", () => {
  it("are those from 1, and no greater one, however it is written", () => {
    const amount = fc.integer({ min: 1, max: 2 ** 31 });
    fc.assert(
      fc.property(amount, amount, fc.nat({ max: 3 }), (most, number, zeros) => {
        const fits = new RegExp(`^(?:${numberUpTo(most)})$`);
        expect(fits.test("0".repeat(zeros) + String(number))).toBe(number <= most);
        expect([fits.test(String(most)), fits.test(String(most + 1)), fits.test("0")]).toEqual([true, false, false]);
      }),
    );
    const fits = new RegExp(`^(?:${numberUpTo(100 * mebibyte)})$`);
    expect(["104857600", "104857601", "99999999", "1e3", "-1", ""].map((text) => fits.test(text))).toEqual([
      true,
      false,
      true,
      false,
      false,
      false,
    ]);
  });
});

describe("rules", () => {
  const to = {} as RouteRule["to"];
  const plan = planRules(
    {
      name: "api",
      hosts: ["api.example.com"],
      rules: [
        { path: "/", to },
        { path: "/live", to, webSockets: true, hashHeader: "X-Id" },
      ],
    },
    { maxBodyMiB: 10 },
  );
  const all = [...plan.first, ...plan.then];
  /** The rule that Gateway API picks for a path: most header matches, then the earliest. */
  const pick = (path: string, headers: Record<string, string>) => {
    const order = [
      ...plan.first.flatMap(({ name, paths, headers: wanted }) => paths.map((at) => ({ name, path: at, wanted }))),
      ...plan.tooLarge.map(({ path: at, headers: wanted }) => ({ name: "too large", path: at, wanted })),
      ...plan.then.flatMap(({ name, paths, headers: wanted }) => paths.map((at) => ({ name, path: at, wanted }))),
    ];
    const matches = ({ name, value }: { name: string; value: string }) => {
      const given = headers[name.toLowerCase()];
      const plain = value.replace("(?i)", "");
      return given !== undefined && new RegExp(`^(?:${plain})$`, plain === value ? "" : "i").test(given);
    };
    const fitting = order.filter((one) => one.path === path && one.wanted.every(matches));
    return fitting.toSorted((a, b) => b.wanted.length - a.wanted.length)[0]?.name;
  };

  it("a body of a stated size passes through, one that is too large is refused, one of unknown size is held", () => {
    expect(pick("/", { "content-length": String(10 * mebibyte) })).toBe("api-sized");
    expect(pick("/", { "content-length": String(10 * mebibyte + 1) })).toBe("too large");
    expect(pick("/", { "transfer-encoding": "chunked" })).toBe("api");
    expect(pick("/", {})).toBe("api");
    expect(pick("/", { upgrade: "websocket", "content-length": "0" })).toBe("api");
    expect(all.filter(({ buffered }) => buffered).map(({ name }) => name)).toEqual([
      "api",
      "api-live-keyed",
      "api-live",
    ]);
  });

  it("requests with a key go by it, whatever their size; those without go by their path", () => {
    const size = { "content-length": "5" };
    expect(pick("/live", { ...size, "x-id": "a" })).toBe("api-live-sized-keyed");
    expect(pick("/live", { "x-id": "a" })).toBe("api-live-keyed");
    expect(pick("/live", { "x-id": "a", "content-length": "99999999" })).toBe("too large");
    expect(pick("/live", size)).toBe("api-live-sized");
    const hashOf = (name: string) => all.find((one) => one.name === name)?.hashBy;
    expect(["api-live-sized-keyed", "api-live-keyed", "api-live-sized", "api-live", "api"].map(hashOf)).toEqual([
      "X-Id",
      "X-Id",
      ":path",
      ":path",
      undefined,
    ]);
  });

  it("a WebSocket is one, though its request says that it has no body", () => {
    expect(pick("/live", { upgrade: "WebSocket", "content-length": "0" })).toBe("api-live-websocket");
    expect(pick("/live", { upgrade: "websocket", "x-id": "a", "content-length": "0" })).toBe(
      "api-live-websocket-keyed",
    );
  });

  it("paths of one workload share a rule where they are treated alike", () => {
    const paths = ["/a", "/b", "/c"].map((path) => ({ path, to }));
    const { first, then } = planRules({ name: "api", hosts: [], rules: paths }, { maxBodyMiB: 1 });
    expect(first.map((one) => [one.name, one.paths])).toEqual([["api-a-sized", ["/a", "/b", "/c"]]]);
    expect(then.map(({ name }) => name)).toEqual(["api-a", "api-b", "api-c"]);
  });

  it("what a path is made of is meant literally", () => {
    expect(anySpelling("/v1.0/metrics/")).toBe(String.raw`/+v1\.0/+metrics`);
  });
});

describe("ACME servers", () => {
  it("each have an issuer of their own, so that a change issues certificates anew", () => {
    expect(acmeIssuer("production").name).toBe("letsencrypt-prod");
    expect(acmeIssuer("staging")).toEqual({
      name: "letsencrypt-staging",
      directory: "https://acme-staging-v02.api.letsencrypt.org/directory",
    });
    const own = "https://ca.example.com:9000/acme/acme/directory";
    expect(acmeIssuer(own)).toEqual({ name: "acme-ca-example-com-9000-acme-acme-directory", directory: own });
  });
});
