import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aPhone } from "../phones/phone.js";
import { aDecidingRiver, isRefusing, lagging, type DecidingRiver } from "./deciding-river.js";
import {
  expectOneWinner,
  expectRevisedOnce,
  pairs,
  publishAndRevise,
  reviseBoth,
  revisers,
} from "./deciding-scenes.js";

// A phone's view of hard place 2, through real gateways and two key-stores: whoever is asked, and however far the view
// lags behind, a revision finds its key and never leaves before it, and a key that two phones send belongs to one.

let deciding: DecidingRiver;
beforeAll(async () => {
  deciding = await aDecidingRiver(inject("endpoints"));
});
afterAll(() => deciding.stop());

test("two hundred phones revise at once with the fresh token, while the key-stores lag", async () => {
  const all = revisers(200);
  const isFelt = async (): Promise<boolean> =>
    (await Promise.all(deciding.gateways.map(isRefusing))).some(Boolean);
  const awake = await lagging(deciding.keyStores, { asleepSeconds: 2, awakeSeconds: 1, isFelt });
  const revisions = await publishAndRevise(deciding, all);
  await awake();
  // The lag was felt: gateways did not wait for ever, and phones came again.
  expect(Math.max(...revisions.map(({ attempts }) => attempts.length))).toBeGreaterThan(1);
  await expectRevisedOnce(deciding, all);
});

test("a phone whose first report was negative, so that nothing was kept, reports again and revises that", async () => {
  const phone = aPhone({ nowSeconds: Math.floor(Date.now() / 1000), dailyKeys: 2 });
  const statuses: number[] = [];
  for (const reportType of ["negative", "likely", "confirmed"] as const)
    statuses.push((await deciding.say(phone, reportType)).status);
  expect(statuses).toEqual([200, 200, 200]);
});

test("of two phones that send one key before it is decided one wins, and the loser's token opens nothing", async () => {
  const all = pairs(30);
  await Promise.all(deciding.keyStores.map((process) => process.signal("SIGSTOP")));
  const first = await Promise.all(all.flat().map(({ phone }) => deciding.say(phone, "likely")));
  // Nobody can know yet: both phones of a pair are told that both keys are new.
  expect(new Set(first.map(({ body }) => body?.insertedExposures))).toEqual(new Set([2]));
  await Promise.all(deciding.keyStores.map((process) => process.signal("SIGCONT")));
  const races = await Promise.all(all.map((pair) => reviseBoth(deciding, pair)));
  const told = await expectOneWinner(deciding, races);
  const partitionOf = (tek = ""): number | undefined => told.inserted.get(tek)?.[0]?.partition;
  const across = all.filter(
    ([a, b]) => partitionOf(a.phone.keys[1]?.key) !== partitionOf(b.phone.keys[1]?.key),
  );
  expect(across.length).toBeGreaterThan(0);
  expect(across.length).toBeLessThan(all.length);
});
