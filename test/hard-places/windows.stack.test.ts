import { randomBytes } from "node:crypto";
import Bull from "bull";
import { Redis } from "ioredis";
import { afterAll, describe, expect, inject, test } from "vitest";
import { prefixed } from "../../shared/kafka/connect.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import { addPartitions } from "../river/add-partitions.js";
import { eventually } from "../river/eventually.js";
import { aSubmission, pause } from "./exactly-once-deployment.js";
import { shiftedClock, steppedProcess } from "./preloaded.js";
import { aWindowDeployment, type WindowDeployment } from "./window-deployment.js";
import { windowSteps } from "./window-steps.js";

// Real clocks and export-windows that are disturbed. In the end the log, the exports as a phone saw them all the time,
// and what building them again gives are compared: each window comes out once, complete, in order, and identical.

const endpoints = inject("endpoints");
const secondsMax = 180;
/** Of the deployments' windows. */
const periodSeconds = 2;
const deployments: WindowDeployment[] = [];

async function aDeployment(options: Parameters<typeof aWindowDeployment>[1] = {}): Promise<WindowDeployment> {
  const deployment = await aWindowDeployment(endpoints, options);
  deployments.push(deployment);
  return deployment;
}

afterAll(() => Promise.all(deployments.map((deployment) => deployment.stop())));

describe("each window comes out once, complete, in order and identical", () => {
  test("when keys were accepted before any clock ran", async () => {
    // There is time left for processes to start, so that the very first tick begins the window of this moment.
    const windowSeconds = 30;
    const leftSeconds = windowSeconds - ((Date.now() / 1000) % windowSeconds);
    if (leftSeconds < 15) await pause(leftSeconds);
    const deployment = await aDeployment({ startedSecondsAgo: 0, periodSeconds: windowSeconds });
    await deployment.write(30, { releaseSeconds: Math.floor(Date.now() / 1000) + 2 });
    const [clock] = await Promise.all(
      (["clock", "export-window"] as const).map((name) => deployment.process(name, name)),
    );
    await clock?.ready();
    const windowsUntilNow = Math.ceil(Date.now() / 1000 / windowSeconds);
    await deployment.untilPublished(windowsUntilNow * windowSeconds, secondsMax);
    expect(await deployment.findings()).toEqual([]);
  });

  test("when clocks jump and sleep, and partitions are added", async () => {
    const deployment = await aDeployment({ startedSecondsAgo: 0 });
    const jumping = shiftedClock();
    const [jumper, sleeper] = await Promise.all([
      deployment.process("clock", "jumper", jumping.env),
      deployment.process("clock", "sleeper"),
      deployment.process("export-window", "export-window"),
    ]);
    await Promise.all([jumper.ready(), sleeper.ready()]);
    await deployment.untilPublished(1, secondsMax);
    // The new partitions hold keys before any tick.
    await Promise.all([jumper, sleeper].map((clock) => clock.signal("SIGSTOP")));
    await addPartitions(deployment.audit.connection, [keysAccepted, keysEmbargoed], 5);
    await deployment.write(30, { partitions: 5, releaseSeconds: Math.floor(Date.now() / 1000) + 2 });
    await Promise.all([jumper, sleeper].map((clock) => clock.signal("SIGCONT")));
    for (const shiftSeconds of [4, 3600, -3600, 0]) {
      jumping.shift(shiftSeconds);
      if (shiftSeconds === 3600) await sleeper.signal("SIGSTOP");
      for (let round = 0; round < 4; round++) {
        await deployment.write(15, { partitions: 5, releaseSeconds: Math.floor(Date.now() / 1000) + 2 });
        await pause(0.5);
      }
      if (shiftSeconds === -3600) await sleeper.signal("SIGCONT");
    }
    // One clock has to do, the one that has jumped back.
    await sleeper.signal("SIGKILL");
    await deployment.untilPublished(Math.ceil(Date.now() / 1000) + 4, secondsMax);
    expect(await deployment.findings()).toEqual([]);
    const ranges = (await deployment.published()).at(-1)?.ranges ?? [];
    expect(ranges.filter(({ topic }) => topic === keysAccepted.topic)).toHaveLength(5);
  });

  test("when a worker dies between two steps", async () => {
    const deployment = await aDeployment();
    const stepped = steppedProcess();
    const endSeconds = await deployment.windows(4);
    const worker = await deployment.process("export-window", "worker", stepped.env);
    for (const name of [
      "before the file is put",
      "after it is marked built",
      "before the index is put",
    ] as const) {
      stepped.order({ ...windowSteps[name], signal: "SIGKILL" });
      await stepped.followed(secondsMax);
      worker.start();
    }
    await deployment.untilPublished(endSeconds, secondsMax);
    expect(await deployment.findings()).toEqual([]);
  });

  test("when MongoDB is lost, also where another file lies under a name by now", async () => {
    const deployment = await aDeployment();
    const { store, view } = deployment.audit;
    const worker = await deployment.process("export-window", "worker");
    await deployment.untilPublished(await deployment.windows(3), secondsMax);
    await worker.signal("SIGKILL");
    const [name = ""] = await deployment.index();
    const right = (await store.get(name))?.bytes ?? Buffer.of();
    const put = async (bytes: Uint8Array): Promise<void> => {
      await store.remove([name]);
      await store.putIfAbsent(name, bytes, { contentType: "application/zip", cacheControl: "public" });
    };
    await put(randomBytes(100));
    await view.db.dropDatabase();
    worker.start();
    await deployment.untilPublished(await deployment.windows(2), secondsMax);
    expect(deployment.logOf(worker)).not.toContain("batch failed");
    await put(right);
    expect(await deployment.findings()).toEqual([]);
  });

  test("when jobs are lost, doubled, left behind by a dead worker or failed for good", async () => {
    const deployment = await aDeployment();
    const bull = aQueue(deployment);
    const endSeconds = await deployment.windows(4);
    const firstEnd = endSeconds - 8;
    await bull.fail(firstEnd);
    await bull.leaveActive(firstEnd + 2);
    await bull.forget(firstEnd + 4);
    await bull.double(firstEnd + 6);
    // A configuration that can't be used, and one whose building fails, come first, and hold up no other.
    const unplannable = deployment.settings({ filenameRoot: "a", periodSeconds: 7 });
    await deployment.configure("export-configuration", "a", {
      exportConfiguration: { ...unplannable.exportConfiguration, id: "a" },
    });
    await deployment.configure("signing-key", "other", deployment.brokenSigningKey());
    const refused = deployment.settings({ filenameRoot: "b", signingKeyIds: ["other"] });
    await deployment.configure("export-configuration", "b", {
      exportConfiguration: { ...refused.exportConfiguration, id: "b" },
    });
    const workers = await Promise.all(["a", "b"].map((name) => deployment.process("export-window", name)));
    for (let round = 0; round < 4; round++) {
      await bull.flush();
      await pause(0.5);
    }
    await deployment.untilPublished(endSeconds, secondsMax);
    await bull.stop();
    await eventually("the failure to be told", async () =>
      /"configuration":"b".*batch failed/.test(workers.map(deployment.logOf).join()),
    );
    expect(await deployment.findings()).toEqual([]);
  });

  test("when a worker freezes over a job and wakes behind the one that took it over", async () => {
    const deployment = await aDeployment();
    const stepped = steppedProcess();
    const endSeconds = await deployment.windows(3);
    stepped.order({ ...windowSteps["before it is marked built"], signal: "SIGSTOP" });
    const frozen = await deployment.process("export-window", "frozen", stepped.env);
    await stepped.followed(secondsMax);
    await deployment.process("export-window", "other");
    await deployment.untilPublished(endSeconds, secondsMax);
    await frozen.signal("SIGCONT");
    await eventually("the one that woke to see that all is done", async () =>
      /batch built/.test(deployment.logOf(frozen)),
    );
    expect(await deployment.findings()).toEqual([]);
  });

  test("when a key-store lags and decides on keys after their release", async () => {
    const deployment = await aDeployment({ startedSecondsAgo: 0 });
    const [, , keyStore] = await Promise.all([
      deployment.process("clock", "clock"),
      deployment.process("export-window", "export-window"),
      deployment.process("key-store", "key-store"),
    ]);
    await keyStore.ready();
    await keyStore.signal("SIGSTOP");
    const teks = await submitLongAgo(deployment, 12);
    await pause(5);
    await keyStore.signal("SIGCONT");
    teks.forEach(deployment.expectKey);
    const view = deployment.audit.view.db;
    const decided = async (): Promise<boolean> =>
      (await view.collection("keys").countDocuments()) === teks.length;
    await eventually("key-store to decide", decided);
    await deployment.untilPublished(Math.ceil(Date.now() / 1000) + 4, secondsMax);
    expect(await deployment.findings()).toEqual([]);
    expect(await view.collection("keys").countDocuments({ createdAt: { $lt: new Date() } })).toBe(12);
  });
});

/** Submissions that the log took two hours ago, of keys that were usable until an hour ago; gives their TEKs. */
async function submitLongAgo({ audit }: WindowDeployment, count: number): Promise<Uint8Array[]> {
  const topic = prefixed(audit.connection, keysSubmitted.topic);
  const hour = 3600;
  const nowSeconds = Date.now() / 1000;
  const timestamp = String(Math.floor((nowSeconds - 2 * hour) * 1000));
  const admin = audit.connection.kafka.admin();
  const producer = audit.connection.kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  // Otherwise the broker would put its own time in place of the test's.
  const configEntries = [{ name: "message.timestamp.type", value: "CreateTime" }];
  await admin.alterConfigs({ validateOnly: false, resources: [{ type: 2, name: topic, configEntries }] });
  await eventually("the broker to keep the test's times", async () => {
    // No submission: key-store puts it aside.
    const [written] = await producer.send({ topic, messages: [{ partition: 0, value: null, timestamp }] });
    return written?.logAppendTime === "-1";
  });
  const submissions = Array.from({ length: count }, () => {
    const rollingStartIntervalNumber = Math.floor((nowSeconds - hour) / 600) - 144;
    const key = { tek: randomBytes(16), rollingStartIntervalNumber, rollingPeriod: 144, daysSinceOnset: 1 };
    return { ...aSubmission(), keys: [key] };
  });
  const messages = submissions.map((submission, index) => ({
    partition: index % 3,
    value: audit.framing.encode(keysSubmitted, submission),
    timestamp,
  }));
  await producer.send({ topic, messages });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  return submissions.map(({ keys }) => keys[0]?.tek ?? new Uint8Array());
}

/** Puts the jobs of a deployment into states in which Bull does not run them. */
function aQueue({ env }: WindowDeployment) {
  const prefix = `${env["TEKSTREAM_PREFIX"]}:bull`;
  const redisUrl = env["TEKSTREAM_REDIS_URL"] ?? "";
  const queue = new Bull("export-window", redisUrl, { prefix });
  const redis = new Redis(redisUrl);
  const key = (name: string): string => `${prefix}:export-window:${name}`;
  const windowOf = (endSeconds: number) => ({ startSeconds: endSeconds - periodSeconds, endSeconds });
  const add = async (endSeconds: number): Promise<Bull.Job> =>
    queue.add(windowOf(endSeconds), { jobId: `${endSeconds - periodSeconds}-${endSeconds}` });
  return {
    async fail(endSeconds: number) {
      const job = await add(endSeconds);
      await redis.lrem(key("wait"), 1, String(job.id));
      await redis.lpush(key("active"), String(job.id));
      await job.moveToFailed({ message: "failed for good" }, true);
    },
    /** As a worker leaves it that died and whose lock has expired. */
    async leaveActive(endSeconds: number) {
      const { id } = await add(endSeconds);
      await redis.lrem(key("wait"), 1, String(id));
      await redis.lpush(key("active"), String(id));
    },
    /** Known by its name, and in no list. */
    async forget(endSeconds: number) {
      const { id } = await add(endSeconds);
      await redis.lrem(key("wait"), 1, String(id));
    },
    /** The same window under another name. */
    async double(endSeconds: number) {
      await queue.add(windowOf(endSeconds), { jobId: `twin:${endSeconds}` });
      await add(endSeconds);
    },
    async flush() {
      const keys = await redis.keys(`${env["TEKSTREAM_PREFIX"]}:*`);
      if (keys.length > 0) await redis.del(...keys);
    },
    async stop() {
      await queue.close();
      redis.disconnect();
    },
  };
}
