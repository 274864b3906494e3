import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aRiver } from "../river/a-river.js";
import { aReplayRiver, type ReplayRiver } from "./replay-river.js";

let it: ReplayRiver;

beforeAll(async () => {
  it = await aReplayRiver(await aRiver(inject("endpoints")));
  await it.river.add("key-store", "key-store-2");
});
afterAll(() => it.stop());

const rounds = ["key-store", "key-store-2", "key-store"];

test.each(rounds.map((name, round) => [round + 1, name] as const))(
  "a key-store that slept through a swap under load does no harm when it wakes, round %i",
  async (round, name) => {
    const traffic = it.traffic(`sleeper ${round}`, 40_000, 12);
    await sleep(3000);
    await it.river.process(name).signal("SIGSTOP");
    // Its partitions go to the other one when the group no longer counts on it; until then a slice may be unfinished.
    const { out, err } = await it.replay("store", "--swap");
    await it.river.process(name).signal("SIGCONT");
    expect(err).toBe("");
    expect(out).toContain("swapped in");
    await traffic;
    expect(await it.findings()).toEqual([]);
    const { out: same, exitCode } = await it.replay("store");
    expect(same).toContain("the keys in use are what the log says");
    expect(exitCode).toBe(0);
  },
);
