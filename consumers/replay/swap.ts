import type { BoundedReader } from "../../shared/kafka/bounded-reader.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { fencePartition } from "../../shared/kafka/fence-partition.js";
import { committedOffsets, topicLimits } from "../../shared/kafka/topic-limits.js";
import type { OpenedPartition } from "../../shared/kafka/partition-transactions.js";
import { NeedsOperator } from "../../shared/process/outcomes.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import type { Progress } from "../../shared/view/progress.js";
import type { ReplayLease } from "../../shared/view/replay-lease.js";
import type { ReplayedKeys } from "../../shared/view/replayed-keys.js";
import type { FoldState } from "./fold-keys.js";

// The moment of the swap. What is swapped in is what was committed, so nothing may be in the keys in use beyond that:
// whoever has been answered from it would be left with an answer that nothing stands behind.
//
// 1. hold: no key-store begins another slice; those under way end.
// 2. fence every partition, so that not even an owner that was asleep can commit what it has in hand.
// 3. progress beyond a committed offset: a key-store died in between. Let go, another one finishes it, and once more.
// 4. fold to the end of the log, swap, bring the progress up to what is committed, let go.

export interface SwapParts {
  /** A connection in the name of key-store, whose partitions are fenced. */
  readonly keyStore: KafkaConnection;
  readonly lease: ReplayLease;
  readonly replayed: ReplayedKeys;
  readonly progress: Progress;
  /** Folds on all the time. */
  readonly reader: BoundedReader;
  readonly fold: { readonly state: FoldState };
  readonly readSecondsMax: number;
  /** How long other key-stores have to finish what one has left. */
  readonly finishSecondsMax: number;
}

const slicesSecondsMax = 5;
const pollPauseMs = 50;
const finishPauseMs = 2000;
const advice = 'See docs/replay.md, "When a swap is refused".';

/** Swaps the replayed keys in; gives the seconds for which key-stores were held. */
export async function swap(parts: SwapParts): Promise<number> {
  const deadline = performance.now() + parts.finishSecondsMax * 1000;
  for (;;) {
    const heldAt = performance.now();
    await parts.lease.hold();
    await untilSlicesEnd(parts);
    const opened = await fenceAll(parts);
    const unfinished = await unfinishedOf(parts, opened);
    if (unfinished.length === 0) {
      await foldAndSwap(parts, opened);
      return (performance.now() - heldAt) / 1000;
    }
    await parts.lease.release();
    if (performance.now() > deadline)
      throw new NeedsOperator(
        `keys of partition ${unfinished.join(", ")} were decided and not committed, and no key-store finishes that. Start one, and repeat the command. ${advice}`,
      );
    await pause(finishPauseMs);
  }
}

async function foldAndSwap(parts: SwapParts, opened: readonly OpenedPartition[]): Promise<void> {
  await parts.reader.until(
    await topicLimits(parts.keyStore, [keysAccepted.topic, keysEmbargoed.topic]),
    parts.readSecondsMax,
  );
  for (const { partition, nextOffset } of opened) refuseBehindLog(parts, partition, nextOffset);
  await parts.lease.renew();
  await parts.replayed.swapIn();
  // Only now: without its keys, a view must not say that it has come so far.
  for (const { partition, nextOffset } of opened) await parts.progress.advance(partition, nextOffset);
}

/** Waits until every slice that was begun is committed, or for a time in which it would be. */
async function untilSlicesEnd({ keyStore, progress }: SwapParts): Promise<void> {
  const deadline = performance.now() + slicesSecondsMax * 1000;
  while (performance.now() < deadline) {
    const committed = await committedOffsets(keyStore, keysSubmitted.topic);
    const seen = await progress.readAll();
    if ([...seen].every(([partition, offset]) => (committed.get(partition) ?? 0) >= offset)) return;
    await pause(pollPauseMs);
  }
}

async function fenceAll(parts: SwapParts): Promise<readonly OpenedPartition[]> {
  const partitions = await topicLimits(parts.keyStore, [keysSubmitted.topic]);
  return Promise.all(
    partitions.map(({ topic, partition }) =>
      fencePartition(parts.keyStore, topic, partition, ({ nextOffset, committed }) => {
        refuseBehindLog(parts, partition, committed ? nextOffset : 0);
      }),
    ),
  );
}

/** The log tells of decisions that the group knows nothing of: its offsets were lost or set back. */
function refuseBehindLog({ fold }: SwapParts, partition: number, nextOffset: number): void {
  const decided = fold.state.decided.get(partition);
  if (decided !== undefined && decided >= nextOffset)
    throw new NeedsOperator(
      `the log holds what was decided of partition ${partition} up to offset ${decided}, but the group is at ${nextOffset}: its offset was lost, or set back. ${advice}`,
    );
}

/** Partitions whose progress is beyond what is committed. */
async function unfinishedOf(
  { progress }: SwapParts,
  opened: readonly OpenedPartition[],
): Promise<readonly number[]> {
  const seen = await progress.readAll();
  const ahead = opened.filter(({ partition, nextOffset }) => (seen.get(partition) ?? 0) > nextOffset);
  for (const { partition, logEnd } of ahead) {
    const [offset = 0, end] = [seen.get(partition), await logEnd()];
    if (offset > end)
      throw new NeedsOperator(
        `MongoDB has seen offset ${offset} of partition ${partition}, but the log ends at ${end}: it is the view of another log. ${advice}`,
      );
  }
  return ahead.map(({ partition }) => partition);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
