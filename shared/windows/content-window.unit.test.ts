import { expect, test } from "vitest";
import { Unavailable } from "../process/outcomes.js";
import type { Batch } from "../view/batches.js";
import { contentOf, contentWindow, type HoldingBatches } from "./content-window.js";

function aBatch(startSeconds: number, changes: Partial<Batch> = {}): Batch {
  return {
    configurationId: "us",
    startSeconds,
    endSeconds: startSeconds + 10,
    settingsVersion: 1,
    filenameRoot: "us",
    state: "built",
    ranges: [],
    files: [],
    ...changes,
  };
}

/** Batches in memory; `build` makes one built and held, with the window before it if that is held. */
function holding(batches: readonly Batch[], mayBeHeld = true): HoldingBatches & { built: number[] } {
  const all = new Map(batches.map((batch) => [batch.endSeconds, batch]));
  const built: number[] = [];
  const self: HoldingBatches = {
    batches: { get: (_id, endSeconds) => Promise.resolve(all.get(endSeconds)) },
    mayBeHeld: () => mayBeHeld,
    build: async (batch) => {
      const { startSeconds } = await contentWindow(self, batch);
      built.push(batch.endSeconds);
      all.set(batch.endSeconds, { ...batch, state: "built", held: true, contentStartSeconds: startSeconds });
    },
  };
  return { ...self, built };
}

test("the first window of a configuration begins where it begins", async () => {
  expect(await contentWindow(holding([]), aBatch(10))).toEqual({ startSeconds: 10, endSeconds: 20 });
});

test("a window begins with the held windows before it", async () => {
  const held = holding([aBatch(10, { held: true, contentStartSeconds: 0 })]);
  expect(await contentWindow(held, aBatch(20))).toEqual({ startSeconds: 0, endSeconds: 30 });
});

test("a window after one that was published begins where that ended", async () => {
  const published = holding([aBatch(10, { held: false, contentStartSeconds: 0, state: "published" })]);
  expect(await contentWindow(published, aBatch(20))).toEqual({ startSeconds: 20, endSeconds: 30 });
});

test("windows that may be held are built first, in their order", async () => {
  const planned = [aBatch(0), aBatch(10), aBatch(20)].map((batch) => ({
    ...batch,
    state: "planned" as const,
  }));
  const waiting = holding(planned);
  expect(await contentWindow(waiting, aBatch(30))).toEqual({ startSeconds: 0, endSeconds: 40 });
  expect(waiting.built).toEqual([10, 20, 30]);
});

test("a window whose predecessor could not be built waits: its keys may belong to it", async () => {
  const failing = { ...holding([aBatch(10, { state: "planned" })]), build: () => Promise.resolve() };
  await expect(contentWindow(failing, aBatch(20))).rejects.toThrow(Unavailable);
});

test("a window waits for none that can't be held", async () => {
  const free = holding([aBatch(10, { state: "planned" })], false);
  expect(await contentWindow(free, aBatch(20))).toEqual({ startSeconds: 20, endSeconds: 30 });
  expect(free.built).toEqual([]);
});

test("a batch from before windows were held has the content of its own window", () => {
  expect(contentOf(aBatch(10))).toEqual({ startSeconds: 10, endSeconds: 20 });
});
