/** Prints how long each tier took, and `N passed, N failed, N skipped` as the run's last line, for whoever reads only that. */
import type { Reporter, TestModule } from "vitest/node";

export default class LastLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const count = { passed: 0, failed: 0, skipped: 0 };
    for (const module of modules) {
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state !== "pending") count[state] += 1;
      }
      // A file that does not load has no tests, and is a failure all the same.
      if (module.state() === "failed" && [...module.children.allTests("failed")].length === 0) count.failed += 1;
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
      process.stdout.write(`tests of each tier, side by side: ${tiers.join(", ")}\n${line}\n`);
    });
  }
}
