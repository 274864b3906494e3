import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { embargoedBelongs, type PositionInLog } from "./embargo.js";

const WINDOW = { startSeconds: 1_000, endSeconds: 2_000 };

describe("an embargoed key", () => {
  const cases: { position: PositionInLog; release: number; belongs: boolean }[] = [
    { position: "before-start", release: 999, belongs: false },
    { position: "before-start", release: 1_000, belongs: true },
    { position: "before-start", release: 1_999, belongs: true },
    { position: "before-start", release: 2_000, belongs: false },
    { position: "inside", release: 0, belongs: true },
    { position: "inside", release: 1_999, belongs: true },
    { position: "inside", release: 2_000, belongs: false },
    { position: "after-end", release: 0, belongs: false },
    { position: "after-end", release: 1_500, belongs: false },
  ];
  test.each(cases)("$position, released at $release: $belongs", ({ position, release, belongs }) => {
    expect(embargoedBelongs(WINDOW, position, release)).toBe(belongs);
  });
});

test("a key is in one window only: the later of its record's and its release's", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 1, maxLength: 20 });
  fc.assert(
    fc.property(lengths, fc.nat(19), fc.nat(100_000), (someLengths, record, releaseSeconds) => {
      const windows = windowsOf(someLengths);
      const recordIndex = record % windows.length;
      const releaseIndex = windows.findIndex((window) => releaseSeconds < window.endSeconds);
      const belongs = windows.flatMap((window, i) =>
        embargoedBelongs(window, positionOf(recordIndex, i), releaseSeconds) ? [i] : [],
      );
      expect(belongs).toEqual(releaseIndex === -1 ? [] : [Math.max(recordIndex, releaseIndex)]);
    }),
  );
});

test("a window that begins with the held ones before it has the keys of all of them", () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 5_000 }), { minLength: 3, maxLength: 3 });
  fc.assert(
    fc.property(lengths, fc.nat(4), fc.nat(20_000), (someLengths, record, releaseSeconds) => {
      const windows = windowsOf([3_000, ...someLengths, 3_000]).slice(1, 4);
      const whole = { startSeconds: 3_000, endSeconds: windows[2]?.endSeconds ?? 0 };
      const positions = [1, 2, 3].map((index) => positionOf(record, index));
      const inOne = windows.some((window, i) =>
        embargoedBelongs(window, positions[i] ?? "after-end", releaseSeconds),
      );
      const position = record === 0 ? "before-start" : record === 4 ? "after-end" : "inside";
      expect(embargoedBelongs(whole, position, releaseSeconds)).toBe(inOne);
    }),
  );
});

function windowsOf(lengths: number[]): { startSeconds: number; endSeconds: number }[] {
  let endSeconds = 0;
  return lengths.map((length) => ({ startSeconds: endSeconds, endSeconds: (endSeconds += length) }));
}

function positionOf(recordIndex: number, windowIndex: number): PositionInLog {
  if (recordIndex === windowIndex) return "inside";
  return recordIndex < windowIndex ? "before-start" : "after-end";
}
