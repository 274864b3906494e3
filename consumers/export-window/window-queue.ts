import Bull from "bull";
import { Redis } from "ioredis";
import type { ExportWindow } from "../../shared/exports/window.js";
import type { ExportWindowEvents } from "./events.js";

// Due windows as Bull jobs, so that several workers share them. A window is one job for all configurations that have it. Redis holds nothing that the next sweep does not find
// again: a lost job is added again, one that will never run is replaced, a doubled one does no harm.

export interface WindowQueueOptions {
  readonly redisUrl: string;
  readonly prefix: string;
  readonly workers: number;
  /** A dead worker's job is taken over after this; a live worker renews its lock in half the time. */
  readonly jobLockSeconds: number;
  readonly work: (window: ExportWindow) => Promise<void>;
  readonly events: Pick<ExportWindowEvents, "sweepFailed" | "windowFailed">;
}

const addSecondsMax = 5;
const stalledCheckMsMax = 5000;
/** States from which a job comes to be worked on, or is worked on; a dead worker's job leaves `active` by itself. */
const statesUnderWay: readonly string[] = ["waiting", "active", "paused"];

export class WindowQueue {
  readonly #queue: Bull.Queue<ExportWindow>;
  readonly #options: WindowQueueOptions;

  constructor(options: WindowQueueOptions) {
    this.#options = options;
    const lockDuration = options.jobLockSeconds * 1000;
    const stalledInterval = Math.min(stalledCheckMsMax, lockDuration / 2);
    this.#queue = new Bull<ExportWindow>("export-window", {
      prefix: `${options.prefix}:bull`,
      createClient: () =>
        new Redis(options.redisUrl, { maxRetriesPerRequest: null, enableReadyCheck: false }),
      settings: { lockDuration, stalledInterval, maxStalledCount: 10 },
    });
    this.#queue.on("error", (error) => {
      options.events.sweepFailed(error);
    });
  }

  /** Starts working on jobs. */
  start(): void {
    void this.#queue.process(this.#options.workers, async ({ data }) => {
      const { startSeconds, endSeconds } = data;
      try {
        await this.#options.work({ startSeconds, endSeconds });
      } catch (error) {
        // The sweep asks again; a job that Bull retried would only stand in its way.
        this.#options.events.windowFailed(endSeconds, error);
      }
    });
  }

  /** Adds the window's job where there is none. Gives up after a while, for Redis may be away. */
  async add(window: ExportWindow): Promise<void> {
    const adding = this.#add(window);
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<never>((_resolve, reject) => {
      timer = setTimeout(() => {
        reject(new Error(`Redis did not take a job within ${addSecondsMax} s`));
      }, addSecondsMax * 1000);
    });
    await Promise.race([adding, timeout]).finally(() => {
      clearTimeout(timer);
    });
  }

  async #add({ startSeconds, endSeconds }: ExportWindow): Promise<void> {
    const options = { jobId: `${startSeconds}-${endSeconds}`, removeOnComplete: true, removeOnFail: true };
    const job = await this.#queue.add({ startSeconds, endSeconds }, options);
    if (statesUnderWay.includes(await job.getState())) return;
    // Bull knows this job and will never run it, and while it does, it takes no other one under this name.
    const isRemoved = await job.remove().then(
      () => true,
      // Bull removes no job whose lock is held: a worker has taken it between the looks at its state.
      () => false,
    );
    if (isRemoved) await this.#queue.add({ startSeconds, endSeconds }, options);
  }

  /** Waits for jobs under way, then closes. */
  async stop(): Promise<void> {
    await this.#queue.close();
  }
}
