import { IntervalTask } from "../../shared/process/interval-task.js";
import { Unavailable } from "../../shared/process/outcomes.js";

const pingPauseMs = 1000;

/**
 * Knows whether the view is away, so that publishes are refused at once while it is, whatever else is wrong with them:
 * none could be answered, and each would wait for nothing and verify a certificate in vain.
 */
export class ViewWatch {
  readonly #pings: IntervalTask;
  #isAway = false;

  constructor(ping: () => Promise<void>) {
    this.#pings = new IntervalTask(
      pingPauseMs,
      async () => {
        await ping();
        this.#isAway = false;
      },
      (error) => {
        this.#note(error);
      },
    );
  }

  start(): void {
    this.#pings.start();
  }

  stop(): Promise<void> {
    return this.#pings.stop();
  }

  /** @throws {Unavailable} while the view is away. */
  refuseIfAway(): void {
    if (this.#isAway) throw new Unavailable("the view does not answer");
  }

  /** Runs an operation on the view, and learns from it. */
  async watched<Result>(operation: () => Promise<Result>): Promise<Result> {
    try {
      return await operation();
    } catch (error) {
      this.#note(error);
      throw error;
    }
  }

  #note(error: unknown): void {
    if (error instanceof Unavailable) this.#isAway = true;
  }
}
