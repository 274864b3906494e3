import type { FindingReason } from "../faults/finding.js";
import type { Schedule } from "../faults/schedule.js";

/** What phones do meanwhile. */
export const traffic = { trafficMs: 18_000, publishesPerSecond: 10 };

/** Something in the product that a kind of fault can't get past, and what becomes of it without. */
export interface Guard {
  /** What holds, as a sentence. */
  readonly name: string;
  /** Where it stands, below the checkout. */
  readonly file: string;
  /**
   * Text that stands in the file once, and what is there in its place when the guard is broken: code that compiles, and
   * so names everything that the text named alone.
   */
  readonly broken: readonly (readonly [guard: string, without: string])[];
  /** Of the stack on which it is played; default: 1. */
  readonly brokers?: 1 | 3;
  /** The harm that it is there for. */
  readonly schedule: Omit<Schedule, "seed">;
  /** The suite has to find one of these when it is broken. */
  readonly found: readonly FindingReason[];
}

/** A file's text with the guard broken. @throws {Error} where the guard does not stand as it is described. */
export function breakGuard({ file, broken }: Guard, text: string): string {
  return broken.reduce((changed, [guard, without]) => {
    if (changed.split(guard).length !== 2) throw new Error(`${file} has not exactly one ${guard}`);
    return changed.replace(guard, () => without);
  }, text);
}
