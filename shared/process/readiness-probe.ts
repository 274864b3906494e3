import type { Readiness } from "./readiness.js";

export interface ReadinessProbeOptions {
  readonly readiness: Readiness;
  /** Its name in the answer of /ready. */
  readonly part: string;
  /** Asks the part for anything; its error means that it is away. */
  readonly ask: () => Promise<unknown>;
  readonly pauseMs?: number;
  /** A part that takes longer to answer is away, too: whoever needs it now waits in vain. */
  readonly answerMsMax?: number;
}

/** Asks a part that others run again and again, so that /ready tells whether it is there now. */
export function readinessProbe(options: ReadinessProbeOptions): { stop(): Promise<void> } {
  const { readiness, part, ask, pauseMs = 2000, answerMsMax = 5000 } = options;
  let isStopped = false;
  let pause: NodeJS.Timeout | undefined;
  const note = (isThere: boolean): void => {
    if (!isStopped) readiness.set(part, isThere);
  };
  const probe = async (): Promise<void> => {
    const late = setTimeout(() => note(false), answerMsMax);
    await ask().then(
      () => note(true),
      () => note(false),
    );
    clearTimeout(late);
    if (!isStopped) pause = setTimeout(() => void probe(), pauseMs);
  };
  note(false);
  void probe();
  return {
    // An answer that is still due is not waited for: it may take minutes.
    async stop() {
      isStopped = true;
      clearTimeout(pause);
    },
  };
}
