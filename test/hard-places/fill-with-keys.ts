import { randomBytes, randomInt } from "node:crypto";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import type { Accepted, AcceptedRecord } from "../../shared/topology.js";

const keysPerRecord = 200;
const recordsAtOnce = 60;
const reportTypes = ["confirmed", "likely", "user-report"] as const;

/** Writes so many keys of the last fortnight to three partitions, as a busy key-store does. */
export async function fillWithKeys(
  writer: StreamWriter<Accepted, AcceptedRecord> | undefined,
  count: number,
): Promise<void> {
  for (let written = 0; written < count;) {
    const writes: unknown[] = [];
    for (; writes.length < recordsAtOnce && written < count; written += keysPerRecord)
      writes.push(writer?.write(writes.length % 3, aRecord(Math.min(keysPerRecord, count - written))));
    await Promise.all(writes);
  }
}

function aRecord(count: number): Accepted {
  const keys = Array.from({ length: count }, aKey).sort((a, b) => Buffer.compare(a.tek, b.tek));
  const [first = aKey()] = keys;
  return { origins: [originOf(first)], inserted: keys.map((key) => keyRecord(key, 0, false)) };
}

function aKey() {
  const today = Math.floor(Date.now() / 86_400_000);
  return aPlacedKey({
    tek: randomBytes(16),
    rollingStartIntervalNumber: (today - randomInt(1, 14)) * 144,
    transmissionRisk: randomInt(0, 9),
    reportType: reportTypes[randomInt(0, 3)] ?? "confirmed",
    daysSinceOnset: randomInt(-10, 11),
    insertedBy: randomBytes(16),
  });
}
