// Time enters the log as a record, too. At every boundary of an export's period the clock writes a tick into each
// partition; what lies between two ticks is a window, for every reader and for ever.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";

let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["clock"], periodSeconds: 2 });
  await river.add("clock", "second-clock");
});
afterAll(() => river.stop());

test.each([keysAccepted, keysEmbargoed])(
  "every partition of $topic gets a tick for every boundary",
  async (stream) => {
    const boundaries = await eventually("three ticks everywhere", async () => {
      const ticks = (await readStream(river.env, stream)).map(({ message }) => message.tick);
      const counts = new Map<number, number>();
      for (const tick of ticks)
        counts.set(tick?.boundarySeconds ?? 0, (counts.get(tick?.boundarySeconds ?? 0) ?? 0) + 1);
      const everywhere = [...counts].filter(([, count]) => count >= 3).map(([boundary]) => boundary);
      return everywhere.length >= 3 && everywhere.toSorted((a, b) => a - b);
    });
    for (const boundary of boundaries) expect(boundary % 2).toBe(0);
  },
);
