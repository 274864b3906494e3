import { Counter, Gauge, type Registry } from "prom-client";
import type { Log } from "../../shared/process/log.js";
import { fetchReasons, type FetchReason } from "./fetch-document.js";
import { brokenReasons, ignoredReasons, type BrokenReason, type IgnoredReason } from "./key-document.js";
import type { KeyChanges } from "./next-keys.js";

/** How the look at one health authority's document ended. All but the first two leave its keys as they are. */
export type RefreshOutcome = "changed" | "unchanged" | "not_written" | FetchReason | BrokenReason;

export interface JwksEvents {
  refreshed(healthAuthorityId: string, outcome: RefreshOutcome): void;
  /** Listed keys that were left out. */
  ignored(healthAuthorityId: string, reasons: readonly IgnoredReason[]): void;
  keysChanged(healthAuthorityId: string, changes: KeyChanges): void;
  /** Every document was looked at. */
  lookedAtAll(outcomes: readonly RefreshOutcome[], nowSeconds: number): void;
}

const used: readonly RefreshOutcome[] = ["changed", "unchanged"];
const everyOutcome: readonly RefreshOutcome[] = [...used, "not_written", ...fetchReasons, ...brokenReasons];

/** One place where each event moves its metric and writes its line. Addresses of documents are never logged. */
export function jwksEvents(log: Log, metrics: Registry): JwksEvents {
  const { refreshes, ignoredKeys, keyChanges, failingNow, lastRun, lastSuccess } = jwksMetrics(metrics);
  return {
    refreshed(healthAuthority, outcome) {
      refreshes.inc({ outcome });
      if (used.includes(outcome)) log.debug({ healthAuthority, outcome }, "keys read");
      else
        log.warn({ healthAuthority, reason: outcome }, "a document of keys was not used, all keys are kept");
    },
    ignored(healthAuthority, reasons) {
      for (const reason of reasons) ignoredKeys.inc({ reason });
      if (reasons.length > 0)
        log.warn({ healthAuthority, reasons: [...new Set(reasons)], count: reasons.length }, "keys left out");
    },
    keysChanged(healthAuthority, changes) {
      for (const [change, versions] of Object.entries(changes) as [string, readonly string[]][])
        keyChanges.inc({ change }, versions.length);
      log.info({ healthAuthority, ...changes }, "keys of a health authority changed");
    },
    lookedAtAll(outcomes, nowSeconds) {
      const failing = outcomes.filter((outcome) => !used.includes(outcome)).length;
      failingNow.set(failing);
      lastRun.set(nowSeconds);
      if (failing === 0) lastSuccess.set(nowSeconds);
    },
  };
}

function jwksMetrics(metrics: Registry) {
  const registers = [metrics];
  const counter = (name: string, help: string, label: string, values: readonly string[]): Counter => {
    const made = new Counter({ name, help, labelNames: [label], registers });
    for (const value of values) made.inc({ [label]: value }, 0);
    return made;
  };
  const gauge = (name: string, help: string): Gauge => new Gauge({ name, help, registers });
  const changes: readonly (keyof KeyChanges)[] = ["added", "revoked", "reinstated", "purged"];
  return {
    refreshes: counter("jwks_refreshes_total", "Looks at documents by outcome", "outcome", everyOutcome),
    ignoredKeys: counter("jwks_ignored_keys_total", "Listed keys left out", "reason", ignoredReasons),
    keyChanges: counter("jwks_key_changes_total", "Keys that changed", "change", changes),
    failingNow: gauge(
      "jwks_failing_health_authorities",
      "Health authorities whose document was not used last",
    ),
    lastRun: gauge("jwks_last_run_seconds", "Last look at all documents (unix seconds)"),
    lastSuccess: gauge(
      "jwks_last_success_seconds",
      "Last look at which every document was used (unix seconds)",
    ),
  };
}
