import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { fuzzRiver, type FuzzRiver } from "./fuzz-river.js";
import { runFuzz } from "./run-fuzz.js";
import { settledBytesOf } from "./settled-memory.js";

// `SEED=<text> REQUESTS=<number>` replay a run or shorten it; the failing requests are shown with all their bytes.

const seed = process.env.SEED ?? String(Date.now());
const requests = Number(process.env.REQUESTS ?? 200_000);
const stretchMax = 50_000;
/** Memory is read after each of them: four in a short run as well. */
const stretch = Math.min(stretchMax, Math.ceil(requests / 4));
/** The engine's heap takes some 25,000 requests to find its size. Where the first stretch is shorter, growth tells nothing. */
const isWarm = stretch === stretchMax;
/** What may be there after the last stretch for each byte that was there after the first. */
const growthMax = 1.1;
let river: FuzzRiver;

beforeAll(async () => {
  river = await fuzzRiver(inject("endpoints"), seed);
});
afterAll(() => river.stop());

test("mutated requests make no 5xx beyond those in the facts, no crash, and no growth", async () => {
  const { pid, port, drafts, surroundings } = river;
  const counts: Record<string, number> = {};
  const memory: number[] = [];
  const startedMs = performance.now();
  for (let from = 0; from < requests; from += stretch) {
    const to = Math.min(from + stretch, requests);
    const result = await runFuzz({ seed, port, from, to, drafts, surroundings });
    for (const [told, count] of Object.entries(result.counts)) counts[told] = (counts[told] ?? 0) + count;
    expect(result.offences, `seed ${seed}`).toEqual([]);
    expect(river.exits, `seed ${seed}`).toEqual([]);
    memory.push(await settledBytesOf(pid));
    const seconds = ((performance.now() - startedMs) / 1000).toFixed(0);
    const megabytes = memory.map((bytes) => (bytes / 1e6).toFixed(1)).join(", ");
    console.log(
      `seed ${seed}, ${to} requests, ${seconds} s, ${JSON.stringify(counts)}, resident MB: ${megabytes}`,
    );
  }
  if (isWarm) expect(memory.at(-1), `seed ${seed}`).toBeLessThanOrEqual((memory[0] ?? 0) * growthMax);
});
