import type { Part } from "./part.js";
import type { Env } from "./paths.js";
import { runTasks } from "./run-tasks.js";
import type { Progress } from "./run-tasks.js";
import { startPart } from "./start-part.js";

/**
 * Starts all parts at once, each as soon as those that it comes after are healthy, and waits until all are. A part
 * named in `after` that is not among `parts` is taken to be healthy.
 */
export async function bringUp(
  directory: string,
  parts: readonly Part[],
  options: { env: Env; progress: Progress },
): Promise<void> {
  const begun = new Map<string, Promise<void>>();
  const begin = async (part: Part): Promise<void> => {
    const waitsFor = parts.filter(({ name }) => part.after.includes(name));
    await Promise.all(waitsFor.map(once));
    await startPart(directory, part, options.env);
  };
  const once = (part: Part): Promise<void> => {
    const running = begun.get(part.name) ?? begin(part);
    begun.set(part.name, running);
    return running;
  };
  await runTasks(
    options.progress,
    "healthy",
    parts.map((part) => ({ title: part.name, run: () => once(part) })),
  );
}
