import { intervalStartSeconds, truncate } from "./interval.js";

/**
 * When a key that is still usable on air may leave: the first window boundary after its end (unix seconds), or
 * undefined if it is over. `keyEndInterval` is start plus period (reference server facts, §2.5).
 */
export function releaseSeconds(
  keyEndInterval: number,
  nowInterval: number,
  windowSeconds: number,
): number | undefined {
  if (keyEndInterval <= nowInterval) return undefined;
  return truncate(intervalStartSeconds(keyEndInterval) + windowSeconds, windowSeconds);
}
