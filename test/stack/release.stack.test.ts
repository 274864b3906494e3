import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { openLog } from "../../shared/registry/open-log.js";
import { aPlacedKey, bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import { exportsPublished, keysAccepted, keysEmbargoed, type Accepted } from "../../shared/topology.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, readStream } from "../river/read-topic.js";

// Records as key-store writes them, with release times of some seconds instead of hours, so that a key can be watched
// while it is held back.

const periodSeconds = 4;
const quiet = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["clock", "export-window"], periodSeconds });
  await eventually("a first window", async () => (await readStream(river.env, exportsPublished)).length > 0);
});
afterAll(() => river.stop());

function aRecord(name: string, releaseSeconds: number): Accepted {
  const rollingStartIntervalNumber = (Math.floor(Date.now() / 86_400_000) - 2) * 144;
  const key = aPlacedKey({
    tek: bytesOf(name),
    rollingStartIntervalNumber,
    createdAtSeconds: releaseSeconds,
    releaseSeconds,
  });
  return { origins: [originOf(key)], inserted: [keyRecord(key, 0, false)] };
}

test("a key that is held back leaves in the window of its release, and in no other", async () => {
  const log = await openLog("key-store", logSettingsOf(river.env), quiet);
  const embargoed = new StreamWriter(log.connection, keysEmbargoed, log.framing);
  await embargoed.write(1, aRecord("past", Math.floor(Date.now() / 1000) - 60));
  const nextBoundary = Math.ceil(Date.now() / 1000 / periodSeconds) * periodSeconds;
  // The first write has connected: these two take a moment of the time until then.
  const boundary = nextBoundary + 3 * periodSeconds;
  await embargoed.write(1, aRecord("at a boundary", boundary));
  await embargoed.write(1, aRecord("between boundaries", boundary + 5));
  await embargoed.stop();

  const reader = await river.reader();
  const idOf = (name: string): string => bytesOf(name).toString("base64");
  const read = await eventually(
    "the last release",
    async () => {
      const all = await reader.readNew();
      return all.keys.has(idOf("between boundaries")) && all;
    },
    90,
  );
  const windowOf = (name: string): readonly number[] => {
    const [occurrence, ...others] = read.keys.get(idOf(name)) ?? [];
    expect(others).toEqual([]);
    const [, start, end] = /\/(\d+)-(\d+)-\d+\.zip$/.exec(occurrence?.file ?? "") ?? [];
    return [Number(start), Number(end)];
  };
  expect(windowOf("past")[1]).toBeLessThanOrEqual(nextBoundary);
  expect(windowOf("at a boundary")).toEqual([boundary, boundary + periodSeconds]);
  expect(windowOf("between boundaries")).toEqual([boundary + periodSeconds, boundary + 2 * periodSeconds]);
  expect(read.problems).toEqual([]);
});

test("a tick whose time has not come closes nothing", async () => {
  const log = await openLog("clock", logSettingsOf(river.env), quiet);
  const accepted = new StreamWriter(log.connection, keysAccepted, log.framing);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const future = Math.ceil(nowSeconds / periodSeconds) * periodSeconds + 3600;
  for (const partition of [0, 1, 2]) {
    await accepted.write(partition, { tick: { boundarySeconds: future, partitions: 3 } });
    await accepted.write(partition, aRecord(`behind the jump in ${partition}`, 0));
  }
  await accepted.stop();

  const reader = await river.reader();
  const read = await eventually("the keys behind the jump", async () => {
    const all = await reader.readNew();
    return (
      [0, 1, 2].every((partition) =>
        all.keys.has(bytesOf(`behind the jump in ${partition}`).toString("base64")),
      ) && all
    );
  });
  expect(read.problems).toEqual([]);
  const ends = read.files.map((file) => Number(/-(\d+)-\d+\.zip$/.exec(file)?.[1]));
  expect(Math.max(...ends)).toBeLessThan(future);
});
