import { logProbe } from "../../shared/kafka/log-probe.js";
import type { RecordTime } from "../../shared/kafka/record-time.js";
import { TransactionalConsumer } from "../../shared/kafka/transactional-consumer.js";
import { refuseShortRetention } from "../../shared/process/minimum-retention.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import type { Clock } from "../../shared/process/clock.js";
import type { ProcessContext } from "../../shared/process/process-context.js";
import type { SettingsOf } from "../../shared/process/settings.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { keysSubmitted, type SubmittedRecord } from "../../shared/topology.js";
import { connectView } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { KeyMemory } from "../../shared/view/key-memory.js";
import { Progress } from "../../shared/view/progress.js";
import { Submissions } from "../../shared/view/submissions.js";
import { viewProbe } from "../../shared/view/view-probe.js";
import type { keyStoreSettings } from "./config.js";
import { keyStoreEvents } from "./events.js";
import { decideSlice } from "./pipeline.js";
import { ViewGuard } from "./view-guard.js";

/** Composes the process and starts it. */
export async function start(
  context: ProcessContext<SettingsOf<typeof keyStoreSettings>>,
  time: { readonly nowSeconds: Clock; readonly recordTime: RecordTime<SubmittedRecord> },
): Promise<void> {
  const { settings, log, metrics, readiness, own, crash } = context;
  refuseShortRetention("KEYS_RETENTION", settings.keysRetentionSeconds, settings);
  readiness.set("consumer", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const events = keyStoreEvents(log, metrics);
  const view = own(connectView({ ...settings, process: "key-store", log }));
  own(viewProbe(view, readiness));
  const [keys, submissions, progress] = [new KeyDocuments(view), new Submissions(view), new Progress(view)];
  const memory = new KeyMemory(view, deriveKey(parseMasterKey(settings.masterKey), "key-memory"), settings);
  await untilAvailable("MongoDB", log, async () => {
    await keys.ensureIndexes(settings.keysRetentionSeconds);
    await memory.ensureIndexes();
    await submissions.ensureIndexes();
  });
  const { connection, framing } = await openLog("key-store", settings, log);
  own(logProbe(connection, readiness));
  const store = {
    framing,
    keys,
    memory,
    submissions,
    progress,
    rule: settings,
    repeatMemorySeconds: settings.repeatMemorySeconds,
    ...time,
    events,
  };
  const guard = new ViewGuard(view, progress);
  const consumer = own(
    new TransactionalConsumer(connection, {
      topic: keysSubmitted.topic,
      recordsPerTransactionMax: settings.recordsPerTransactionMax,
      gatherSecondsMax: settings.gatherSecondsMax,
      handle: async (slice) => {
        await guard.before(slice);
        const outputs = await decideSlice(store, slice);
        guard.after(slice);
        return outputs;
      },
      onOpen: async (opened) => {
        await guard.open(opened);
        events.partitionOpened(opened);
      },
      onAssignment: () => {
        readiness.set("consumer", true);
      },
      onLost: () => {
        readiness.set("consumer", false);
      },
      crash,
    }),
  );
  consumer.start();
}
