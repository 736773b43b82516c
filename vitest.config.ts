import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // Pulumi's runtime is global to a process, so each test file gets its own.
    pool: "forks",
    // By default one processor is left out, which is half of a small machine's.
    maxWorkers: "100%",
    testTimeout: 60_000,
    hookTimeout: 60_000,
    reporters: process.env["CI"] === undefined ? ["default"] : ["default", "./test/support/last-line.ts"],
  },
});
