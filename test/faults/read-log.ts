import { randomUUID } from "node:crypto";
import type { Consumer } from "kafkajs";
import { prefixed } from "../../shared/kafka/connect.js";
import { partitionCounts } from "../../shared/kafka/provision-topics.js";
import { foldTick } from "../../shared/exports/ticks.js";
import type { Outcome } from "../../shared/stats/count-outcomes.js";
import { exportsPublished, keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { AcceptedRecord, PublishedRecord } from "../../shared/topology.js";
import type { ReadKey } from "../phones/export-reader.js";
import type { Audit } from "./audit.js";

/** A key as a record tells of it; `file` is the record's place, topic/partition@offset. */
export interface LoggedKey extends ReadKey {
  /** When it may leave (Unix seconds); 0: at once. */
  readonly releaseSeconds: number;
}

/** What the log says, read by a consumer of committed records from the beginning. Keys are by standard base64. */
export interface LogFold {
  readonly keys: Map<string, LoggedKey[]>;
  readonly revised: Map<string, LoggedKey[]>;
  readonly outcomes: Outcome[];
  /** In the order of the log. */
  readonly published: PublishedRecord[];
}

interface Place {
  readonly topic: string;
  readonly partition: number;
  readonly offset: string;
  /** When the broker took the record (Unix seconds). */
  readonly appendedAtSeconds: number;
}

const readSecondsMax = 120;
const topics = [keysAccepted.topic, keysEmbargoed.topic, exportsPublished.topic];

/** Reads the whole log up to the ticks for `endSeconds` and the windows of these exports that end there. */
export async function readLog(
  audit: Audit,
  exportIds: readonly string[],
  endSeconds: number,
): Promise<LogFold> {
  const { connection, framing } = audit;
  const fold: LogFold = { keys: new Map(), revised: new Map(), outcomes: [], published: [] };
  const pending = await partitionsOf(audit);
  const seen = new Set<string>();
  const unpublished = new Set(exportIds);
  const groupId = prefixed(connection, `audit.${randomUUID()}`);
  const consumer = connection.kafka.consumer({ groupId, maxWaitTimeInMs: 300, readUncommitted: false });
  await consumer.connect();
  await consumer.subscribe({
    topics: topics.map((topic) => prefixed(connection, topic)),
    fromBeginning: true,
  });
  await readUntilEmpty(consumer, pending, async (place, value) => {
    const topic = place.topic.slice(connection.prefix.length + 1);
    const id = `${topic}/${place.partition}@${place.offset}`;
    // A member that joins anew may be handed records again.
    if (seen.has(id)) return;
    seen.add(id);
    if (topic === exportsPublished.topic) {
      const [decoded] = await framing.decodeAll(exportsPublished, [value]);
      if (decoded?.fate !== "done") throw new Error(`${id} can't be read`);
      fold.published.push(decoded.message);
      const { exportConfigurationId } = decoded.message;
      if (decoded.message.endSeconds >= endSeconds) unpublished.delete(exportConfigurationId);
      if (unpublished.size === 0) pending.delete(keyOf(place));
    } else {
      const [decoded] = await framing.decodeAll(keysAccepted, [value]);
      if (decoded?.fate !== "done") throw new Error(`${id} can't be read`);
      foldRecord(fold, decoded.message, id);
      const boundarySeconds = decoded.message.tick?.boundarySeconds ?? 0;
      // One whose time had not come ends nothing.
      const isTime = foldTick(undefined, { ...place, boundarySeconds }).kind === "valid";
      if (isTime && boundarySeconds >= endSeconds) pending.delete(keyOf(place));
    }
  });
  return fold;
}

async function readUntilEmpty(
  consumer: Consumer,
  pending: ReadonlySet<string>,
  onRecord: (place: Place, value: Buffer | null) => Promise<void>,
): Promise<void> {
  let failure: unknown;
  await consumer.run({
    autoCommit: false,
    eachMessage: async ({ topic, partition, message }) => {
      const place = { topic, partition, offset: message.offset };
      const appendedAtSeconds = Number(message.timestamp) / 1000;
      await onRecord({ ...place, appendedAtSeconds }, message.value).catch((error: unknown) => {
        failure ??= error;
      });
    },
  });
  const deadline = performance.now() + readSecondsMax * 1000;
  while (pending.size > 0 && failure === undefined) {
    if (performance.now() > deadline)
      failure = new Error(`the log was not read to its end: ${[...pending].join(", ")}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  await consumer.disconnect();
  if (failure !== undefined) throw failure;
}

async function partitionsOf({ connection }: Audit): Promise<Set<string>> {
  const counts = await partitionCounts(connection, topics);
  return new Set(
    [...counts].flatMap(([topic, count]) =>
      Array.from({ length: count }, (_, partition) =>
        keyOf({ topic: prefixed(connection, topic), partition }),
      ),
    ),
  );
}

function keyOf({ topic, partition }: Pick<Place, "topic" | "partition">): string {
  return `${topic}/${partition}`;
}

function foldRecord(fold: LogFold, { inserted, revised, outcomes }: AcceptedRecord, file: string): void {
  fold.outcomes.push(...outcomes);
  for (const key of inserted) append(fold.keys, { ...readKey(key, file), reportType: key.reportType ?? 0 });
  for (const key of revised) {
    append(fold.revised, { ...readKey(key, file), reportType: key.revision?.reportType ?? 0 });
  }
}

function readKey(key: AcceptedRecord["inserted"][number], file: string): LoggedKey {
  return {
    key: Buffer.from(key.tek ?? []).toString("base64"),
    transmissionRisk: key.transmissionRisk ?? 0,
    rollingStart: key.rollingStartIntervalNumber ?? 0,
    rollingPeriod: key.rollingPeriod ?? 0,
    reportType: key.reportType ?? 0,
    daysSinceOnset: key.daysSinceOnset ?? undefined,
    releaseSeconds: key.releaseSeconds ?? 0,
    file,
  };
}

function append(map: Map<string, LoggedKey[]>, key: LoggedKey): void {
  const found = map.get(key.key);
  if (found === undefined) map.set(key.key, [key]);
  else found.push(key);
}
