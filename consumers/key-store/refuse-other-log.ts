import type { OpenedPartition } from "../../shared/kafka/partition-transactions.js";
import { NeedsOperator, Unavailable } from "../../shared/process/outcomes.js";
import type { Progress } from "../../shared/view/progress.js";

/**
 * The view's progress must lie between the committed offset and the end of the log: it is written before the offset
 * is committed, and after the record was read.
 * @throws {NeedsOperator} when view and log can't belong together.
 * @throws {Unavailable} when somebody else has taken the partition meanwhile.
 */
export async function refuseOtherLog(
  progress: Pick<Progress, "read">,
  opened: OpenedPartition,
): Promise<void> {
  const { partition, nextOffset, committed } = opened;
  const seen = await progress.read(partition);
  // Only now: another owner that does not know yet that it was replaced may still move the progress, and the log.
  const high = await opened.logEnd();
  const advice = 'See docs/troubleshoot.md, "The view and the log disagree".';
  if (seen !== undefined && seen > high) {
    throw new NeedsOperator(
      `MongoDB has seen offset ${seen} of partition ${partition}, but the log ends at ${high}: the view is newer than its log. ${advice}`,
    );
  }
  if (seen !== undefined && !committed) {
    // Who was asleep since it asked for the offset sees the progress of whoever has taken its place.
    if (await opened.isCommittedNow()) throw new Unavailable("another process has taken the partition");
    throw new NeedsOperator(
      `MongoDB has seen offset ${seen} of partition ${partition}, but the group has no offset: it has expired, or the view is of another log. ${advice}`,
    );
  }
  if (committed && (seen ?? 0) < nextOffset) {
    throw new NeedsOperator(
      `MongoDB has seen offset ${seen ?? 0} of partition ${partition}, but ${nextOffset} is committed: the view is older than its log. ${advice}`,
    );
  }
}
