import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { Log } from "../../shared/process/log.js";
import type { Batch } from "../../shared/view/batches.js";
import type { PlacedTick } from "../../shared/view/ticks.js";

export interface ExportWindowEvents {
  /** So many windows were told of by exports.published at the start. */
  batchesRestored(count: number): void;
  tickSeen(tick: PlacedTick): void;
  /** A window was read from the log, for so many configurations. */
  passRead(endSeconds: number, configurations: number): void;
  /** Retention has taken what the windows of this time (Unix seconds) are made of, before they were planned. */
  windowsLeftOut(configurationId: string, fromSeconds: number, toSeconds: number): void;
  batchBuilt(batch: Batch, keys: number, seconds: number): void;
  batchPublished(batch: Batch): void;
  batchFailed(configurationId: string, endSeconds: number, error: unknown): void;
  /** Retention took this many lines and objects of one configuration. */
  cleanedUp(configurationId: string, lines: number, objects: number): void;
  batchesForgotten(configurationId: string, count: number): void;
  cleanUpFailed(error: unknown): void;
  windowFailed(endSeconds: number, error: unknown): void;
  sweepFailed(error: unknown): void;
  recordRejected(record: { topic: string; partition: number; offset: number; reason: string }): void;
}

/** One place where each event moves its metric and writes its line. */
export function exportWindowEvents(log: Log, metrics: Registry): ExportWindowEvents {
  const registers = [metrics];
  const counter = (name: string, help: string, labelNames: string[]): Counter =>
    new Counter({ name: `export_window_${name}`, help, labelNames, registers });
  const batches = counter("batches_total", "Batches by configuration and step", ["configuration", "step"]);
  const keys = counter("keys_total", "Keys exported, primary and revised", ["configuration"]);
  const rejected = counter("rejected_records_total", "Records that no window can use", ["topic", "reason"]);
  const passes = counter("passes_total", "Windows read from the log, for one configuration or several", []);
  const cleaned = counter("cleaned_up_total", "Index lines, objects and batches that retention took", [
    "kind",
  ]);
  const sweeps = counter("failed_sweeps_total", "Sweeps for due windows that failed", []);
  const lastTick = new Gauge({
    name: "export_window_last_tick_seconds",
    help: "Last boundary seen",
    labelNames: ["topic"],
    registers,
  });
  const lastEnd = new Gauge({
    name: "export_window_last_published_seconds",
    help: "End of the last published window",
    labelNames: ["configuration"],
    registers,
  });
  const buildSeconds = new Histogram({
    name: "export_window_build_seconds",
    help: "Time from log to durable files",
    buckets: [0.05, 0.1, 0.5, 1, 5, 30, 120],
    registers,
  });
  return {
    tickSeen({ topic, boundarySeconds }) {
      lastTick.set({ topic }, boundarySeconds);
    },
    passRead(endSeconds, configurations) {
      passes.inc();
      log.debug({ endSeconds, configurations }, "window read");
    },
    batchBuilt(batch, keyCount, seconds) {
      const { configurationId: configuration, startSeconds, endSeconds } = batch;
      const held = batch.held ?? false;
      batches.inc({ configuration, step: held ? "held" : "built" });
      keys.inc({ configuration }, keyCount);
      buildSeconds.observe(seconds);
      log.info({ configuration, startSeconds, endSeconds, held, keys: keyCount, seconds }, "batch built");
    },
    batchPublished({ configurationId: configuration, startSeconds, endSeconds, files }) {
      batches.inc({ configuration, step: "published" });
      lastEnd.set({ configuration }, endSeconds);
      log.info({ configuration, startSeconds, endSeconds, files: files.length }, "batch published");
    },
    batchFailed(configuration, endSeconds, error) {
      batches.inc({ configuration, step: "failed" });
      log.warn({ configuration, endSeconds, error }, "batch failed, it will be tried again");
    },
    batchesRestored(count) {
      log.info({ count }, "published windows read");
    },
    windowsLeftOut(configuration, fromSeconds, toSeconds) {
      log.error({ configuration, fromSeconds, toSeconds }, "retention has taken windows that were not built");
    },
    cleanedUp(configuration, lines, objects) {
      cleaned.inc({ kind: "line" }, lines);
      cleaned.inc({ kind: "object" }, objects);
      log.info({ configuration, lines, objects }, "old exports taken back");
    },
    batchesForgotten(configuration, count) {
      cleaned.inc({ kind: "batch" }, count);
      log.info({ configuration, count }, "old batches forgotten");
    },
    cleanUpFailed(error) {
      log.warn({ error }, "old exports not taken back; trying again");
    },
    windowFailed(endSeconds, error) {
      sweeps.inc();
      log.warn({ endSeconds, error }, "window failed, it will be tried again");
    },
    sweepFailed(error) {
      sweeps.inc();
      log.warn({ error }, "sweep for due windows failed");
    },
    recordRejected({ topic, partition, offset, reason }) {
      rejected.inc({ topic, reason });
      log.error({ topic, partition, offset, reason }, "record rejected");
    },
  };
}
