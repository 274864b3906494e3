import { Counter, Histogram, type Registry } from "prom-client";
import { Unavailable } from "../../shared/process/outcomes.js";
import type { Log } from "../../shared/process/log.js";
import type { PublishAnswer } from "./answer.js";
import type { Call } from "./route.js";

export interface GatewayEvents {
  answered(answer: PublishAnswer, seconds: number): void;
  failed(error: unknown, call: Call): void;
}

/** One place where each event moves its metric and writes its line. Neither says anything of a request's content. */
export function gatewayEvents(log: Log, metrics: Registry): GatewayEvents {
  const registers = [metrics];
  const answers = new Counter({
    name: "gateway_publishes_total",
    help: "Publishes by status and code",
    labelNames: ["status", "code"],
    registers,
  });
  const seconds = new Histogram({
    name: "gateway_publish_seconds",
    help: "Time to answer a publish",
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
    registers,
  });
  const keys = new Counter({ name: "gateway_inserted_keys_total", help: "New keys acknowledged", registers });
  return {
    answered(answer, tookSeconds) {
      answers.inc({ status: answer.status, code: answer.code ?? "ok" });
      seconds.observe(tookSeconds);
      keys.inc(answer.insertedExposures ?? 0);
    },
    failed(error, { requestId }) {
      if (error instanceof Unavailable) log.warn({ error, requestId }, "a request was answered 503");
      else log.error({ error, requestId }, "a request failed");
    },
  };
}
