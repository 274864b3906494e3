import { BaseSequencer, type TestSpecification } from "vitest/node";

/** Takes minutes, in few lines: it would come last, and the other workers would have nothing to do. */
const longest = "test/faults/short.stack.test.ts";
/** Measures how soon honest clients are answered: it should have the machine to itself as far as that goes. */
const quietest = "test/abuse/abuse.stack.test.ts";

/**
 * The order of test files. On a fresh machine vitest knows of no file how long it takes, and goes by its size; this puts
 * right where that is far off.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return sorted.toSorted((a, b) => rank(a) - rank(b));
  }
}

function rank({ moduleId }: TestSpecification): number {
  if (moduleId.endsWith(longest)) return -1;
  return moduleId.endsWith(quietest) ? 1 : 0;
}
