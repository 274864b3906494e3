import { expect, test } from "vitest";
import { aView } from "./a-view.test-support.js";
import { Progress } from "./progress.js";

const progress = new Progress(aView());

test("there is no progress before the first record", async () => {
  expect(await progress.read(0)).toBeUndefined();
  expect(await progress.readAll()).toEqual(new Map());
});

test("progress goes forward and never back", async () => {
  for (const next of [5, 9, 7]) await progress.advance(1, next);
  await progress.advance(2, 1);
  expect(await progress.read(1)).toBe(9);
  expect(await progress.readAll()).toEqual(
    new Map([
      [1, 9],
      [2, 1],
    ]),
  );
});
