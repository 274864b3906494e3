import { Counter, Histogram, type Registry } from "prom-client";
import { Unavailable } from "../../shared/process/outcomes.js";
import type { Log } from "../../shared/process/log.js";
import type { PublishAnswer } from "./answer.js";
import type { ConnectionEvents } from "./connection-care.js";
import type { Call } from "./route.js";
import type { StatsAnswer } from "./stats-answer.js";

export interface GatewayEvents extends ConnectionEvents {
  answered(answer: PublishAnswer, seconds: number): void;
  /** A request of no meaning was answered as if it had one. Counted only: a line would tell one from the other. */
  chaffAnswered(): void;
  /** A certificate failed, and its app may do without. */
  verificationBypassed(): void;
  /** A client's network has had its requests. */
  limited(): void;
  limitAway(): void;
  limitBack(): void;
  tokenKeysRotated(created: boolean, retired: number): void;
  tokenKeysNotRotated(error: unknown): void;
  tokenKeyUnusable(id: string, error: unknown): void;
  statsAnswered(answer: StatsAnswer): void;
  /** The system allows fewer open files than the connections that were set take. */
  tooFewFiles(wanted: number, connectionsMax: number): void;
  replied(call: Call, status: number): void;
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
  const chaff = new Counter({ name: "gateway_chaff_total", help: "Chaff requests answered", registers });
  const bypasses = new Counter({
    name: "gateway_verification_bypassed_total",
    help: "Publishes without a good certificate of apps that need none",
    registers,
  });
  const limited = new Counter({
    name: "gateway_limited_requests_total",
    help: "Requests refused because their network had too many",
    registers,
  });
  const statsAnswers = new Counter({
    name: "gateway_stats_total",
    help: "Requests for statistics by status and code",
    labelNames: ["status", "code"],
    registers,
  });
  const closed = new Counter({
    name: "gateway_closed_connections_total",
    help: "Connections closed because their client went beyond a limit",
    labelNames: ["reason"],
    registers,
  });
  return {
    answered(answer, tookSeconds) {
      answers.inc({ status: answer.status, code: answer.code ?? "ok" });
      seconds.observe(tookSeconds);
      keys.inc(answer.insertedExposures ?? 0);
    },
    chaffAnswered() {
      chaff.inc();
    },
    verificationBypassed() {
      bypasses.inc();
    },
    limited() {
      limited.inc();
    },
    limitAway() {
      log.warn({}, "Redis does not answer: requests are not limited");
    },
    limitBack() {
      log.info({}, "Redis answers again: requests are limited");
    },
    tokenKeysRotated(created, retired) {
      log.info({ created: created ? 1 : 0, retired }, "data keys of revision tokens rotated");
    },
    tokenKeysNotRotated(error) {
      log.warn({ error }, "data keys of revision tokens not rotated; trying again");
    },
    tokenKeyUnusable(id, error) {
      log.error({ id, error }, "a key of revision tokens can't be used and is left out");
    },
    statsAnswered({ status, code = "ok" }) {
      statsAnswers.inc({ status, code });
    },
    connectionClosed(reason) {
      closed.inc({ reason });
    },
    tooFewFiles(wanted, connectionsMax) {
      log.warn(
        { wanted, connectionsMax },
        "fewer connections than CONNECTIONS_MAX: the system allows too few open files (ulimit -n, LimitNOFILE)",
      );
    },
    replied({ requestId, path }, status) {
      log.debug({ requestId, path, status }, "a request was answered");
    },
    failed(error, { requestId }) {
      if (error instanceof Unavailable) log.warn({ error, requestId }, "a request was answered 503");
      else log.error({ error, requestId }, "a request failed");
    },
  };
}
