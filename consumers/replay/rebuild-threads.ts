import { once } from "node:events";
import { Worker } from "node:worker_threads";
import type { Environment } from "../../shared/process/settings.js";
import type { RebuildOrder, RebuiltWindow } from "./rebuild-window.js";

type Message = "ready" | { readonly result: RebuiltWindow } | { readonly error: string };

/** Threads that rebuild windows, each one at a time. */
export class RebuildThreads {
  readonly #threads: readonly Worker[];

  private constructor(threads: readonly Worker[]) {
    this.#threads = threads;
  }

  /** Resolves when all are ready to read the log. */
  static async start(count: number, environment: Environment): Promise<RebuildThreads> {
    const threads = Array.from(
      { length: count },
      () => new Worker(new URL("./rebuild-thread.js", import.meta.url), { workerData: { ...environment } }),
    );
    await Promise.all(threads.map((thread) => nextMessage(thread)));
    return new RebuildThreads(threads);
  }

  /** Rebuilds all, in any order; results are in the order of the orders. Throws what the first failing one threw. */
  async rebuild(
    orders: readonly RebuildOrder[],
    onDone: (window: RebuiltWindow) => void,
  ): Promise<readonly RebuiltWindow[]> {
    const results: RebuiltWindow[] = [];
    let next = 0;
    const work = async (thread: Worker): Promise<void> => {
      while (next < orders.length) {
        const index = next++;
        const answer = nextMessage(thread);
        thread.postMessage(orders[index]);
        const message = await answer;
        if (message === "ready") throw new Error("a thread said again that it is ready");
        if ("error" in message) throw new Error(message.error);
        results[index] = message.result;
        onDone(message.result);
      }
    };
    await Promise.all(this.#threads.map(work));
    return results;
  }

  async stop(): Promise<void> {
    await Promise.all(
      this.#threads.map(async (thread) => {
        const ended = once(thread, "exit");
        thread.postMessage("stop");
        await ended;
      }),
    );
  }
}

async function nextMessage(thread: Worker): Promise<Message> {
  const listening = new AbortController();
  const { signal } = listening;
  const gone = once(thread, "exit", { signal }).then(() => {
    throw new Error("a thread ended before it had answered");
  });
  try {
    // `once` rejects when the thread fails.
    const [message] = (await Promise.race([once(thread, "message", { signal }), gone])) as [Message];
    return message;
  } finally {
    listening.abort();
  }
}
