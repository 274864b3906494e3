import { Presets, SingleBar } from "cli-progress";

/** How far a replay is. */
export interface Passed {
  readonly done: number;
  readonly of: number;
  readonly what: "offsets" | "windows";
  readonly keys: number;
}

export interface ProgressBar {
  update(passed: Passed): void;
  stop(): void;
}

const linePauseMs = 10_000;

/** A bar on a terminal; elsewhere a line now and then. */
export function progressBar(stream: NodeJS.WriteStream, nowMs: () => number): ProgressBar {
  const startedAt = nowMs();
  const perSecond = (keys: number): number => Math.round((keys * 1000) / Math.max(1, nowMs() - startedAt));
  if (!stream.isTTY) {
    let next = startedAt + linePauseMs;
    return {
      update({ done, of, what, keys }) {
        if (nowMs() < next) return;
        next = nowMs() + linePauseMs;
        stream.write(`${done} of ${of} ${what}, ${keys} keys, ${perSecond(keys)} keys/s\n`);
      },
      stop: () => undefined,
    };
  }
  const format = "[{bar}] {value}/{total} {what}  {keys} keys, {perSecond} keys/s";
  const bar = new SingleBar({ format, stream, etaBuffer: 100 }, Presets.rect);
  let isStarted = false;
  return {
    update({ done, of, what, keys }) {
      const payload = { what, keys, perSecond: perSecond(keys) };
      if (isStarted) bar.update(done, payload);
      else bar.start(of, done, payload);
      isStarted = true;
    },
    stop: () => {
      bar.stop();
    },
  };
}
