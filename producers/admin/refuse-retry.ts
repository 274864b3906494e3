import type { DeadLetterDecision } from "../../shared/deployment/deployment.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { Judgement } from "./judge-letter.js";
import type { Letter } from "./letter.js";

// What may be sent back in, and what twice.
//
// A submission that is decided twice does no harm while its keys are in the view: the key-store knows the request for
// a day, and finds its keys for two weeks, or for ten days where KEYS_RETENTION is the shortest that is allowed. Behind
// that, the keys would be new again, and would leave twice.
//
// A record of decided keys has no such memory behind it: an export takes every record between its ticks. Sent back, its
// keys leave in a later window; if the window of its first place was built by a process that could read it, they
// leave twice. Nothing in the log tells, so that the operator has to say that they were not exported; and never again.

/** What the operator allows beyond the usual. */
export interface RetryOptions {
  /** Letters that were decided on before. */
  readonly again?: boolean;
  /** Letters that would be rejected again. */
  readonly anyway?: boolean;
  /** The operator knows that the record's keys are in no export. */
  readonly notExported?: boolean;
}

export type RetryRefusal =
  | "no_letter"
  | "no_partition"
  | "retried"
  | "dropped"
  | "exported_twice"
  | "perhaps_exported"
  | "rejected_again"
  | "too_old";

/** The view keeps keys for 14 days; a day of it is left to the way through the log. */
const submissionAgeDaysMax = 13;
/** Of one that was sent back before, and whose keys are in the view for ten days at least. */
const repeatedAgeDaysMax = 9;

/** Why a letter is not sent back in; undefined when it may be. */
export function refuseRetry(
  letter: Pick<Letter, "topic" | "content">,
  known: {
    readonly decision: DeadLetterDecision | undefined;
    readonly judgement: Judgement | undefined;
    /** How many partitions the source topic has. */
    readonly partitions: number;
    readonly nowSeconds: number;
  },
  { again = false, anyway = false, notExported = false }: RetryOptions,
): RetryRefusal | undefined {
  const { topic, content } = letter;
  const { decision, judgement, partitions, nowSeconds } = known;
  if (content === undefined || content.topic !== topic.source) return "no_letter";
  if (content.partition >= partitions) return "no_partition";
  const isOfKeys = topic.source === keysAccepted.topic || topic.source === keysEmbargoed.topic;
  if (isOfKeys && decision?.action === "retried") return "exported_twice";
  if (decision !== undefined && !again) return decision.action;
  if (isOfKeys && !notExported) return "perhaps_exported";
  if (judgement?.reason !== undefined) return anyway ? undefined : "rejected_again";
  const receivedSeconds = judgement?.receivedSeconds ?? nowSeconds;
  const daysMax = decision?.action === "retried" ? repeatedAgeDaysMax : submissionAgeDaysMax;
  return nowSeconds - receivedSeconds > daysMax * 86_400 ? "too_old" : undefined;
}

/** What to tell the operator, behind the letter's name. */
export const retryRefusals: Readonly<Record<RetryRefusal, string>> = {
  no_letter:
    "its headers do not tell where it came from: it was not written by one of our processes. Drop it",
  no_partition: "its topic has no such partition in this deployment",
  retried: "it was sent back in before. --again does so once more",
  dropped: "it was dropped. --again sends it back in all the same",
  exported_twice: "it was sent back in before, and its keys would leave twice",
  perhaps_exported:
    'its keys would leave once more if the window of its first place held them. If you know that it did not, say so by --not-exported. See docs/troubleshoot.md, "Dead letters grow"',
  rejected_again:
    'it would be rejected again, as "tekstream dlq show" says. --anyway sends it back in all the same',
  too_old: `its keys were sent more than ${submissionAgeDaysMax} days ago, or ${repeatedAgeDaysMax} if it was sent back before: phones have no use for them, or the view may have forgotten them and take them for new. Drop it`,
};
