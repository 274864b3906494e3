import { afterEach, expect, test, vi } from "vitest";
import { eventually } from "../../test/river/eventually.js";
import { aConnection, asAdmin, makeTopic, silentLog } from "./a-topic.test-support.js";
import { prefixed } from "./connect.js";
import { Follower } from "./follower.js";
import { partitionWriter } from "./stream-writer.js";

let restarts = 0;
const warn = (_fields: object, text: string): void => {
  if (text.includes("starting a new one")) restarts += 1;
};
const connection = { ...aConnection(), log: { ...silentLog, warn } };
/** Two of them don't fit into what the broker hands over at once. */
const large = "x".repeat(600_000);

afterEach(() => vi.restoreAllMocks());

async function write(topic: string, ...texts: readonly string[]): Promise<void> {
  const writer = partitionWriter(connection, topic, 0, { queueBytesMax: 2_000_000, waitSecondsMax: 30 });
  for (const text of texts) await writer.write({ value: Buffer.from(text + large) });
  await writer.stop();
}

/** A follower of a topic that has three records, and the first letters of what it was handed. */
async function aFollower(topic: string) {
  await makeTopic(connection, topic, 1);
  await write(topic, "a", "b", "c");
  const handled: string[] = [];
  const follower = new Follower(connection, topic, async (records) => {
    handled.push(...records.map(({ value }) => String(value).charAt(0)));
  });
  await follower.start();
  return { follower, handled };
}

/** A clock that is set back makes a follower join its group anew. */
function setClockBack(): void {
  const now = Date.now.bind(Date);
  vi.spyOn(Date, "now").mockImplementation(() => now() - 60_000);
}

test("a follower that joins its group anew is handed only what it has not handled", async () => {
  const { follower, handled } = await aFollower("joined-anew");
  setClockBack();
  await eventually("another consumer", async () => restarts > 0);
  await write("joined-anew", "d");
  await eventually("the last record", async () => handled.includes("d"));
  expect(handled).toEqual(["a", "b", "c", "d"]);
  await follower.stop();
});

test("a topic that was deleted and made anew is followed from its beginning", async () => {
  const { follower, handled } = await aFollower("made-anew");
  await asAdmin(connection, (admin) => admin.deleteTopics({ topics: [prefixed(connection, "made-anew")] }));
  await makeTopic(connection, "made-anew", 1);
  await write("made-anew", "d");
  await eventually("the first record of the new topic", async () => handled.includes("d"));
  await write("made-anew", "e");
  await follower.catchUp(60);
  expect(handled).toEqual(["a", "b", "c", "d", "e"]);
  await follower.stop();
});
