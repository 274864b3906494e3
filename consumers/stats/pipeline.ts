import type { ConsumedBatch } from "../../shared/kafka/committed-consumer.js";
import type { RejectedRecord } from "../../shared/kafka/dead-letter-writer.js";
import type { PartitionLimits } from "../../shared/kafka/topic-limits.js";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import { NeedsOperator, Unavailable } from "../../shared/process/outcomes.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { checkOutcomes, countOutcomes, type Outcome } from "../../shared/stats/count-outcomes.js";
import { keysAccepted } from "../../shared/topology.js";
import type { Statistics } from "../../shared/view/statistics.js";
import type { StatsEvents } from "./events.js";

// Reads     keys.accepted: the outcomes of submissions, which stand there also when all keys are embargoed
// Writes    MongoDB (statistics): counts by health authority and hour, and the position in the log
// Commits when    counts and position are written, in one transaction
// On duplicate    records before the position are left out; a transaction from another position changes nothing
// On poison       dead letter; nothing of the record is counted
// On outage       nothing is written, the batch is handled again

export interface StatsSteps {
  readonly framing: SchemaFraming;
  readonly statistics: Pick<Statistics, "ensureIndexes" | "open" | "position" | "add">;
  readonly retentionSeconds: number;
  readonly limits: (partition: number) => Promise<Pick<PartitionLimits, "low" | "high">>;
  /** False when its letter was written before. */
  readonly reject: (rejected: RejectedRecord) => Promise<boolean>;
  readonly events: StatsEvents;
}

export interface StatsFold {
  /** Where counting a partition goes on. */
  startFrom(partition: number): Promise<number>;
  count(batch: ConsumedBatch): Promise<void>;
}

/** Counts the outcomes of keys.accepted, partition by partition. */
export function statsFold(steps: StatsSteps): StatsFold {
  /** Positions when they were last seen. They only grow: where one is less, somebody has thrown the statistics away. */
  const seen = new Map<number, number>();
  return {
    async startFrom(partition) {
      const { position, start } = await open(steps, partition);
      seen.set(partition, position);
      steps.events.partitionOpened(partition, start);
      return start;
    },
    async count(batch) {
      const position = await steps.statistics.position(batch.partition);
      if (position === undefined || position < (seen.get(batch.partition) ?? 0))
        throw new Error("the statistics were dropped: a new start counts the log again from its beginning");
      seen.set(batch.partition, await countFrom(steps, position, batch));
    },
  };
}

async function open(
  { statistics, retentionSeconds, limits }: StatsSteps,
  partition: number,
): Promise<{ position: number; start: number }> {
  // Whoever dropped the statistics dropped the indexes as well.
  await statistics.ensureIndexes(retentionSeconds);
  const position = await statistics.open(partition);
  const { low, high } = await limits(partition);
  if (position > high) {
    throw new NeedsOperator(
      `The statistics have seen offset ${position} of partition ${partition}, but the log ends at ${high}: they are of another log. ` +
        'See docs/troubleshoot.md, "The view and the log disagree".',
    );
  }
  // What retention has taken meanwhile is older than the statistics are kept.
  return { position, start: Math.max(position, low) };
}

/** Gives the position behind the batch. */
async function countFrom(steps: StatsSteps, position: number, batch: ConsumedBatch): Promise<number> {
  const { partition } = batch;
  const messages = batch.messages.filter(({ offset }) => Number(offset) >= position);
  const last = messages.at(-1);
  if (last === undefined) return position;
  const outcomes = await readOutcomes(steps, batch, messages);
  const hours = countOutcomes(outcomes);
  const nextOffset = Number(last.offset) + 1;
  if (!(await steps.statistics.add({ partition, fromOffset: position, nextOffset, hours })))
    throw new Unavailable("another process has counted on in this partition");
  steps.events.batchCounted({
    partition,
    records: messages.length,
    outcomes: outcomes.length,
    appendedAtSeconds: Number(last.timestamp) / 1000,
  });
  return nextOffset;
}

async function readOutcomes(
  { framing, reject, events }: StatsSteps,
  { topic, partition, committedOffset }: ConsumedBatch,
  messages: readonly LogRecord[],
): Promise<readonly Outcome[]> {
  const decoded = await framing.decodeAll(
    keysAccepted,
    messages.map(({ value }) => value),
  );
  const outcomes: Outcome[] = [];
  for (const [index, message] of messages.entries()) {
    const result = decoded[index];
    const reason = result?.fate === "done" ? checkOutcomes(result.message.outcomes) : result?.reason;
    if (result?.fate === "done" && reason === undefined) {
      outcomes.push(...result.message.outcomes);
      continue;
    }
    // Read again for a view that was thrown away: its letter was written the first time.
    if (Number(message.offset) < committedOffset) continue;
    const rejected = { topic, partition, message, reason: reason ?? "no_value" };
    if (await reject(rejected)) events.recordRejected(rejected);
  }
  return outcomes;
}
