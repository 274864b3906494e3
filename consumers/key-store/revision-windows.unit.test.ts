import * as fc from "fast-check";
import { expect, test } from "vitest";
import { someSettings } from "../../shared/deployment/some-settings.test-support.js";
import { tekId } from "../../shared/keys/admission.js";
import { insertedBy } from "../../shared/keys/submission-identity.js";
import { bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import { acceptedRecords } from "../../shared/records/accepted-batch.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { keysAccepted, keysEmbargoed, type Accepted, type Submitted } from "../../shared/topology.js";
import type { PlacedTick } from "../../shared/view/ticks.js";
import { tickLookUp } from "../../shared/windows/a-tick-log.test-support.js";
import { windowCollector } from "../../shared/windows/collect-window.js";
import { windowRanges } from "../../shared/windows/window-ranges.js";
import {
  aSubmitted,
  aSubmittedKey,
  appendedAtSeconds as beginSeconds,
  decodedSubmitted,
} from "./a-submission.test-support.js";
import { decide, type Decisions } from "./decide.js";
import { readSubmission, type Submission } from "./submission.js";

// A key and its revision, decided at any time between ticks that come at any time, and in each topic at another: a clock
// may sleep, wake up late, and die between two topics. Times are seconds from the beginning.

const hour = 3600;
/** Until all has left, however late the key is revised. */
const hoursMin = 140;
const topics = [keysAccepted.topic, keysEmbargoed.topic] as const;
const rule = { truncateWindowSeconds: hour, releaseStillValidKeys: false };

/** How far each tick's boundary is from the one before (hours), and how late each topic has it (seconds). */
const tick = fc.record({
  hours: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 40 })),
  late: fc.tuple(...topics.map(() => fc.oneof(fc.nat(60), fc.nat(60 * hour)))),
});
const scene = fc.record({
  ticks: fc.array(tick, { minLength: 1, maxLength: 30 }),
  endInterval: fc.integer({ min: -3, max: 144 }),
  keySeconds: fc.nat(6 * hour),
  waitSeconds: fc.oneof(fc.nat(30 * hour), fc.nat(100 * hour)),
});

interface Entry {
  readonly atSeconds: number;
  readonly topic: string;
  readonly record?: Accepted;
  readonly boundarySeconds?: number;
}

function submission(offset: number, atSeconds: number, endInterval: number): Submission {
  const tokenInsertedBy = insertedBy(bytesOf("0"), bytesOf("a key"));
  const key = aSubmittedKey("a key", {
    rollingStartIntervalNumber: beginSeconds / 600 + endInterval - 144,
    ...(offset === 0 ? {} : { tokenInsertedBy }),
  });
  const receivedWindowSeconds = beginSeconds + Math.floor(atSeconds / hour) * hour;
  const reportType = offset === 0 ? 2 : 1;
  const changes = { reportType, keys: [key], receivedWindowSeconds } satisfies Submitted;
  const record = decodedSubmitted(aSubmitted(String(offset), changes));
  const read = readSubmission(record, { partition: 0, offset }, beginSeconds + atSeconds, rule);
  if (typeof read === "string") throw new Error(read);
  return read;
}

function entriesOf(decisions: Decisions, atSeconds: number): Entry[] {
  const source = { partition: 0, firstOffset: 0, lastOffset: 0 };
  const { accepted, embargoed } = acceptedRecords({ ...decisions, outcomes: [], source });
  return [accepted, embargoed].flatMap((records, index) =>
    records.map((record) => ({ atSeconds, topic: topics[index] ?? "", record })),
  );
}

function decided(endInterval: number, keySeconds: number, reviseSeconds: number): Entry[] {
  const first = submission(0, keySeconds, endInterval);
  const stored = new Map<string, PlacedKey>(
    first.keys.map(({ candidate }) => [tekId(candidate.tek), candidate]),
  );
  const entries = entriesOf(decide([first], stored), keySeconds);
  return [
    ...entries,
    ...entriesOf(decide([submission(1, reviseSeconds, endInterval)], stored), reviseSeconds),
  ];
}

/** The ticks of a topic, in the order of their boundaries; hourly and on time once the clock is well again. */
function tickEntries(ticks: readonly { hours: number; late: number[] }[], which: number): Entry[] {
  const entries: Entry[] = [{ atSeconds: -1, topic: topics[which] ?? "", boundarySeconds: 0 }];
  const last = { hours: 0, seconds: 0 };
  const add = (hours: number, late: number): void => {
    last.hours += hours;
    last.seconds = Math.max(last.seconds, last.hours * hour + late);
    const boundarySeconds = last.hours * hour;
    entries.push({ atSeconds: last.seconds, topic: topics[which] ?? "", boundarySeconds });
  };
  for (const { hours, late } of ticks) add(hours, late[which] ?? 0);
  while (last.hours < hoursMin || last.hours * hour < last.seconds) add(1, 0);
  return entries;
}

/** Numbers of the windows that hold the key, and of those that hold its revision. */
async function windowsOf(log: readonly Entry[]): Promise<{ keys: number[]; revisions: number[] }> {
  const placed = topics.flatMap((topic) =>
    log
      .filter((entry) => entry.topic === topic)
      .toSorted((a, b) => a.atSeconds - b.atSeconds)
      .map((entry, offset) => ({ ...entry, offset })),
  );
  const ticks = placed.flatMap(({ topic, offset, atSeconds, boundarySeconds }): PlacedTick[] => {
    if (boundarySeconds === undefined) return [];
    const at = {
      boundarySeconds: beginSeconds + boundarySeconds,
      appendedAtSeconds: beginSeconds + atSeconds,
    };
    return [{ topic, partition: 0, partitions: 1, offset, ...at }];
  });
  const lookUp = tickLookUp(ticks);
  const found = { keys: [] as number[], revisions: [] as number[] };
  for (let index = 0; ; index++) {
    const startSeconds = beginSeconds + index * hour;
    const window = { startSeconds, endSeconds: startSeconds + hour };
    const whole = await windowRanges(window, lookUp);
    if (whole.kind === "not-yet") return found;
    const { add, collected } = windowCollector(window, someSettings());
    for (const { topic, startOffset, endOffset, windowStartOffset } of whole.ranges) {
      for (const { offset, record, ...entry } of placed) {
        if (record === undefined || entry.topic !== topic) continue;
        if (offset < startOffset || offset >= endOffset) continue;
        add(keysAccepted.codec.encode(record).finish(), { topic, offset, windowStartOffset });
      }
    }
    for (let count = 0; count < collected.keys.count; count++) found.keys.push(index);
    for (let count = 0; count < collected.revisedKeys.count; count++) found.revisions.push(index);
  }
}

test("whenever ticks come, a key and its revision leave once each, and the revision not before its key", async () => {
  await fc.assert(
    fc.asyncProperty(scene, async ({ ticks, endInterval, keySeconds, waitSeconds }) => {
      const reviseSeconds = keySeconds + waitSeconds;
      const log = [
        ...topics.flatMap((_topic, which) => tickEntries(ticks, which)),
        ...decided(endInterval, keySeconds, reviseSeconds),
      ];
      const { keys, revisions } = await windowsOf(log);
      expect([keys.length, revisions.length]).toEqual([1, 1]);
      expect(revisions[0]).toBeGreaterThanOrEqual(keys[0] ?? Infinity);
    }),
    { numRuns: 100 },
  );
}, 60_000);
