import { Counter, type Registry } from "prom-client";
import type { Slice } from "../../shared/kafka/transactional-consumer.js";
import type { LogPosition } from "../../shared/keys/token-content.js";
import type { Log } from "../../shared/process/log.js";
import type { Decisions } from "./decide.js";

export interface KeyStoreEvents {
  sliceDecided(slice: Slice, repeated: number, decisions: Decisions): void;
  recordRejected(at: LogPosition, reason: string): void;
  partitionOpened(opened: { partition: number; nextOffset: number }): void;
}

/** One place where each event moves its metric and writes its line. */
export function keyStoreEvents(log: Log, metrics: Registry): KeyStoreEvents {
  const registers = [metrics];
  const submissions = new Counter({
    name: "key_store_submissions_total",
    help: "Submissions by outcome",
    labelNames: ["outcome"],
    registers,
  });
  const keys = new Counter({
    name: "key_store_keys_total",
    help: "Keys by outcome",
    labelNames: ["outcome"],
    registers,
  });
  const rejected = new Counter({
    name: "key_store_rejected_records_total",
    help: "Records sent to the dead-letter topic",
    labelNames: ["reason"],
    registers,
  });
  return {
    sliceDecided({ partition, messages }, repeated, { inserted, revised }) {
      submissions.inc({ outcome: "repeated" }, repeated);
      submissions.inc({ outcome: "decided" }, messages.length - repeated);
      keys.inc({ outcome: "inserted" }, inserted.length);
      keys.inc({ outcome: "revised" }, revised.length);
      log.debug(
        { partition, records: messages.length, inserted: inserted.length, revised: revised.length },
        "slice decided",
      );
    },
    recordRejected(at, reason) {
      rejected.inc({ reason });
      log.error({ ...at, reason }, "record rejected");
    },
    partitionOpened({ partition, nextOffset }) {
      log.info({ partition, nextOffset }, "partition opened");
    },
  };
}
