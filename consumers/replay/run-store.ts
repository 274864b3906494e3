import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { createLog } from "../../shared/process/log.js";
import { readSettings } from "../../shared/process/settings.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey } from "../../shared/secrets/master-key.js";
import { KeyMemory } from "../../shared/view/key-memory.js";
import { connectView } from "../../shared/view/connect-view.js";
import { replayStoreSettings } from "./config.js";
import { masterKeyOf, refuseOtherMasterKey } from "./master-key-of.js";
import type { ProgressBar } from "./progress-bar.js";
import { isSame, reportText } from "./report-text.js";
import { replayStore, type StoreOptions } from "./store.js";
import type { ExitCode, Surroundings } from "./surroundings.js";
import { tellingWaits } from "./telling-waits.js";

/** `replay store`. */
export async function runStore(options: StoreOptions, surroundings: Surroundings): Promise<ExitCode> {
  const { environment, nowSeconds, out, err, bar } = surroundings;
  const settings = readSettings(replayStoreSettings, environment);
  const log = tellingWaits(createLog("replay", settings.logLevel, { write: err }), err);
  const { connection, framing } = await openLog("replay", settings, log);
  const master = masterKeyOf(settings.masterKey);
  const deployment = new DeploymentFollower(connection, framing);
  const view = connectView({ ...settings, process: "replay", log });
  const { keysRetentionSeconds } = settings;
  try {
    await deployment.start();
    refuseOtherMasterKey(deployment.current, master);
    await untilAvailable("MongoDB", log, () => view.ping());
    const onProgress: ProgressBar["update"] = (passed) => {
      bar.update(passed);
    };
    // What is remembered depends on these two alone; the others tell where to look.
    const rule = { ...settings, truncateWindowSeconds: 3600, releaseStillValidKeys: false };
    const memory = new KeyMemory(view, deriveKey(master, "key-memory"), rule);
    const parts = { connection, framing, view, keysRetentionSeconds, memory, nowSeconds, onProgress };
    const report = await replayStore(parts, options);
    bar.stop();
    out(reportText(report));
    return options.swap || isSame(report.comparison) ? 0 : 3;
  } finally {
    await Promise.allSettled([deployment.stop(), view.stop()]);
  }
}
