import type { ExportWindow } from "../exports/window.js";
import { Unavailable } from "../process/outcomes.js";
import type { Batch, Batches } from "../view/batches.js";

// A window whose keys were held publishes nothing: the next one begins where it began. So a window that follows one
// that may be held can only be built when that one is.

export interface HoldingBatches {
  readonly batches: Pick<Batches, "get">;
  /** Whether a batch's settings let it be held. */
  readonly mayBeHeld: (batch: Batch) => boolean;
  /** Brings a planned batch to `built`. */
  readonly build: (batch: Batch) => Promise<void>;
}

/** The window that a batch's files hold: its own, and the held ones right before it. @throws {Unavailable} */
export async function contentWindow(holding: HoldingBatches, batch: Batch): Promise<ExportWindow> {
  const { startSeconds, endSeconds } = batch;
  const before = await builtBefore(holding, batch);
  return { startSeconds: before?.held === true ? contentOf(before).startSeconds : startSeconds, endSeconds };
}

/** The same of a batch that is built. */
export function contentOf(batch: Batch): ExportWindow {
  return { startSeconds: batch.contentStartSeconds ?? batch.startSeconds, endSeconds: batch.endSeconds };
}

async function builtBefore(holding: HoldingBatches, batch: Batch): Promise<Batch | undefined> {
  const { configurationId, startSeconds } = batch;
  const before = await holding.batches.get(configurationId, startSeconds);
  if (before?.state !== "planned" || !holding.mayBeHeld(before)) return before;
  await holding.build(before);
  const built = await holding.batches.get(configurationId, startSeconds);
  // What became of it nobody knows yet: its keys may be held, and then they belong to this one.
  if (built?.state === "planned") throw new Unavailable("the window before it was not built");
  return built;
}
