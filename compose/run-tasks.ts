import { Listr } from "listr2";

/** How progress is shown: as live lines on a terminal (plain ones elsewhere), or not at all. */
export type Progress = "shown" | "silent";

/** One thing to do at the same time as its siblings. */
export type Task = { readonly title: string; readonly run: () => Promise<void> };

/**
 * Runs all tasks at once and waits for every one of them, even when some fail; then throws the first failure.
 * `verb` is what a finished task is said to be, with the seconds that it took.
 */
export async function runTasks(progress: Progress, verb: string, tasks: readonly Task[]): Promise<void> {
  const list = new Listr(
    tasks.map((task) => ({
      title: task.title,
      task: async (_context: unknown, shown: { title: string }) => {
        const startedAt = performance.now();
        await task.run();
        shown.title = `${task.title}: ${verb} (${((performance.now() - startedAt) / 1000).toFixed(1)} s)`;
      },
    })),
    {
      concurrent: true,
      exitOnError: false,
      renderer: progress === "silent" ? "silent" : "default",
      fallbackRenderer: "simple",
      collectErrors: "minimal",
      registerSignalListeners: false,
    },
  );
  await list.run();
  const [failure] = list.errors;
  if (failure !== undefined) throw failure;
}
