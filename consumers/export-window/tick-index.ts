import type { ConsumedBatch } from "../../shared/kafka/committed-consumer.js";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import { partitionKey } from "../../shared/kafka/topic-limits.js";
import { foldTick } from "../../shared/exports/ticks.js";
import { checkKeyRecords } from "../../shared/records/key-record.js";
import { isPlain } from "../../shared/records/plain-keys.js";
import { decodePayload, type SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, type AcceptedRecord } from "../../shared/topology.js";
import type { PlacedTick, Ticks } from "../../shared/view/ticks.js";

export interface TickIndexOptions {
  readonly framing: SchemaFraming;
  readonly ticks: Ticks;
  /** Takes a record that no window can use, once or again; windows leave it out in the same way. */
  readonly reject: (source: {
    topic: string;
    partition: number;
    message: LogRecord;
    reason: string;
  }) => Promise<void>;
  readonly onTick: (tick: PlacedTick) => void;
}

/** Ticks that this process has stored are gone. From the log's beginning they can all be found again. */
export class ViewLost extends Error {
  override readonly name = "ViewLost";
}

/**
 * Folds what comes from keys.accepted and keys.embargoed into the view of ticks, and sorts out records that can't be
 * used. A batch may come again: ticks up to the last stored one are not looked at a second time, and what was rejected
 * before its offset was committed has its letter.
 *
 * Throws {@link ViewLost} where MongoDB was emptied or put back under it: to add newer ticks to what is left would make
 * the windows in between look as if they had never been.
 */
export function tickIndex(options: TickIndexOptions): (batch: ConsumedBatch) => Promise<void> {
  const stored = new Map<string, number>();
  return async ({ topic, partition, messages, committedOffset }) => {
    // Both topics carry the same message.
    const payloads = await options.framing.payloads(
      keysAccepted,
      messages.map(({ value }) => value),
    );
    let last = await options.ticks.last(topic, partition);
    const key = partitionKey({ topic, partition });
    if ((last?.offset ?? -1) < (stored.get(key) ?? -1))
      throw new ViewLost(
        "MongoDB was emptied or put back under this process: start it again, and it reads all ticks anew",
      );
    const found: PlacedTick[] = [];
    for (const [index, message] of messages.entries()) {
      const payload = payloads[index];
      // Nearly all are, and only a few of the others are ticks.
      if (payload?.fate === "done" && isPlain(payload.message)) continue;
      const result = payload?.fate === "done" ? decodePayload(keysAccepted, payload.message) : payload;
      const reason = result?.fate === "done" ? checkKeyRecords(result.message) : result?.reason;
      if (reason !== undefined && Number(message.offset) >= committedOffset)
        await options.reject({ topic, partition, message, reason });
      if (result?.fate !== "done" || !result.message.tick) continue;
      const tick = validTick(last, { topic, partition, message, tick: result.message.tick });
      if (tick === undefined) continue;
      found.push(tick);
      last = tick;
    }
    await options.ticks.add(found);
    if (last !== undefined) stored.set(key, last.offset);
    for (const tick of found) options.onTick(tick);
  };
}

function validTick(
  last: PlacedTick | undefined,
  read: { topic: string; partition: number; message: LogRecord; tick: NonNullable<AcceptedRecord["tick"]> },
): PlacedTick | undefined {
  const { topic, partition, message, tick } = read;
  const offset = Number(message.offset);
  const boundarySeconds = tick.boundarySeconds ?? 0;
  if (last !== undefined && offset <= last.offset) return undefined;
  const appendedAtSeconds = Number(message.timestamp) / 1000;
  if (foldTick(last?.boundarySeconds, { boundarySeconds, appendedAtSeconds }).kind === "ignored")
    return undefined;
  // Partitions are never taken away: a clock that has not noticed new ones yet does not make them fewer.
  return {
    topic,
    partition,
    boundarySeconds,
    appendedAtSeconds,
    offset,
    partitions: Math.max(last?.partitions ?? 0, tick.partitions ?? 0),
  };
}
