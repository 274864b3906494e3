import { Presets, SingleBar } from "cli-progress";

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** A bar on a terminal; elsewhere a line for each quarter of the way. */
export function progress(title: string, total: number): Progress {
  if (process.stdout.isTTY) {
    const bar = new SingleBar({ format: `  ${title} [{bar}] {value}/{total}` }, Presets.rect);
    bar.start(total, 0);
    return { update: (done) => bar.update(done), stop: () => bar.stop() };
  }
  let quarters = 0;
  return {
    update(done) {
      const reached = Math.floor((done / total) * 4);
      if (reached <= quarters) return;
      quarters = reached;
      console.log(`  ${title}: ${done} of ${total}`);
    },
    stop: () => undefined,
  };
}
