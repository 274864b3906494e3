import { afterAll, expect, inject, test } from "vitest";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import { addPartitions } from "../river/add-partitions.js";
import { aKeyStoreDeployment, pause } from "./exactly-once-deployment.js";
import { shiftedClock } from "./preloaded.js";

// The Kafka client reckons by the machine's clock when to say that it is alive, and when to look for new partitions.
// After a clock has been set back, it would do neither for as long as the clock was ahead.

const stops: (() => Promise<void>)[] = [];
afterAll(() => Promise.all(stops.map((stop) => stop())));

test("a key-store whose clock was a day ahead and is set back decides what comes in new partitions", async () => {
  const deployment = await aKeyStoreDeployment(inject("endpoints"));
  stops.push(() => deployment.stop());
  const clock = shiftedClock();
  const keyStore = await deployment.keyStore("key-store", clock.env);
  clock.shift(86_400);
  await keyStore.ready();
  await deployment.submit(20);
  await deployment.drained();
  // A heartbeat and a look at the partitions, by the clock that is ahead.
  await pause(5);
  clock.shift(0);
  const topics = [keysSubmitted, keysAccepted, keysEmbargoed];
  await addPartitions(deployment.connection, topics, 3);
  await deployment.submit(30, 3);
  await deployment.drained();
  expect(await deployment.compare()).toMatchObject({ acknowledged: 50, missing: [], twice: [], strange: [] });
  expect(keyStore.exitCode).toBeNull();
});
