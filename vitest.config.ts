import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Pulumi's runtime is global to a process, so each test file gets its own.
    pool: "forks",
    // By default one processor is left out, which is half of a small machine's.
    maxWorkers: "100%",
    // Limits end what hangs. Beside other tests everything takes several times as long as alone.
    testTimeout: 180_000,
    hookTimeout: 180_000,
    expect: { poll: { timeout: 60_000 } },
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "./test/support/last-line.ts"],
  },
});
