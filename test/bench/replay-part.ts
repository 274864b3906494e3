import type { Endpoints } from "../../compose/endpoints.js";
import { aWindowDeployment, type WindowDeployment } from "../hard-places/window-deployment.js";
import { commandLine } from "../river/set-up.js";
import { secondsToRead } from "./read-alone.js";
import { table } from "./table.js";

const hours = 24;
const keysPerHour = Math.ceil(1_000_000 / hours);
const threadCounts = [1, 2];

/** A day of hourly windows, rebuilt from the log and compared with what was published. */
export async function replayPart(endpoints: Endpoints): Promise<string> {
  const startedSecondsAgo = (hours + 2) * 3600;
  const deployment = await aWindowDeployment(endpoints, { periodSeconds: 3600, startedSecondsAgo });
  try {
    let endSeconds = await deployment.tick();
    for (let hour = 0; hour < hours; hour++) {
      await deployment.fill(keysPerHour);
      endSeconds = await deployment.tick();
    }
    await deployment.process("export-window", "export-window");
    await deployment.untilPublished(endSeconds, 300);
    const windows = await deployment.published();
    const keys = windows.flatMap(({ files }) => files).reduce((sum, file) => sum + (file.keys ?? 0), 0);
    if (keys !== hours * keysPerHour) throw new Error(`${keys} keys were published`);
    const readSeconds = await secondsToRead(deployment, windows);
    const rows = [["reading alone", readSeconds.toFixed(2), (keys / readSeconds).toFixed(0)]];
    for (const threads of threadCounts) {
      const seconds = await replaySeconds(deployment, threads);
      rows.push([`replay, threads: ${threads}`, seconds.toFixed(2), (keys / seconds).toFixed(0)]);
    }
    return (
      `Replay of a day of hourly windows, ${keys} keys: rebuilt, and compared byte by byte.\n\n` +
      table(["", "seconds", "keys/s"], rows)
    );
  } finally {
    await deployment.stop();
  }
}

/** As the command says it: without the start of the process and of its threads. */
async function replaySeconds({ env }: WindowDeployment, threads: number): Promise<number> {
  const words = [
    "replay",
    "export",
    "--config",
    "us",
    "--from",
    `-${hours + 3}h`,
    "--to",
    "now",
    "--dry-run",
  ];
  const said = await commandLine(env)(...words, "--threads", String(threads));
  const [, seconds] = /keys in ([0-9.]+) s/.exec(said) ?? [];
  if (seconds === undefined || !said.includes("the exports are what the log says")) throw new Error(said);
  return Number(seconds);
}
