import { afterAll, describe, expect, inject, test } from "vitest";
import { prefixed } from "../../shared/kafka/connect.js";
import { createTopics } from "../../shared/kafka/create-topics.js";
import type { GroupOffset } from "../../shared/kafka/group-offsets.js";
import { keysSubmitted } from "../../shared/topology.js";
import { aKeyStoreDeployment, pause, type KeyStoreDeployment } from "./exactly-once-deployment.js";
import { eventually } from "../river/eventually.js";
import { apiKeys } from "./faulty-sockets.js";
import { faultyProcess } from "./faulty-process.js";

// Real key-stores that are disturbed while they commit. In the end keys.accepted, read as its readers read it, is
// compared with what was acknowledged: every key is there, and none twice.

const allWell = { missing: [], twice: [], strange: [] };
const deployments: KeyStoreDeployment[] = [];

async function aDeployment(): Promise<KeyStoreDeployment> {
  const deployment = await aKeyStoreDeployment(inject("endpoints"));
  deployments.push(deployment);
  return deployment;
}

afterAll(() => Promise.all(deployments.map((deployment) => deployment.stop())));

describe("a key-store that is disturbed writes every key once", () => {
  test("when another one comes and goes under load", async () => {
    const deployment = await aDeployment();
    const first = await deployment.keyStore("first");
    await first.ready();
    const stopLoad = deployment.load(200);
    const second = await deployment.keyStore("second");
    for (const round of [1, 2, 3]) {
      await second.ready();
      await pause(round / 2);
      await second.signal("SIGTERM");
      second.start();
    }
    await second.ready();
    await stopLoad();
    await deployment.drained();
    expect(await deployment.compare()).toMatchObject(allWell);
    expect([first.exitCode, second.exitCode]).toEqual([null, null]);
  });

  test("when every second commit is in doubt, from the first one on", async () => {
    const deployment = await aDeployment();
    const faulty = faultyProcess();
    faulty.order({ apiKey: apiKeys.endTxn, faults: ["cut after", "cut before"], every: 2 });
    const keyStore = await deployment.keyStore("key-store", faulty.env);
    await deployment.submit(160);
    await deployment.drained();
    expect(await deployment.compare()).toMatchObject({ ...allWell, acknowledged: 160 });
    expect(deployment.logOf(keyStore)).toContain("cut by the test");
    expect(keyStore.exitCode).toBeNull();
  });

  test("when it is killed after its first records are in MongoDB, and before they are in the log", async () => {
    const deployment = await aDeployment();
    const faulty = faultyProcess();
    faulty.order({ apiKey: apiKeys.produce, faults: ["lose request"] });
    const keyStore = await deployment.keyStore("key-store", faulty.env);
    await deployment.submit(20);
    await eventually("progress in both partitions", () =>
      deployment.withView(async (db) => (await db.collection("progress").countDocuments()) === 2),
    );
    await keyStore.signal("SIGKILL");
    faulty.heal();
    keyStore.start();
    await deployment.drained();
    expect(await deployment.compare()).toMatchObject({ ...allWell, acknowledged: 20 });
  });
});

describe.concurrent("a key-store stops, says what to do and writes nothing", () => {
  async function afterHundredKeys(): Promise<KeyStoreDeployment> {
    const deployment = await aDeployment();
    const keyStore = await deployment.keyStore("before");
    await deployment.submit(100);
    await deployment.drained();
    await keyStore.signal("SIGTERM");
    return deployment;
  }

  async function expectRefusal(deployment: KeyStoreDeployment, message: RegExp): Promise<void> {
    await expectStop(deployment, message);
    expect(await deployment.compare()).toMatchObject({ ...allWell, acknowledged: 100 });
  }

  async function expectStop(deployment: KeyStoreDeployment, message: RegExp): Promise<void> {
    const keyStore = await deployment.keyStore("after");
    await eventually("the process to end", async () => keyStore.exitCode !== null, 120);
    expect(keyStore.exitCode).toBe(1);
    expect(deployment.logOf(keyStore)).toMatch(message);
    expect(deployment.logOf(keyStore)).toContain("See docs/troubleshoot.md");
  }

  /** A key-store that did not get to leave its group counts as a member for some seconds more. */
  async function deleteGroup({ connection, withAdmin }: KeyStoreDeployment): Promise<void> {
    const isDeleted = (): Promise<boolean> =>
      withAdmin((admin) => admin.deleteGroups([prefixed(connection, "key-store")])).then(
        () => true,
        () => false,
      );
    await eventually("the group to be empty", isDeleted);
  }

  /** As `deleteGroup`. */
  async function restoreOffsets({ tekstream }: KeyStoreDeployment): Promise<void> {
    const restored = (): Promise<string | false> =>
      tekstream("offsets", "restore").catch((error: unknown) => {
        if (String(error).includes("a key-store is running")) return false;
        throw error;
      });
    await eventually("the group to be empty", restored);
  }

  test("when the group's offsets have expired", async () => {
    const deployment = await afterHundredKeys();
    await deleteGroup(deployment);
    await expectRefusal(deployment, /MongoDB has seen offset \d+ .* but the group has no offset/);

    // What docs/troubleshoot.md says to do about it.
    await restoreOffsets(deployment);
    const offsets = JSON.parse(await deployment.tekstream("offsets", "show", "--json")) as { told: number }[];
    expect(offsets).toMatchObject(offsets.map(({ told }) => ({ kind: "keep", committed: told })));
    const keyStore = await deployment.keyStore("restored");
    await deployment.submit(40);
    await deployment.drained();
    expect(await deployment.compare()).toMatchObject({ ...allWell, acknowledged: 140 });
    expect(keyStore.exitCode).toBeNull();
    await expect(deployment.tekstream("offsets", "restore")).rejects.toThrow("a key-store is running");
  });

  test("when retention has removed submissions that it had not handled", async () => {
    const deployment = await afterHundredKeys();
    const topic = prefixed(deployment.connection, keysSubmitted.topic);
    await deployment.submit(40);
    await deployment.withAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: String(Number(high) - 5) }));
      await admin.deleteTopicRecords({ topic, partitions });
    });
    await expectStop(deployment, /holds offsets \d+ to \d+, but \S+ (is at \d+|was outside of them)/);

    // What docs/troubleshoot.md says to do about it: what is gone is gone, and nothing else.
    await deleteGroup(deployment);
    await restoreOffsets(deployment);
    const offsets = JSON.parse(await deployment.tekstream("offsets", "show", "--json")) as GroupOffset[];
    await deployment.withView(async (db) => {
      const progress = db.collection<{ _id: number; nextOffset: number }>("progress");
      for (const { partition, committed = 0 } of offsets)
        await progress.updateOne({ _id: partition }, { $max: { nextOffset: committed } });
    });
    const keyStore = await deployment.keyStore("restored");
    await deployment.drained();
    const { missing } = await deployment.compare();
    expect(missing.length).toBeGreaterThan(0);
    await deployment.submit(40);
    await deployment.drained();
    expect(await deployment.compare()).toEqual({ ...allWell, missing, acknowledged: 180 });
    expect(keyStore.exitCode).toBeNull();
  });

  test("when MongoDB was emptied", async () => {
    const deployment = await afterHundredKeys();
    await deployment.withView((db) => db.dropDatabase());
    await expectRefusal(deployment, /MongoDB has seen offset 0 .* the view is older than its log/);
  });

  test("when MongoDB is an old copy of itself", async () => {
    const deployment = await afterHundredKeys();
    await deployment.withView((db) => db.collection("progress").updateMany({}, { $inc: { nextOffset: -1 } }));
    await expectRefusal(deployment, /MongoDB has seen offset \d\d .* the view is older than its log/);
  });

  test("when the topic was lost and made again", async () => {
    const deployment = await afterHundredKeys();
    const topic = prefixed(deployment.connection, keysSubmitted.topic);
    await deployment.withAdmin(async (admin) => {
      await admin.deleteTopics({ topics: [topic] });
      await eventually("the topic to be gone", async () => !(await admin.listTopics()).includes(topic));
      await createTopics(admin, [{ topic, numPartitions: 2 }]);
    });
    await expectRefusal(deployment, /MongoDB has seen offset \d+ .* the view is newer than its log/);
  });
});
