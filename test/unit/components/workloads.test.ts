/** The slice of settings that every workload takes: what it makes of a system's own words. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { mostPods, shape, wantedConnections, type Shape, type ShapeDefaults } from "../../../settings/slices/shape.ts";
import { workloadsSetting, type ProbeSetting, type WorkloadSetting } from "../../../settings/slices/workload.ts";
import type { Loose } from "../../support/stack.ts";

/** Few words, so that a stack's often meet the system's. */
const word = fc.constantFrom("one", "two", "three", "four");
const path = fc.constantFrom("/tmp", "/app/data", "/app/.cache", "/var/log");
const number = fc.integer({ min: 1, max: 1000 });
const port = fc.integer({ min: 1, max: 65_535 });
const memory = fc.integer({ min: 1, max: 64 }).map((gib) => `${gib}Gi`);
const cpu = fc.integer({ min: 1, max: 4000 }).map((milli) => `${milli}m`);
const size = fc.record({ cpu, memory });
const words = fc.array(word, { minLength: 1, maxLength: 3 });
const reach = fc.oneof(
  fc.record({ kind: fc.constant("internet" as const), ports: fc.array(port, { minLength: 1, maxLength: 2 }) }),
  fc.record({ kind: fc.constant("pods" as const), namespace: word, ports: fc.array(port, { minLength: 1 }) }),
);
const visitor = fc.record({ kind: fc.constant("pods" as const), namespace: word });
const user = fc.record({ uid: number, gid: number });
const file = fc.record({ configMap: word });

const timings = fc.record(
  { initialDelaySeconds: number, periodSeconds: number, timeoutSeconds: number, failureThreshold: number },
  { requiredKeys: [] },
);
const handler = fc.oneof(
  fc.record({ http: fc.record({ path: word.map((part) => `/${part}`), port }) }),
  fc.record({ tcp: port }),
  fc.record({ exec: words }),
);
const probe = fc.tuple(handler, timings).map(([how, when]): ProbeSetting => ({ ...how, ...when }));
const kinds = ["startup", "readiness", "liveness"] as const;
const threeOf = <Value>(one: fc.Arbitrary<Value>) =>
  fc.record({ startup: one, readiness: one, liveness: one }, { requiredKeys: [] });

const range = fc.record({
  min: fc.integer({ min: 1, max: 5 }),
  max: fc.integer({ min: 5, max: 100 }),
  cpuPercent: fc.integer({ min: 1, max: 100 }),
  memoryPercent: fc.oneof(fc.constant(false as const), fc.integer({ min: 1, max: 100 })),
});

const defaults: fc.Arbitrary<ShapeDefaults> = fc.record(
  {
    kind: fc.constantFrom("deployment", "data", "task"),
    pool: word,
    user,
    graceSeconds: number,
    resources: fc.record({ requests: size, limits: size }),
    command: words,
    env: fc.dictionary(word, word),
    envFrom: words,
    writable: fc.dictionary(path, memory),
    files: fc.dictionary(path, file),
    mounts: fc.array(path, { maxLength: 2 }),
    secretEnv: words,
    ports: fc.dictionary(word, port),
    probes: threeOf(probe),
    replicas: fc.oneof(fc.integer({ min: 1, max: 9 }), range),
    preStopSeconds: number,
    shareProcesses: fc.boolean(),
    connections: number,
    reaches: fc.dictionary(word, reach),
    reachedBy: fc.dictionary(word, visitor),
  },
  { requiredKeys: ["kind", "pool", "user", "graceSeconds", "resources"] },
);

const given = fc.record(
  {
    image: word,
    tag: word,
    command: words,
    args: words,
    env: fc.dictionary(word, fc.oneof(word, fc.record({ secret: word, key: word }))),
    envFrom: words,
    user,
    writable: fc.dictionary(path, fc.oneof(fc.constant(false as const), memory)),
    files: fc.dictionary(path, file),
    ports: fc.dictionary(word, port),
    probes: threeOf(fc.oneof(fc.constant("off" as const), probe, timings)),
    resources: fc.record(
      {
        requests: fc.record({ cpu, memory }, { requiredKeys: [] }),
        limits: fc.record({ cpu, memory }, { requiredKeys: [] }),
      },
      { requiredKeys: [] },
    ),
    replicas: fc.integer({ min: 1, max: 100 }),
    autoscaling: fc.oneof(
      fc.constant(false as const),
      fc.record({ min: number, max: number, cpuPercent: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: [] }),
    ),
    graceSeconds: number,
    preStopSeconds: number,
    shareProcesses: fc.boolean(),
    connections: number,
    reaches: fc.dictionary(word, fc.oneof(fc.constant(false as const), reach)),
    reachedBy: fc.dictionary(word, visitor),
  },
  { requiredKeys: [] },
) as fc.Arbitrary<WorkloadSetting>;

const of = (own: ShapeDefaults, setting?: WorkloadSetting): Shape => {
  const { w } = shape({ w: own }, setting === undefined ? {} : { w: setting });
  if (w === undefined) throw new Error("it is gone");
  return w;
};

/** What a record of the system's and one of the stack's are together: each key as the stack has it, none that it refuses. */
const together = (own: object = {}, over: object = {}) =>
  Object.fromEntries(Object.entries({ ...own, ...over }).filter(([, value]) => value !== false));

describe("a workload's shape", () => {
  it("is the system's where the stack says nothing", () => {
    const empty: Loose = {
      ...{ env: {}, envFrom: [], writable: {}, files: {}, mounts: [], secretEnv: [], ports: {}, probes: {} },
      ...{ replicas: 1, preStopSeconds: 0, shareProcesses: false, connections: 0, reaches: {}, reachedBy: {} },
    };
    const silenced = given.map((setting) => Object.fromEntries(Object.keys(setting).map((key) => [key, undefined])));
    fc.assert(
      fc.property(defaults, silenced, (own, silent) => {
        for (const setting of [undefined, {}, silent]) expect(of(own, setting)).toEqual({ ...empty, ...own });
      }),
    );
  });

  it("has every word of the stack in the place of the system's", () => {
    const plain = ["image", "tag", "command", "args", "user", "graceSeconds", "preStopSeconds"] as const;
    const more = ["shareProcesses", "connections"] as const;
    const records = ["env", "files", "ports", "reachedBy", "writable", "reaches"] as const;
    fc.assert(
      fc.property(defaults, given, (own, setting) => {
        const shaped = of(own, setting);
        const before = of(own);
        for (const key of [...plain, ...more]) expect(shaped[key], key).toEqual(setting[key] ?? before[key]);
        for (const key of records) expect(shaped[key], key).toEqual(together(own[key], setting[key]));
        expect(shaped.envFrom).toEqual([...(own.envFrom ?? []), ...(setting.envFrom ?? [])]);
        for (const side of ["requests", "limits"] as const) {
          expect(shaped.resources[side]).toEqual({ ...own.resources[side], ...setting.resources?.[side] });
        }
        // What only the program knows stays.
        for (const key of ["kind", "pool", "mounts", "secretEnv"] as const) expect(shaped[key]).toEqual(before[key]);
      }),
    );
  });

  it("is asked for no setting that the schema would refuse, and the schema adds nothing", () => {
    const schema = workloadsSetting(["w"]);
    fc.assert(
      fc.property(given, (setting) => {
        expect(schema.parse({ w: setting })).toEqual({ w: setting });
      }),
    );
  });

  it("keeps the system's own words as they were", () => {
    fc.assert(
      fc.property(defaults, given, (own, setting) => {
        const copies = structuredClone([own, setting]);
        of(own, setting);
        expect([own, setting]).toEqual(copies);
      }),
    );
  });
});

describe("a workload's probes", () => {
  const probesOf = (own: object, over: object) => of({ ...minimal, probes: own }, { probes: over }).probes;

  it("keep their handler when the stack names timings alone, and all other timings", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), probe, timings, (kind, own, over) => {
        expect(probesOf({ [kind]: own }, { [kind]: over })).toEqual({ [kind]: { ...own, ...over } });
      }),
    );
  });

  it("have one handler, the stack's, when it names one, and keep the timings that it does not name", () => {
    fc.assert(
      fc.property(fc.constantFrom(...kinds), probe, handler, timings, (kind, own, how, when) => {
        const { http: _http, tcp: _tcp, exec: _exec, ...ownTimings } = own;
        expect(probesOf({ [kind]: own }, { [kind]: { ...how, ...when } })).toEqual({
          [kind]: { ...ownTimings, ...how, ...when },
        });
      }),
    );
  });

  it("ask another path at the same port, or the same path at another port", () => {
    const own = { readiness: { http: { path: "/readyz", port: "http" }, periodSeconds: 5 } };
    const asked = (http: object) => (probesOf(own, { readiness: { http } }).readiness as Loose).http;
    expect(asked({ path: "/health" })).toEqual({ path: "/health", port: "http" });
    expect(asked({ port: 9090 })).toEqual({ path: "/readyz", port: 9090 });
    expect(asked({ scheme: "HTTPS" })).toEqual({ path: "/readyz", port: "http", scheme: "HTTPS" });
  });

  it("are gone when they are off, also those that never were, and the others stay", () => {
    fc.assert(
      fc.property(threeOf(probe), fc.subarray([...kinds]), (own, off) => {
        const left = Object.fromEntries(Object.entries(own).filter(([kind]) => !off.includes(kind as never)));
        expect(probesOf(own, Object.fromEntries(off.map((kind) => [kind, "off"])))).toEqual(left);
      }),
    );
  });
});

describe("a workload's count", () => {
  const count = (own: ShapeDefaults["replicas"], setting: WorkloadSetting) =>
    of({ ...minimal, ...(own === undefined ? {} : { replicas: own }) }, setting).replicas;
  const ownRange = { min: 3, max: 10, cpuPercent: 60, memoryPercent: 80 };

  it("is fixed when the stack fixes it, whatever the system has", () => {
    expect(count(3, { replicas: 5 })).toBe(5);
    expect(count(ownRange, { replicas: 5 })).toBe(5);
  });

  it("is a range when the stack gives one, with the system's words where it has some", () => {
    expect(count(ownRange, { autoscaling: { max: 20, memoryPercent: false } })).toEqual({
      ...ownRange,
      max: 20,
      memoryPercent: false,
    });
    const podMetrics = { queued: "100" };
    expect(count(undefined, { autoscaling: { min: 4, podMetrics } })).toMatchObject({ min: 4, podMetrics });
  });

  it("is the range's least when the stack switches autoscaling off, and a fixed one stays", () => {
    expect(count(ownRange, { autoscaling: false })).toBe(3);
    expect(count(4, { autoscaling: false })).toBe(4);
  });

  it("decides how many connections the database must take", () => {
    fc.assert(
      fc.property(fc.dictionary(word, defaults), (all) => {
        const shapes = shape(all, {});
        const sum = Object.values(shapes).reduce((before, one) => before + mostPods(one) * one.connections, 0);
        expect(wantedConnections(shapes)).toBe(sum);
      }),
    );
    expect(mostPods(of({ ...minimal, replicas: ownRange }))).toBe(10);
    expect(mostPods(of({ ...minimal, replicas: 4 }))).toBe(4);
  });
});

const minimal: ShapeDefaults = {
  kind: "deployment",
  pool: "general",
  user: { uid: 1000, gid: 1000 },
  graceSeconds: 30,
  resources: { requests: { cpu: "100m", memory: "64Mi" }, limits: { cpu: "1", memory: "64Mi" } },
};
