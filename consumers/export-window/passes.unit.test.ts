import * as fc from "fast-check";
import { expect, test } from "vitest";
import { passes } from "./passes.js";

const plan = fc.record({
  id: fc.uuid(),
  content: fc.record({ startSeconds: fc.nat(2), endSeconds: fc.integer({ min: 3, max: 4 }) }),
});

test("every plan is in one pass, with others of the same window, as few passes as the limit lets", () => {
  fc.assert(
    fc.property(fc.array(plan), fc.integer({ min: 1, max: 4 }), (plans, max) => {
      const grouped = passes(plans, max);
      expect(grouped.flat().sort(byId)).toEqual([...plans].sort(byId));
      const counts = new Map<string, number>();
      for (const { content } of plans) counts.set(keyOf(content), (counts.get(keyOf(content)) ?? 0) + 1);
      const fewest = [...counts.values()].reduce((sum, count) => sum + Math.ceil(count / max), 0);
      expect(grouped).toHaveLength(fewest);
      for (const pass of grouped) expect(new Set(pass.map(({ content }) => keyOf(content))).size).toBe(1);
    }),
  );
});

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function keyOf({ startSeconds, endSeconds }: { startSeconds: number; endSeconds: number }): string {
  return `${startSeconds}-${endSeconds}`;
}
