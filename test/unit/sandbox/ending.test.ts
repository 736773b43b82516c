/** What the sandbox says when a command of Pulumi's has ended. The events are as Pulumi 3.265 logs them. */
import { stripVTControlCharacters } from "node:util";
import { describe, expect, it } from "vitest";
import { ending, type Ended } from "../../../sandbox/ending/ending.ts";
import type { Event } from "../../../sandbox/ending/events.ts";
import { ownWords } from "../../../sandbox/own-words.ts";

const urn = (type: string, name: string) => `urn:pulumi:prod::doks-systems::doks-systems:gx:Gx$${type}::${name}`;
const redis = urn("kubernetes:apps/v1:StatefulSet", "gx-redis");
const bucket = urn("digitalocean:index/spacesBucket:SpacesBucket", "gx-bucket");

function error(of: string | undefined, message: string): Event {
  return { timestamp: 1, diagnosticEvent: { ...(of === undefined ? {} : { urn: of }), message, severity: "error" } };
}

function summary(isPreview: boolean, resourceChanges: Record<string, number>, result = "failed"): Event {
  return { timestamp: 2, summaryEvent: { isPreview, resourceChanges, result } };
}

function lines(given: Partial<Ended>): string[] {
  const command = (action: string) => `npm run sandbox -- ${action} prod`;
  const all = ending({ code: 255, events: [], locks: [], pending: [], command, ...given });
  return all.map((line) => stripVTControlCharacters(line));
}

describe("the last line of a command in the sandbox", () => {
  it("says nothing more if it ended well", () => {
    expect(lines({ code: 0, events: [summary(false, { create: 3 }, "succeeded")] })).toEqual([]);
  });

  it("says that a destroy was refused, by whom, and that nothing was deleted", () => {
    const refused = (of: string) =>
      error(of, `Preview failed: resource "${of}" cannot be deleted\nbecause it is protected. To …`);
    const events = [
      refused(redis),
      refused(bucket),
      error(undefined, "preview failed\n"),
      summary(true, { delete: 418 }),
    ];
    expect(lines({ events })).toEqual([
      "exit 255: refused, and nothing was changed: StatefulSet gx-redis, SpacesBucket gx-bucket are protected",
    ]);
  });

  it("says what an update that failed has done all the same, and what failed", () => {
    const why = `resource "${redis}" was not successfully created: it hangs\nand more`;
    const events = [error(redis, why), error(undefined, "update failed\n"), summary(false, { create: 3, same: 9 })];
    expect(lines({ events })).toEqual([
      "exit 255: failed after 3 create; that stays, and the next one does the rest: StatefulSet gx-redis: was not successfully created: it hangs",
    ]);
  });

  it("says that nothing was done if the engine did not come so far", () => {
    expect(lines({})).toEqual(["exit 255: nothing was done: see above"]);
  });

  it("tells a lock that a killed command left from one of a command that runs", () => {
    const lock = { pid: 77, timestamp: "2026-11-28T11:30:26Z" };
    expect(lines({ locks: [{ ...lock, alive: false }] })).toEqual([
      "exit 255: the stack is locked by a command that was killed (process 77, since 2026-11-28T11:30:26Z): npm run sandbox -- pulumi prod cancel --yes",
    ]);
    expect(lines({ locks: [{ ...lock, alive: true }] })).toEqual([
      "exit 255: nothing was done: another command works on this stack (process 77, since 2026-11-28T11:30:26Z); wait for it",
    ]);
  });

  it("offers the commands after a kill: for what was begun, and for what is there already", () => {
    const command = "npm run sandbox -- pulumi prod refresh --clear-pending-creates --yes";
    expect(lines({ code: 0, pending: ["creating StatefulSet gx-redis"] })).toContain(`  → ${command}`);
    const why = `resource "${redis}" was not successfully created by the Kubernetes API server: statefulsets.apps "redis" already exists`;
    expect(lines({ events: [error(redis, why), summary(false, {})] })).toContain(
      "  → PULUMI_K8S_UPSERT_EXISTING_OBJECTS=true PULUMI_K8S_ENABLE_PATCH_FORCE=true npm run sandbox -- up prod -- --target '**:StatefulSet::gx-redis'",
    );
  });

  it("says how a command in Pulumi's words is typed here", () => {
    const why = "is there already\n  → take it over: npx pulumi import --stack prod a b c";
    expect(lines({ events: [error(bucket, why), summary(true, {})] })[0]).toBe(
      "Where it says npx pulumi, type here: npm run sandbox -- pulumi prod",
    );
  });
});

describe("npm run sandbox -- pulumi", () => {
  it.each([
    ["pulumi prod stack export --file x", ["pulumi", "prod"], ["stack", "export", "--file", "x"]],
    ["--folder f pulumi prod config set -- -a", ["--folder", "f", "pulumi", "prod"], ["config", "set", "--", "-a"]],
    ["pulumi --folder pulumi prod --help", ["pulumi", "--folder", "pulumi", "prod"], ["--help"]],
    ["pulumi --account prod staging up", ["pulumi", "--account", "prod", "staging"], ["up"]],
    ["up prod --folder f -- --refresh", ["up", "prod", "--folder", "f"], ["--refresh"]],
    ["pulumi", ["pulumi"], []],
  ])("hands on what follows the stack, as it is: %s", (line, own, further) => {
    expect(ownWords(line.split(" "))).toEqual({ own, further });
  });
});
