/** Runs `task` again and again, `pauseMs` after its last run ended. Errors go to `onError` and change nothing. */
export class IntervalTask {
  readonly #task: () => Promise<void>;
  readonly #pauseMs: number;
  readonly #onError: (error: unknown) => void;
  #stopped = false;
  #running: Promise<void> = Promise.resolve();
  #wake: () => void = () => undefined;

  constructor(pauseMs: number, task: () => Promise<void>, onError: (error: unknown) => void) {
    this.#pauseMs = pauseMs;
    this.#task = task;
    this.#onError = onError;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Runs the task now instead of at the end of the pause. */
  hasten(): void {
    this.#wake();
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#wake();
    await this.#running;
  }

  async #run(): Promise<void> {
    while (!this.#stopped) {
      await this.#task().catch(this.#onError);
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, this.#stopped ? 0 : this.#pauseMs);
        this.#wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
  }
}
