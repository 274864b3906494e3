import { setTimeout as sleep } from "node:timers/promises";
import type { Act } from "./acts.js";

/** Starts every act at its time, however long others take, and waits until all are over. */
export async function runTraffic(acts: readonly Act[], perform: (act: Act) => Promise<void>): Promise<void> {
  await Promise.all(
    acts.map(async (act) => {
      await sleep(act.atMs);
      await perform(act);
    }),
  );
}

/** Whether `work` was over in time. */
export async function isOverWithin(work: Promise<unknown>, secondsMax: number): Promise<boolean> {
  const abort = new AbortController();
  const late = sleep(secondsMax * 1000, false, { signal: abort.signal }).catch(() => false);
  const isOver = await Promise.race([work.then(() => true), late]);
  abort.abort();
  return isOver;
}
