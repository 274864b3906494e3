import { afterAll, beforeAll, expect, test } from "vitest";
import { NeedsOperator } from "../process/outcomes.js";
import { aConnection, makeTopic } from "./a-topic.test-support.js";
import { fencePartition } from "./fence-partition.js";
import { LastingAdmin } from "./lasting-admin.js";
import { committedOffsets, topicLimits } from "./topic-limits.js";
import { PartitionTransactions } from "./partition-transactions.js";

const connection = { ...aConnection(), process: "key-store" } as const;
const admin = new LastingAdmin(connection);
const pass = (): void => undefined;

beforeAll(async () => {
  for (const topic of ["in", "out"]) await makeTopic(connection, topic, 2);
});
afterAll(() => {
  admin.stop();
});

async function anOwner(partition: number): Promise<PartitionTransactions> {
  const owner = new PartitionTransactions(connection, admin, "in", partition);
  await owner.open(() => Promise.resolve());
  return owner;
}

test("an owner that was asleep can't commit what it has in hand, and the next one can", async () => {
  const [asleep, output] = [await anOwner(0), { topic: "out", values: [Buffer.from("late")] }];
  const opened = await fencePartition(connection, "in", 0, pass);
  expect(opened).toMatchObject({ partition: 0, nextOffset: 0, committed: true });
  await expect(asleep.commit([output], 0)).rejects.toThrow(/fenced|epoch/i);
  asleep.close();
  const next = await anOwner(0);
  await next.commit([output], 0);
  next.close();
  // The broker answers a commit before its marker stands in every partition.
  const committedEnd = async (): Promise<number | undefined> =>
    (await topicLimits(connection, ["out"])).find(({ partition }) => partition === 0)?.high;
  await expect.poll(committedEnd, { timeout: 60_000 }).toBe(2);
});

test("nothing is changed where the partition is refused", async () => {
  const refusal = fencePartition(connection, "in", 1, ({ committed }) => {
    throw new NeedsOperator(`committed: ${committed}`);
  });
  await expect(refusal).rejects.toThrow("committed: false");
  expect((await committedOffsets(connection, "in")).has(1)).toBe(false);
});

test("a partition that nobody has opened before is fenced at its beginning", async () => {
  expect(await fencePartition(connection, "in", 1, pass)).toMatchObject({ nextOffset: 0, committed: false });
  expect(await committedOffsets(connection, "in")).toEqual(
    new Map([
      [0, 0],
      [1, 0],
    ]),
  );
});
