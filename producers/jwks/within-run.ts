/** Does `work` with a signal that comes when the time is over, or when `stop` does. */
export async function withinRun<Result>(
  secondsMax: number,
  stop: AbortSignal,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  // AbortSignal.any and AbortSignal.timeout can be collected before they fire (Node 20), so the two are joined by hand.
  const controller = new AbortController();
  const abort = (): void => controller.abort();
  const timer = setTimeout(abort, secondsMax * 1000);
  stop.addEventListener("abort", abort);
  if (stop.aborted) abort();
  try {
    return await work(controller.signal);
  } finally {
    clearTimeout(timer);
    stop.removeEventListener("abort", abort);
  }
}
