import { NeedsOperator } from "./outcomes.js";

/** Ten days: phones that were off for a while still find what concerns them. Facts, §7. */
export const retentionSecondsMin = 240 * 3600;

/** @throws {NeedsOperator} for a retention that is too short, unless trials want it so. */
export function refuseShortRetention(
  setting: string,
  seconds: number,
  { hasNoMinimumRetention }: { readonly hasNoMinimumRetention: boolean },
): void {
  if (seconds >= retentionSecondsMin || hasNoMinimumRetention) return;
  throw new NeedsOperator(
    `${setting} is ${seconds} s, less than the minimum of 240h: keys would be gone before all phones have seen them. Set it to 240h or more (usually 336h).`,
  );
}
