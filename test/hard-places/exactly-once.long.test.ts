import { afterEach, beforeEach, expect, inject, test } from "vitest";
import { prefixed } from "../../shared/kafka/connect.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import { aKeyStoreDeployment, pause, type KeyStoreDeployment } from "./exactly-once-deployment.js";
import { addPartitions } from "../river/add-partitions.js";
import { eventually } from "../river/eventually.js";
import { apiKeys } from "./faulty-sockets.js";
import { faultyProcess } from "./faulty-process.js";

// The same as in exactly-once.stack.test.ts, where it takes longer than a group's session.

const allWell = { missing: [], twice: [], strange: [] };
const sessionSeconds = 15;
let deployment: KeyStoreDeployment;

beforeEach(async () => {
  deployment = await aKeyStoreDeployment(inject("endpoints"), { partitions: 4 });
});
afterEach(() => deployment.stop());

test("a zombie that comes back to partitions that others hold writes nothing of its own", async () => {
  const [zombie, other] = [await deployment.keyStore("zombie"), await deployment.keyStore("other")];
  await Promise.all([zombie.ready(), other.ready()]);
  const stopLoad = deployment.load(300);
  await pause(3);
  for (const asleepSeconds of [sessionSeconds + 5, sessionSeconds + 20, 3]) {
    await zombie.signal("SIGSTOP");
    await pause(asleepSeconds);
    await zombie.signal("SIGCONT");
    await pause(8);
  }
  await stopLoad();
  await deployment.drained(120);
  expect(await deployment.compare()).toMatchObject(allWell);
  expect([zombie.exitCode, other.exitCode]).toEqual([null, null]);
});

test("both key-stores asleep by turns, each as the zombie of the other, write every key once", async () => {
  const [a, b] = [await deployment.keyStore("a"), await deployment.keyStore("b")];
  await Promise.all([a.ready(), b.ready()]);
  const stopLoad = deployment.load(300);
  for (const [sleeper, awake] of [
    [a, b],
    [b, a],
    [a, b],
  ] as const) {
    await sleeper.signal("SIGSTOP");
    await pause(sessionSeconds + 3);
    await awake.signal("SIGSTOP");
    await sleeper.signal("SIGCONT");
    await pause(2);
    await awake.signal("SIGCONT");
    await pause(5);
  }
  await stopLoad();
  await deployment.drained(120);
  expect(await deployment.compare()).toMatchObject(allWell);
  expect([a.exitCode, b.exitCode]).toEqual([null, null]);
});

test("key-stores that are stopped, killed and cut off while they commit write every key once", async () => {
  const faulty = faultyProcess();
  const first = await deployment.keyStore("first", faulty.env);
  const second = await deployment.keyStore("second", faulty.env);
  await Promise.all([first.ready(), second.ready()]);
  faulty.order({ apiKey: apiKeys.endTxn, faults: ["cut after", "cut before", "lose reply"], every: 25 });
  const stopLoad = deployment.load(300);
  for (let round = 0; round < 8; round += 1) {
    const process = round % 2 === 0 ? second : first;
    await pause(1 + round / 3);
    await process.signal(round % 4 < 2 ? "SIGTERM" : "SIGKILL");
    process.start();
    await process.ready();
  }
  faulty.heal();
  await stopLoad();
  await deployment.drained(180);
  expect(await deployment.compare()).toMatchObject(allWell);
});

test("offsets that expired while a slice was in MongoDB and not in the log are restored behind what was told", async () => {
  const faulty = faultyProcess();
  const keyStore = await deployment.keyStore("key-store", faulty.env);
  await deployment.submit(200);
  await deployment.drained();
  faulty.order({ apiKey: apiKeys.produce, faults: ["lose request"] });
  const before = await progress();
  await deployment.submit(200);
  // One at least: the client fetches from a broker only when it is done with all that it had from it.
  await eventually("progress", async () =>
    (await progress()).some((offset, partition) => offset > (before[partition] ?? 0)),
  );
  await keyStore.signal("SIGKILL");
  faulty.heal();
  const groupId = prefixed(deployment.connection, "key-store");
  await eventually("the group to be empty", async () => {
    const deleted = deployment.withAdmin((admin) => admin.deleteGroups([groupId]));
    return deleted.then(
      () => true,
      () => false,
    );
  });
  await deployment.tekstream("offsets", "restore");
  keyStore.start();
  await deployment.submit(200);
  await deployment.drained();
  expect(await deployment.compare()).toMatchObject({ ...allWell, acknowledged: 600 });
  expect(keyStore.exitCode).toBeNull();
});

/** How far MongoDB has come, by partition. */
async function progress(): Promise<number[]> {
  const found = await deployment.withView((db) =>
    db.collection<{ _id: number; nextOffset: number }>("progress").find().sort({ _id: 1 }).toArray(),
  );
  return found.map(({ nextOffset }) => nextOffset);
}

test("partitions that are added while key-stores run are taken up from their first record", async () => {
  const [first, second] = [await deployment.keyStore("first"), await deployment.keyStore("second")];
  await Promise.all([first.ready(), second.ready()]);
  const stopLoad = deployment.load(200);
  await pause(2);
  // The outputs first: an input partition whose output is missing would wait for it.
  await addPartitions(deployment.connection, [keysAccepted, keysEmbargoed, keysSubmitted], 7);
  // Their first records are written before any key-store can know of the partitions.
  expect(await deployment.submit(140, 7)).toBe(140);
  await pause(5);
  await stopLoad();
  expect(await deployment.submit(140, 7)).toBe(140);
  await deployment.drained();
  expect(await deployment.compare()).toMatchObject(allWell);
  expect([first.exitCode, second.exitCode]).toEqual([null, null]);
});

test("an input partition that is added before its outputs waits for them", async () => {
  const keyStore = await deployment.keyStore("key-store");
  await keyStore.ready();
  await addPartitions(deployment.connection, [keysSubmitted], 5);
  expect(await deployment.submit(50, 5)).toBe(50);
  await pause(20);
  await addPartitions(deployment.connection, [keysAccepted, keysEmbargoed], 5);
  await deployment.drained(120);
  expect(await deployment.compare()).toMatchObject({ ...allWell, acknowledged: 50 });
  expect(keyStore.exitCode).toBeNull();
});
