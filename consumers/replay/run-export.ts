import { availableParallelism } from "node:os";
import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import { createLog } from "../../shared/process/log.js";
import { readSettings } from "../../shared/process/settings.js";
import { openLog } from "../../shared/registry/open-log.js";
import { replayExportSettings } from "./config.js";
import { replayExport, type ExportOptions } from "./export.js";
import { exportReportText, isAsTold, isMended } from "./export-report-text.js";
import { masterKeyOf, refuseOtherMasterKey } from "./master-key-of.js";
import { RebuildThreads } from "./rebuild-threads.js";
import type { ExitCode, Surroundings } from "./surroundings.js";
import { tellingWaits } from "./telling-waits.js";

/** `replay export`. */
export async function runExport(
  { threads: threadCount = availableParallelism(), ...options }: ExportOptions & { threads?: number },
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { environment, out, err, bar } = surroundings;
  const settings = readSettings(replayExportSettings, environment);
  const log = tellingWaits(createLog("replay", settings.logLevel, { write: err }), err);
  const master = masterKeyOf(settings.masterKey);
  const { connection, framing } = await openLog("replay", settings, log);
  const deployment = new DeploymentFollower(connection, framing);
  await deployment.start();
  try {
    // Before any file is signed with it.
    refuseOtherMasterKey(await deployment.newest(), master);
  } finally {
    await deployment.stop();
  }
  const store = openObjectStore(settings.objectStoreUrl, settings.prefix);
  const threads = await RebuildThreads.start(threadCount, environment);
  try {
    const onProgress: typeof bar.update = (passed) => {
      bar.update(passed);
    };
    const report = await replayExport(
      { ...settings, connection, framing, store, threads, onProgress },
      options,
    );
    bar.stop();
    out(exportReportText(report));
    return (options.publish ? isMended(report) : isAsTold(report)) ? 0 : 3;
  } finally {
    await threads.stop();
  }
}
