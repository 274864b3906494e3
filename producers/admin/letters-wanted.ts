import { WrongUsage } from "./failures.js";
import type { LetterTopic } from "./letter-topic.js";

/** Which letters a command is about: one, or all of a topic. */
export interface Wanted {
  readonly topic: LetterTopic;
  readonly offset?: number;
  readonly all?: boolean;
  readonly reason?: string;
}

/** @throws {WrongUsage} when it is neither one letter nor all, or both. */
export function wantedOf(wanted: Wanted): Wanted {
  if ((wanted.offset === undefined) === (wanted.all !== true))
    throw new WrongUsage("give either --offset, for one letter, or --all");
  if (wanted.reason !== undefined && wanted.all !== true)
    throw new WrongUsage("--reason picks among --all letters");
  return wanted;
}

/** What was left, and why, in one line for each reason. */
export function leftText<Refusal extends string>(
  left: ReadonlyMap<Refusal, number>,
  sentences: Readonly<Record<Refusal, string>>,
): string {
  if (left.size === 0) return "No letter was left.";
  return [...left].map(([refusal, count]) => `${count} left: ${sentences[refusal]}.`).join("\n");
}
