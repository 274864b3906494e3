import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aRiver, type River } from "../river/a-river.js";
import { meanChaff, realAndChaff } from "./real-and-chaff.js";
import { separationOf } from "./telling-apart.js";

// The long form of chaff.stack.test.ts: so many answers that chance moves an area under the curve by less than 0.01.

let river: River;
beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["gateway", "key-store"] });
});
afterAll(() => river.stop());

test.each([64, 1])(
  "2,000 chaff answers can't be told from 2,000 real ones at %i connections",
  async (connections) => {
    const seen = await realAndChaff(river, { each: 2000, connections });
    const separation = separationOf(seen.real, seen.chaff);
    const mean = separationOf(seen.real, meanChaff(seen.real));
    console.info(`${connections} connections:`, separation, "against the mean:", mean);
    for (const area of Object.values(separation)) expect(area).toBeLessThanOrEqual(0.55);
    expect(mean.nearest).toBeGreaterThanOrEqual(0.9);
  },
);
