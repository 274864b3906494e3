import type { OpenedPartition } from "../../shared/kafka/partition-transactions.js";
import type { Slice } from "../../shared/kafka/transactional-consumer.js";
import { NeedsOperator } from "../../shared/process/outcomes.js";
import type { View } from "../../shared/view/connect-view.js";
import type { Progress } from "../../shared/view/progress.js";
import { passReplay } from "../../shared/view/replay-lease.js";
import { refuseOtherLog } from "./refuse-other-log.js";

/** Looks at the view before anything is decided on it: when a partition is opened, and before each slice. */
export class ViewGuard {
  readonly #view: View;
  readonly #progress: Progress;
  /** How far the view is in each partition at least. */
  readonly #floors = new Map<number, number>();

  constructor(view: View, progress: Progress) {
    this.#view = view;
    this.#progress = progress;
  }

  /** @throws {Unavailable} while a replay swaps the keys. @throws {NeedsOperator} when view and log don't fit. */
  async open(opened: OpenedPartition): Promise<void> {
    await passReplay(this.#view);
    await refuseOtherLog(this.#progress, opened);
    this.#floors.set(opened.partition, opened.committed ? opened.nextOffset : 0);
  }

  /**
   * A view that is emptied or put back while we run would take old keys for new.
   * @throws as `open`.
   */
  async before({ partition }: Slice): Promise<void> {
    const floor = this.#floors.get(partition) ?? 0;
    const [seen = 0] = await Promise.all([this.#progress.read(partition), passReplay(this.#view)]);
    if (seen < floor)
      throw new NeedsOperator(
        `MongoDB has seen offset ${seen} of partition ${partition}, but it was at ${floor} before: it was emptied or put back. See docs/troubleshoot.md, "The view and the log disagree".`,
      );
  }

  /** The view has the slice. */
  after({ partition, nextOffset }: Slice): void {
    this.#floors.set(partition, nextOffset);
  }
}
