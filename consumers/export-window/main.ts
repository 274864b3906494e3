import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { defaultTopicSettings } from "../../shared/kafka/provision-topics.js";
import { ticksKeptSeconds } from "../../shared/windows/log-beginning.js";
import { CommittedConsumer } from "../../shared/kafka/committed-consumer.js";
import { logProbe } from "../../shared/kafka/log-probe.js";
import { RangeReader } from "../../shared/kafka/range-reader.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { refuseShortRetention } from "../../shared/process/minimum-retention.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import { readinessProbe } from "../../shared/process/readiness-probe.js";
import { runProcess } from "../../shared/process/run-process.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { exportsPublished, keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { Batches } from "../../shared/view/batches.js";
import { connectView } from "../../shared/view/connect-view.js";
import { Ticks } from "../../shared/view/ticks.js";
import { viewProbe } from "../../shared/view/view-probe.js";

import { CleanUp } from "./clean-up.js";
import { exportWindowSettings } from "./config.js";
import { exportWindowEvents } from "./events.js";
import { paddingSecret } from "../../shared/windows/padding-secret.js";
import { rejecter } from "./reject-record.js";
import { restoreBatches } from "./restore-batches.js";
import { signerFactory } from "../../shared/windows/signer-factory.js";
import { sweep } from "./sweep.js";
import { tickIndex } from "./tick-index.js";
import { WindowQueue } from "./window-queue.js";
import { workWindow } from "./work-window.js";

const sweepPauseMs = 1000;

await runProcess("export-window", exportWindowSettings, process.env, async (context) => {
  const { settings, log, metrics, readiness, own, crash } = context;
  refuseShortRetention("CLEANUP_TTL", settings.indexRetentionSeconds, settings);
  readiness.set("sweep", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const events = exportWindowEvents(log, metrics);
  const nowSeconds = (): number => Date.now() / 1000;
  // An operator may ask about a window as long as it can be built again, or its files are there.
  const keptSeconds = Math.max(settings.indexRetentionSeconds, defaultTopicSettings.keysRetentionSeconds);

  const view = own(connectView({ ...settings, process: "export-window", log }));
  own(viewProbe(view, readiness));
  const [batches, ticks] = [new Batches(view), new Ticks(view)];
  await untilAvailable("MongoDB", log, async () => {
    await batches.ensureIndexes();
    await ticks.ensureIndexes(ticksKeptSeconds);
  });
  const store = openObjectStore(settings.objectStoreUrl, settings.prefix);
  own(readinessProbe({ readiness, part: "objects", ask: () => store.ping() }));
  const { connection, framing } = await openLog("export-window", settings, log);
  own(logProbe(connection, readiness));
  const deployment = own(new DeploymentFollower(connection, framing));
  await deployment.start();

  // Before any tick is read, for without ticks no window is planned.
  await untilAvailable("the published windows", log, async () => {
    const sinceSeconds = Math.floor(nowSeconds()) - keptSeconds;
    const options = { ...settings, connection, framing, batches, sinceSeconds };
    events.batchesRestored(await restoreBatches(options));
  });

  const topics = [keysAccepted.topic, keysEmbargoed.topic];
  const reader = own(new RangeReader(connection, topics));
  const published = own(new StreamWriter(connection, exportsPublished, framing));
  const { indexRetentionSeconds, readSecondsMax, minWindowAgeSeconds } = settings;
  const worker = {
    batches,
    ticks,
    store,
    events,
    configurationsPerPassMax: settings.configurationsPerPassMax,
    newestDeployment: () => deployment.newest(),
    builder: {
      reader,
      framing,
      readSecondsMax,
      signerOf: signerFactory(settings.masterKey),
      paddingSecret: paddingSecret(settings.masterKey),
    },
    publisher: { batches, store, published, indexRetentionSeconds, events },
  };
  const queue = own(new WindowQueue({ ...settings, events, work: (window) => workWindow(worker, window) }));
  const sweeper = own(
    new IntervalTask(
      sweepPauseMs,
      async () => {
        await sweep({
          ...worker,
          deployment: () => deployment.current,
          logLimits: () => topicLimits(connection, topics),
          nowSeconds,
          minWindowAgeSeconds,
          enqueue: (window) => queue.add(window),
        });
        readiness.set("sweep", true);
      },
      (error) => {
        readiness.set("sweep", false);
        events.sweepFailed(error);
      },
    ),
  );
  const cleanUp = new CleanUp({
    ...worker,
    indexRetentionSeconds,
    keptSeconds,
    deployment: () => deployment.current,
    nowSeconds,
  });
  const cleaner = own(
    new IntervalTask(settings.cleanUpPauseSeconds * 1000, () => cleanUp.run(), events.cleanUpFailed),
  );
  const deadLetters = own(rejecter(connection, events));
  const onTick: Parameters<typeof tickIndex>[0]["onTick"] = (tick) => {
    events.tickSeen(tick);
    sweeper.hasten();
  };
  const tickConsumer = own(
    new CommittedConsumer(connection, {
      topics,
      handle: tickIndex({ framing, ticks, reject: deadLetters.reject, onTick }),
      startFrom: async (topic, partition) => ((await ticks.last(topic, partition))?.offset ?? -1) + 1,
      crash,
    }),
  );
  reader.start();
  tickConsumer.start();
  queue.start();
  sweeper.start();
  cleaner.start();
});
