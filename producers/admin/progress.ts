import { Presets, SingleBar } from "cli-progress";

/** How far a long command is. */
export interface Progress {
  update(done: number): void;
  stop(): void;
}

const silent: Progress = { update: () => undefined, stop: () => undefined };

/** A bar on standard error where that is a terminal, else nothing. */
export function progress(isTerminal: boolean, title: string, total: number): Progress {
  if (!isTerminal || total === 0) return silent;
  const format = `  ${title} [{bar}] {value}/{total}`;
  const bar = new SingleBar({ format, stream: process.stderr }, Presets.rect);
  bar.start(total, 0);
  return {
    update: (done) => bar.update(done),
    stop: () => bar.stop(),
  };
}
