import { setTimeout as sleep } from "node:timers/promises";
import type { ExportReader, ReadExports } from "../phones/export-reader.js";

/** A phone that looks for new exports all the time, so that it also sees every state of the index in between. */
export interface ExportFollower {
  /** Stops looking, looks one last time, and gives all that the phone has read. */
  finish(): Promise<ReadExports>;
}

/** Starts to look, every so many milliseconds; an object store that does not answer is asked again. */
export function followExports(reader: ExportReader, pauseMs = 500): ExportFollower {
  const finished = new AbortController();
  const following = follow();

  async function follow(): Promise<void> {
    while (!finished.signal.aborted) {
      await reader.readNew().catch(() => undefined);
      await sleep(pauseMs);
    }
  }

  return {
    async finish() {
      finished.abort();
      await following;
      return reader.readNew();
    },
  };
}
