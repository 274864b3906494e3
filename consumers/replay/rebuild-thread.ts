import { parentPort, workerData } from "node:worker_threads";
import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { RangeReader } from "../../shared/kafka/range-reader.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import { createLog } from "../../shared/process/log.js";
import { readSettings, type Environment } from "../../shared/process/settings.js";
import { openLog } from "../../shared/registry/open-log.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { paddingSecret } from "../../shared/windows/padding-secret.js";
import { signerFactory } from "../../shared/windows/signer-factory.js";
import { replayExportSettings } from "./config.js";
import { rebuildWindow, type RebuildOrder } from "./rebuild-window.js";

// One of several threads that rebuild windows; each reads the log by itself. It gets orders, and answers each.

const settings = readSettings(replayExportSettings, workerData as Environment);
const log = createLog("replay", settings.logLevel, { write: (text) => process.stderr.write(text) });
const { connection, framing } = await openLog("replay", settings, log);
const deployment = new DeploymentFollower(connection, framing);
await deployment.start();
const reader = new RangeReader(connection, [keysAccepted.topic, keysEmbargoed.topic]);
reader.start();
const rebuilder = {
  builder: {
    reader,
    framing,
    readSecondsMax: settings.readSecondsMax,
    signerOf: signerFactory(settings.masterKey),
    paddingSecret: paddingSecret(settings.masterKey),
  },
  store: openObjectStore(settings.objectStoreUrl, settings.prefix),
  deployment: await deployment.newest(),
};

parentPort?.on("message", (order: RebuildOrder | "stop") => {
  if (order === "stop") {
    void Promise.allSettled([reader.stop(), deployment.stop()]).then(() => parentPort?.close());
    return;
  }
  rebuildWindow(rebuilder, order).then(
    (result) => parentPort?.postMessage({ result }),
    (error: unknown) => parentPort?.postMessage({ error: String(error) }),
  );
});
parentPort?.postMessage("ready");
