import type { GroupOffset } from "../../shared/kafka/group-offsets.js";

// What the key-store told in keys.accepted and keys.embargoed names the records of keys.submitted that it was decided
// from, and went out in one transaction with the committed offset. So where the last telling ends, everything before was
// committed; what lies behind was not, or told of nothing and will tell of nothing again. Going on there tells
// nothing twice and leaves nothing out.

/** What is to be done about the group's offset in a partition. */
export type OffsetPlan = GroupOffset & {
  /** The first offset behind the last one that was told of; 0 when nothing was. */
  readonly told: number;
} & (
    | { readonly kind: "keep" }
    | { readonly kind: "restore"; readonly offset: number; readonly gone: number }
    | { readonly kind: "refuse" }
  );

/**
 * Plans each partition: an offset that is there is kept, a missing one is restored; `gone` counts records behind the
 * last told one that retention has removed. Refused where the log ends before what was told from it: it is another log.
 */
export function planOffsets(
  offsets: readonly GroupOffset[],
  told: ReadonlyMap<number, number>,
): readonly OffsetPlan[] {
  return offsets.map((at) => {
    const plan = { ...at, told: told.get(at.partition) ?? 0 };
    if (at.committed !== undefined) return { ...plan, kind: "keep" };
    if (plan.told > at.high) return { ...plan, kind: "refuse" };
    const offset = Math.max(plan.told, at.low);
    return { ...plan, kind: "restore", offset, gone: offset - plan.told };
  });
}
