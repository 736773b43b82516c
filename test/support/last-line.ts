/**
 * Prints at a run's end, for whoever reads only that: the names of what failed, how long each tier took, and as the last line
 * `N passed, N failed, N skipped`.
 */
import type { Reporter, TestModule } from "vitest/node";

export default class LastLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    const failed: string[] = [];
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state] += 1;
        if (state === "failed") failed.push(`${module.relativeModuleId} > ${test.fullName}`);
      }
      // A file that does not load has no tests, and is a failure all the same.
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) {
        count.failed += 1;
        const suites = [...module.children.allSuites()].filter((suite) => suite.errors().length > 0);
        const errors = [module, ...suites].flatMap((one) => one.errors()).map(({ message }) => message.split("\n")[0]);
        failed.push(`${module.relativeModuleId}: ${errors.join("; ")}`);
      }
    }
    const seconds = new Map<string, number>();
    for (const module of modules) {
      // "test/servers/kafka.test.ts" belongs to "servers".
      const tier = /\btest\/([a-z]+)\//.exec(module.moduleId)?.[1] ?? "others";
      seconds.set(tier, (seconds.get(tier) ?? 0) + module.diagnostic().duration / 1000);
    }
    const tiers = [...seconds].toSorted(([, a], [, b]) => b - a).map(([tier, time]) => `${tier} ${Math.round(time)} s`);
    const line = `${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`;
    process.once("exit", () => {
      if (failed.length > 0) process.stdout.write(`failed:\n${failed.map((name) => `  ${name}\n`).join("")}`);
      process.stdout.write(`tests of each tier, side by side: ${tiers.join(", ")}\n${line}\n`);
    });
  }
}
