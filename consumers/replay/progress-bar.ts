import { Presets, SingleBar } from "cli-progress";

export interface ProgressBar {
  update(passed: { offsets: number; total: number; keys: number }): void;
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
      update({ offsets, total, keys }) {
        if (nowMs() < next) return;
        next = nowMs() + linePauseMs;
        stream.write(`read ${offsets} of ${total} offsets, ${keys} keys, ${perSecond(keys)} keys/s\n`);
      },
      stop: () => undefined,
    };
  }
  const format = "reading the log [{bar}] {value}/{total}  {keys} keys, {perSecond} keys/s";
  const bar = new SingleBar({ format, stream, etaBuffer: 100 }, Presets.rect);
  let isStarted = false;
  return {
    update({ offsets, total, keys }) {
      const payload = { keys, perSecond: perSecond(keys) };
      if (isStarted) bar.update(offsets, payload);
      else bar.start(total, offsets, payload);
      isStarted = true;
    },
    stop: () => {
      bar.stop();
    },
  };
}
