import type { PublishAnswer } from "../phones/publish-client.js";
import { aLedger, type Ledger } from "../phones/ledger.js";
import type { Finding } from "./finding.js";

/** A race for one TEK (standard base64), and what its winner made of the key. */
export interface Race {
  readonly tek: string;
  readonly revisedTo: "confirmed" | "negative";
}

/** What the phones of a trial have seen. */
export interface Account {
  readonly ledger: Ledger;
  readonly races: Race[];
  readonly findings: Finding[];
  /** Final answers by status; 0 is no answer. */
  readonly statuses: Map<number, number>;
  /** Attempts that were answered 503, and attempts that were not answered at all. */
  readonly attempts: { unavailable: number; lost: number };
}

export function anAccount(): Account {
  const attempts = { unavailable: 0, lost: 0 };
  return { ledger: aLedger(), races: [], findings: [], statuses: new Map(), attempts };
}

/** Enters an answer; any final status but `expected` is a finding, and so is an attempt that ended in an error. */
export function countAnswer(
  account: Account,
  what: string,
  answer: PublishAnswer,
  expected: readonly number[],
): void {
  const { status, attempts, body } = answer;
  account.statuses.set(status, (account.statuses.get(status) ?? 0) + 1);
  for (const attempt of attempts) {
    if (attempt.outcome !== "answered") account.attempts.lost += 1;
    else if (attempt.status === 503) account.attempts.unavailable += 1;
    else if (attempt.status >= 500)
      account.findings.push({ reason: "server_error", detail: attempt.text.slice(0, 200) });
  }
  if (expected.includes(status)) return;
  const detail = `${what}: ${status} ${body?.code ?? ""} after ${attempts.length} attempts in ${Math.round(answer.seconds)} s`;
  account.findings.push({
    reason: status === 0 || status === 503 ? "no_answer" : "unexpected_answer",
    detail,
  });
}
