import { TransactionalConsumer } from "../../shared/kafka/transactional-consumer.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import { runProcess } from "../../shared/process/run-process.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { keysSubmitted } from "../../shared/topology.js";
import { connectView } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { KeyMemory } from "../../shared/view/key-memory.js";
import { Progress } from "../../shared/view/progress.js";
import { Submissions } from "../../shared/view/submissions.js";
import { keyStoreSettings } from "./config.js";
import { keyStoreEvents } from "./events.js";
import { decideSlice } from "./pipeline.js";
import { refuseOtherLog } from "./refuse-other-log.js";

await runProcess("key-store", keyStoreSettings, process.env, async (context) => {
  const { settings, log, metrics, readiness, own, crash } = context;
  readiness.set("consumer", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const memoryKey = deriveKey(parseMasterKey(settings.masterKey), "key-memory");
  const events = keyStoreEvents(log, metrics);
  const view = own(connectView({ ...settings, process: "key-store" }));
  const [keys, submissions, progress] = [new KeyDocuments(view), new Submissions(view), new Progress(view)];
  const memory = new KeyMemory(view, memoryKey, settings);
  await untilAvailable("MongoDB", log, async () => {
    await keys.ensureIndexes(settings.keysRetentionSeconds);
    await memory.ensureIndexes();
    await submissions.ensureIndexes();
  });
  const { connection, framing } = await openLog("key-store", settings, log);
  const store = {
    framing,
    keys,
    memory,
    submissions,
    progress,
    rule: settings,
    repeatMemorySeconds: settings.repeatMemorySeconds,
    nowSeconds: () => Date.now() / 1000,
    events,
  };
  const consumer = own(
    new TransactionalConsumer(connection, {
      topic: keysSubmitted.topic,
      recordsPerTransactionMax: settings.recordsPerTransactionMax,
      handle: (slice) => decideSlice(store, slice),
      onOpen: async (opened) => {
        await refuseOtherLog(progress, opened);
        events.partitionOpened(opened);
      },
      onAssignment: () => {
        readiness.set("consumer", true);
      },
      crash,
    }),
  );
  await untilAvailable("the cluster", log, () => consumer.start());
});
