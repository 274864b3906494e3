import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { aPhone } from "../phones/phone.js";
import { eventually } from "../river/eventually.js";
import { aDecidingRiver, lagging, windowsOf, type DecidingRiver } from "./deciding-river.js";
import {
  expectOneWinner,
  expectRevisedOnce,
  pairs,
  publishAndRevise,
  reviseBoth,
  revisers,
  type Race,
} from "./deciding-scenes.js";
import { overtaking, toldKeys } from "./told-keys.js";

// The same as in deciding.stack.test.ts with more phones, killed key-stores, and a key that is held back until it ends.

let deciding: DecidingRiver;
beforeEach(async () => {
  deciding = await aDecidingRiver(inject("endpoints"));
});
afterEach(() => deciding.stop());

/** Kills the key-stores by turns until the returned function is called. */
function killing({ keyStores }: DecidingRiver, everySeconds: number): () => Promise<void> {
  const stop = new AbortController();
  const kill = async (): Promise<void> => {
    for (let turn = 0; !stop.signal.aborted; turn += 1) {
      await sleep(everySeconds * 1000);
      const victim = keyStores[turn % keyStores.length];
      await victim?.signal("SIGKILL");
      victim?.start();
      await victim?.ready();
    }
  };
  const running = kill();
  return async () => {
    stop.abort();
    await running;
  };
}

test("phones that revise at once find their keys while key-stores are killed by turns", async () => {
  const calm = killing(deciding, 3);
  const all = revisers(600);
  for (let start = 0; start < all.length; start += 100) {
    await publishAndRevise(deciding, all.slice(start, start + 100));
  }
  await calm();
  await expectRevisedOnce(deciding, all);
});

test("phones that revise at once find their keys behind key-stores that lag for long", async () => {
  const awake = await lagging(deciding.keyStores, { asleepSeconds: 9, awakeSeconds: 1 });
  const all = revisers(400);
  await publishAndRevise(deciding, all);
  await awake();
  await expectRevisedOnce(deciding, all);
});

test("two hundred races have one winner each, while key-stores are killed by turns", async () => {
  const all = pairs(200);
  await Promise.all(deciding.keyStores.map((process) => process.signal("SIGSTOP")));
  const first = await Promise.all(all.flat().map(({ phone }) => deciding.say(phone, "likely")));
  expect(new Set(first.map(({ body }) => body?.insertedExposures))).toEqual(new Set([2]));
  await Promise.all(deciding.keyStores.map((process) => process.signal("SIGCONT")));
  const calm = killing(deciding, 4);
  const races: Race[] = [];
  for (let start = 0; start < all.length; start += 50) {
    const some = all.slice(start, start + 50);
    races.push(...(await Promise.all(some.map((pair) => reviseBoth(deciding, pair)))));
  }
  await calm();
  await expectOneWinner(deciding, races);
});

test("a key that is held back until it ends is followed by its revocation, and never preceded", async () => {
  // It ends at the next interval, and leaves at the next boundary of the windows to which times are truncated.
  await deciding.stop();
  deciding = await aDecidingRiver(inject("endpoints"), { TRUNCATE_WINDOW: "1s" });
  const nowSeconds = Math.floor(Date.now() / 1000);
  const end = Math.floor(nowSeconds / 600) + 1;
  const all = Array.from({ length: 20 }, () => {
    const phone = aPhone({ nowSeconds, dailyKeys: 1, includingToday: true });
    const start = phone.keys[0]?.rollingStartNumber ?? 0;
    const keys = phone.keys.map((key) => ({ ...key, rollingPeriod: end - start }));
    return { phone: { ...phone, keys }, to: "negative" as const };
  });
  await publishAndRevise(deciding, all);
  const teks = all.map(({ phone }) => phone.keys[0]?.key ?? "");
  const told = await eventually("all revisions", async () => {
    const now = await toldKeys(deciding.river.env);
    return teks.every((tek) => now.revised.has(tek)) && now;
  });
  expect(overtaking(told)).toEqual([]);
  expect(teks.map((tek) => told.inserted.get(tek)?.[0]?.releaseSeconds)).toEqual(
    teks.map(() => end * 600 + 1),
  );
  const reader = await deciding.river.reader();
  expect([...(await reader.readNew()).keys.keys()].filter((tek) => teks.includes(tek))).toEqual([]);
  const read = await eventually(
    "the keys in exports",
    async () => {
      const now = await reader.readNew();
      return teks.every((tek) => now.revised.has(tek)) && now;
    },
    700,
  );
  for (const tek of teks) {
    const { primary, revised } = windowsOf(read, tek);
    expect([primary.length, revised.length]).toEqual([1, 1]);
    expect(primary[0]).toBeGreaterThan(end * 600);
    expect(revised[0]).toBeGreaterThanOrEqual(primary[0] ?? Number.POSITIVE_INFINITY);
  }
  expect(read.problems).toEqual([]);
});
