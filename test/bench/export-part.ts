import type { Endpoints } from "../../compose/endpoints.js";
import { aWindowDeployment, type WindowDeployment } from "../hard-places/window-deployment.js";
import type { RunningProcess } from "../river/a-process.js";
import { cpuSeconds } from "./process-cpu.js";
import { forgetPeak, peakMegabytes } from "./process-memory.js";
import { secondsToRead } from "./read-alone.js";
import { table } from "./table.js";
import { slownessOfZip, type Yardsticks } from "./yardsticks.js";

const windows = [500_000, 500_000, 2_000_000];

interface ExportResult {
  readonly keys: number;
  readonly seconds: number;
  readonly cpuSeconds: number;
  readonly peakMegabytes: number;
  /** A reader that does nothing with the same records. */
  readonly readSeconds: number;
}

/** Windows from log to zip in the bucket, by a worker that has built one before; files of 500,000 keys. */
export async function exportPart(endpoints: Endpoints, yardsticks: Yardsticks): Promise<string> {
  const deployment = await aWindowDeployment(endpoints, { recordsPerFileMax: 500_000 });
  try {
    const worker = await deployment.process("export-window", "export-window");
    await deployment.untilPublished(await deployment.windows(2));
    await deployment.fill(100_000);
    await deployment.untilPublished(await deployment.tick(), 60);
    const results: ExportResult[] = [];
    for (const keys of windows) results.push(await oneWindow(deployment, worker, keys));
    return (
      "Windows from the log to the bucket, by one warm export-window; memory is its largest resident set. " +
      "The last column is keys/s on a machine that zips as fast as the one on which 400,000 was set.\n\n" +
      table(
        ["keys", "seconds", "keys/s", "CPU s", "MB", "reading alone, s", "keys/s there"],
        results.map((result) => [
          String(result.keys),
          result.seconds.toFixed(2),
          (result.keys / result.seconds).toFixed(0),
          result.cpuSeconds.toFixed(2),
          result.peakMegabytes.toFixed(0),
          result.readSeconds.toFixed(2),
          ((result.keys / result.seconds) * slownessOfZip(yardsticks)).toFixed(0),
        ]),
      )
    );
  } finally {
    await deployment.stop();
  }
}

async function oneWindow(
  deployment: WindowDeployment,
  worker: RunningProcess,
  keys: number,
): Promise<ExportResult> {
  await deployment.fill(keys);
  // What the worker reads to know that the records are sound is no part of the window.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  forgetPeak(worker.pid);
  const cpuBefore = cpuSeconds(worker.pid);
  const endSeconds = await deployment.tick();
  await deployment.untilPublished(endSeconds, 120);
  const lines = deployment.logOf(worker).split("\n");
  const line = lines.find(
    (text) => text.includes("batch built") && text.includes(`"endSeconds":${endSeconds},`),
  );
  const { seconds } = JSON.parse(line ?? "{}") as { seconds: number };
  return {
    keys,
    seconds,
    cpuSeconds: cpuSeconds(worker.pid) - cpuBefore,
    peakMegabytes: peakMegabytes(worker.pid),
    readSeconds: await secondsToRead(
      deployment,
      (await deployment.published()).filter((window) => window.endSeconds === endSeconds),
    ),
  };
}
