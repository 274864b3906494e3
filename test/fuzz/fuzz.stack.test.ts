import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { fuzzRiver, type FuzzRiver } from "./fuzz-river.js";
import { runFuzz } from "./run-fuzz.js";

// The short form of fuzz.long.test.ts, always with the same seed.

const seed = "short";
const requests = 2000;
let river: FuzzRiver;

beforeAll(async () => {
  river = await fuzzRiver(inject("endpoints"), seed);
});
afterAll(() => river.stop());

test("mutated requests are answered, and with no 5xx beyond those in the facts", async () => {
  const { pid, port, drafts, surroundings } = river;
  const { counts, offences } = await runFuzz({ seed, port, from: 0, to: requests, drafts, surroundings });
  expect(offences).toEqual([]);
  expect(river.exits).toEqual([]);
  expect(() => process.kill(pid, 0)).not.toThrow();
  // Whoever breaks the requests so that all are refused at the door tests nothing any more.
  for (const status of [200, 400, 401, 404, 413, 415, 500])
    expect(counts, `${status}`).toHaveProperty(`${status}`);
});
