import { Counter, Gauge, type Registry } from "prom-client";
import type { Log } from "../../shared/process/log.js";
import type { Readiness } from "../../shared/process/readiness.js";

export interface ClockEvents {
  tickWritten(boundarySeconds: number, lateSeconds: number): void;
  tickFailed(boundarySeconds: number, error: unknown): void;
}

/** One place where each event moves its metric, writes its line, and tells whether ticks can be written. */
export function clockEvents(log: Log, metrics: Registry, readiness: Readiness): ClockEvents {
  const registers = [metrics];
  const ticks = new Counter({
    name: "clock_ticks_total",
    help: "Ticks by outcome",
    labelNames: ["outcome"],
    registers,
  });
  const last = new Gauge({
    name: "clock_last_boundary_seconds",
    help: "Last boundary ticked (unix seconds)",
    registers,
  });
  return {
    tickWritten(boundarySeconds, lateSeconds) {
      ticks.inc({ outcome: "written" });
      last.set(boundarySeconds);
      readiness.set("ticker", true);
      log.debug({ boundarySeconds, lateSeconds }, "tick written");
    },
    tickFailed(boundarySeconds, error) {
      ticks.inc({ outcome: "failed" });
      readiness.set("ticker", false);
      log.warn({ boundarySeconds, error }, "tick not written everywhere yet");
    },
  };
}
