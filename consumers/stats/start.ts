import { CommittedConsumer } from "../../shared/kafka/committed-consumer.js";
import { DeadLetterWriter } from "../../shared/kafka/dead-letter-writer.js";
import { logProbe } from "../../shared/kafka/log-probe.js";
import { topicLimits } from "../../shared/kafka/topic-limits.js";
import { refuseShortRetention } from "../../shared/process/minimum-retention.js";
import { startOperationsServer } from "../../shared/process/operations-server.js";
import type { ProcessContext } from "../../shared/process/process-context.js";
import type { SettingsOf } from "../../shared/process/settings.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { keysAccepted } from "../../shared/topology.js";
import { connectView } from "../../shared/view/connect-view.js";
import { Statistics } from "../../shared/view/statistics.js";
import { viewProbe } from "../../shared/view/view-probe.js";
import type { statsSettings } from "./config.js";
import { statsEvents } from "./events.js";
import { statsFold } from "./pipeline.js";

/** Composes the process and starts it. It asks no clock: the hour of a submission stands in its outcome. */
export async function start(context: ProcessContext<SettingsOf<typeof statsSettings>>): Promise<void> {
  const { settings, log, metrics, readiness, own, crash } = context;
  refuseShortRetention("KEYS_RETENTION", settings.keysRetentionSeconds, settings);
  readiness.set("consumer", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const view = own(connectView({ ...settings, process: "stats", log }));
  own(viewProbe(view, readiness));
  const statistics = new Statistics(view);
  const retentionSeconds = settings.keysRetentionSeconds;
  await untilAvailable("MongoDB", log, () => statistics.ensureIndexes(retentionSeconds));
  const { connection, framing } = await openLog("stats", settings, log);
  own(logProbe(connection, readiness));
  const letters = own(new DeadLetterWriter(connection));
  const fold = statsFold({
    framing,
    statistics,
    retentionSeconds,
    limits: async (partition) => {
      const limits = (await topicLimits(connection, [keysAccepted.topic]))[partition];
      if (limits === undefined) throw new Unavailable(`there is no partition ${partition} yet`);
      return limits;
    },
    reject: (rejected) => letters.write(rejected),
    events: statsEvents(log, metrics),
  });
  const consumer = own(
    new CommittedConsumer(connection, {
      topics: [keysAccepted.topic],
      handle: (batch) => fold.count(batch),
      startFrom: (_topic, partition) => fold.startFrom(partition),
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
