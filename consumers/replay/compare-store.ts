import { createHash } from "node:crypto";
import { compareKeys, type KeyDifference } from "../../shared/view/compare-keys.js";
import type { View } from "../../shared/view/connect-view.js";

/** How the keys in use differ from what the log says. */
export interface Comparison {
  readonly same: number;
  /** In the log, and not in use. */
  readonly missing: number;
  /** In use, and not in the log. */
  readonly extra: number;
  readonly changed: number;
  /** Decided after the log was read, or gone by retention at this moment. */
  readonly passing: number;
  readonly samples: readonly Sample[];
}

/** One difference, told without its key. */
export interface Sample {
  readonly kind: "missing" | "extra" | "changed";
  /** First digits of a hash of the TEK: enough to find it for whoever has it. */
  readonly hash: string;
  /** Where the record that inserted it stands in keys.submitted. */
  readonly insertedAt: string;
  readonly fields: readonly string[];
}

/** What is needed to tell a difference from what is on its way. */
export interface ComparedTo {
  /** The last record of each partition whose decision was folded. */
  readonly decided: ReadonlyMap<number, number>;
  readonly keptFromSeconds: number;
}

export type Verdict = Sample["kind"] | "passing";

const samplesMax = 20;
/** The database looks for documents whose time is over once a minute. */
const expirySlackSeconds = 120;

/** Compares the keys in use with the replayed ones. */
export async function compareStore(view: View, replayedName: string, to: ComparedTo): Promise<Comparison> {
  const counts = { same: 0, missing: 0, extra: 0, changed: 0, passing: 0 };
  const samples: Sample[] = [];
  const onSame = (): void => {
    counts.same++;
  };
  for await (const difference of compareKeys(view, replayedName, onSame)) {
    const kind = judge(difference, to);
    counts[kind]++;
    if (kind !== "passing" && samples.length < samplesMax) samples.push(sampleOf(kind, difference));
  }
  return { ...counts, samples };
}

/** Whether a difference is one, or will be none in a moment. */
export function judge({ live, replayed, fields }: KeyDifference, to: ComparedTo): Verdict {
  const createdAt = (live ?? replayed)?.createdAt.getTime() ?? 0;
  const isGoing = createdAt / 1000 <= to.keptFromSeconds + expirySlackSeconds;
  const isNew = (at: { partition: number; offset: number } | undefined): boolean =>
    at !== undefined && at.offset > (to.decided.get(at.partition) ?? -1);
  if (live === undefined) return isGoing ? "passing" : "missing";
  if (replayed === undefined) return isGoing || isNew(live.insertedAt) ? "passing" : "extra";
  const isRevision = replayed.revision === undefined && fields.every((field) => field === "revision");
  const isJustRevised = isRevision && isNew(live.revision?.revisedAt);
  return isJustRevised ? "passing" : "changed";
}

function sampleOf(kind: Sample["kind"], { tek, live, replayed, fields }: KeyDifference): Sample {
  const { partition, offset } = (replayed ?? live)?.insertedAt ?? { partition: -1, offset: -1 };
  return {
    kind,
    hash: createHash("sha256").update(tek).digest("hex").slice(0, 12),
    insertedAt: `${partition}/${offset}`,
    fields,
  };
}
