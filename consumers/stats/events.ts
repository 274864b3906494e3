import { Counter, Gauge, type Registry } from "prom-client";
import type { RejectedRecord } from "../../shared/kafka/dead-letter-writer.js";
import type { Log } from "../../shared/process/log.js";

export interface StatsEvents {
  partitionOpened(partition: number, nextOffset: number): void;
  batchCounted(batch: {
    partition: number;
    records: number;
    outcomes: number;
    appendedAtSeconds: number;
  }): void;
  recordRejected(rejected: RejectedRecord): void;
}

/** One place where each event moves its metric and writes its line. */
export function statsEvents(log: Log, metrics: Registry): StatsEvents {
  const registers = [metrics];
  const submissions = new Counter({
    name: "stats_submissions_total",
    help: "Outcomes of submissions that were counted",
    registers,
  });
  const rejected = new Counter({
    name: "stats_rejected_records_total",
    help: "Records that can't be counted",
    labelNames: ["reason"],
    registers,
  });
  const last = new Gauge({
    name: "stats_last_record_seconds",
    help: "When the log took the last record that was counted",
    registers,
  });
  return {
    partitionOpened(partition, nextOffset) {
      log.info({ partition, nextOffset }, "partition opened");
    },
    batchCounted({ partition, records, outcomes, appendedAtSeconds }) {
      submissions.inc(outcomes);
      last.set(appendedAtSeconds);
      log.debug({ partition, records, outcomes }, "batch counted");
    },
    recordRejected({ topic, partition, message: { offset }, reason }) {
      rejected.inc({ reason });
      log.error({ topic, partition, offset, reason }, "record rejected");
    },
  };
}
