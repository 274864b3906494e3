import type { ConsumedBatch } from "../../shared/kafka/committed-consumer.js";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import { foldTick } from "../../shared/exports/ticks.js";
import { checkKeyRecords } from "../../shared/records/key-record.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
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

/**
 * Folds what comes from keys.accepted and keys.embargoed into the view of ticks, and sorts out records that can't be
 * used. A batch may come again: ticks up to the last stored one are not looked at a second time, and what was rejected
 * before its offset was committed has its letter.
 */
export function tickIndex(options: TickIndexOptions): (batch: ConsumedBatch) => Promise<void> {
  return async ({ topic, partition, messages, committedOffset }) => {
    // Both topics carry the same message.
    const decoded = await options.framing.decodeAll(
      keysAccepted,
      messages.map(({ value }) => value),
    );
    let last = await options.ticks.last(topic, partition);
    const found: PlacedTick[] = [];
    for (const [index, message] of messages.entries()) {
      const result = decoded[index];
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
