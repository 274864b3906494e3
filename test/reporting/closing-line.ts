import type { Reporter, TestModule } from "vitest/node";

/** Ends a run with one plain line: `N passed, N failed, N skipped`. A file that can't be loaded counts as a failure. */
// oxlint-disable-next-line import/no-default-export -- vitest takes a reporter by its default export.
export default class ClosingLine implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) counts[test.result().state] += 1;
      const failedOutside =
        module.state() === "failed" && tests.every((test) => test.result().state !== "failed");
      if (failedOutside) counts.failed += 1;
    }
    const failed = counts.failed + counts.pending;
    process.stdout.write(`\n${counts.passed} passed, ${failed} failed, ${counts.skipped} skipped\n`);
  }
}
