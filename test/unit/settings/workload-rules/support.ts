/** What is refused in the slice that every workload takes: one line each, with path and fix. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import type { Problem } from "../../../../settings/reading/error.ts";
import type { WorkloadSetting } from "../../../../settings/slices/workload.ts";
import { problems } from "../../../support/stack.ts";

/** Files of the sizes and kinds that rules look at; ConfigMaps and Secrets hold 1 MiB. */
export const folder = mkdtempSync(join(tmpdir(), "doks-files-"));
export const at = (name: string) => join(folder, name);
const mebibyte = 1024 * 1024;
mkdirSync(at("empty"));
mkdirSync(at("mixed"));
writeFileSync(at("large.spkg"), Buffer.alloc(mebibyte + 1));
writeFileSync(at("fits.spkg"), Buffer.alloc(mebibyte));
writeFileSync(at("a name.spkg"), "");
writeFileSync(at("mixed/small.txt"), "text");
writeFileSync(at("mixed/large.bin"), Buffer.alloc(mebibyte + 1));
afterAll(() => {
  rmSync(folder, { recursive: true });
});

/** A setting of a workload, by `<system>.<workload>`. */
export function patch(workload: string, setting: unknown): Record<string, unknown> {
  const [system = "", name = ""] = workload.split(".");
  return { [`doks-systems:${system}`]: { workloads: { [name]: setting } } };
}

/** A workload, what a stack says of it, where below it the one line is, and what that line says. */
export type Case = [
  what: string,
  workload: string,
  setting: WorkloadSetting,
  path: string,
  says: Partial<Record<keyof Problem, string>>,
];

export const cache = "hermes.hermes-ipfs-cache";
export const api = "gx.svc-identity";
export const gateway = "caracal.caracal-gateway";
export const worker = "bowmark.worker-deployment";
export const reaches = (to: NonNullable<WorkloadSetting["reaches"]>[string]) => ({ reaches: { there: to } });
export const internet = (addresses: string[]) => reaches({ kind: "internet", addresses, ports: [443] });
export const inside = (addresses: string[]) => reaches({ kind: "private", addresses, ports: [443] });

/** Each is refused, with one problem. */
export function expectRefused(cases: readonly Case[]): void {
  describe("a workload is refused for", () => {
    it.each(cases)("%s", (_what, workload, setting, path, says) => {
      const [system = "", name = ""] = workload.split(".");
      const parts = Object.entries(says).map(([key, part]) => [key, expect.stringContaining(part) as unknown]);
      expect(problems("prod", patch(workload, setting))).toEqual([
        {
          ...{
            value: expect.any(String) as string,
            problem: expect.any(String) as string,
            fix: expect.any(String) as string,
          },
          ...Object.fromEntries(parts),
          path: `doks-systems:${system}.workloads.${name}${path}`,
        },
      ]);
    });
  });
}
