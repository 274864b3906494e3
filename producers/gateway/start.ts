import { setTimeout as sleep } from "node:timers/promises";
import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { logProbe } from "../../shared/kafka/log-probe.js";
import { partitionCounts } from "../../shared/kafka/provision-topics.js";
import type { RecordTime } from "../../shared/kafka/record-time.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { listen, startOperationsServer } from "../../shared/process/operations-server.js";
import type { Clock } from "../../shared/process/clock.js";
import { NeedsOperator } from "../../shared/process/outcomes.js";
import type { ProcessContext } from "../../shared/process/process-context.js";
import type { SettingsOf } from "../../shared/process/settings.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey, type MasterKey } from "../../shared/secrets/master-key.js";
import { configChanged, keysSubmitted } from "../../shared/topology.js";
import { connectView } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { KeyMemory } from "../../shared/view/key-memory.js";
import { Progress } from "../../shared/view/progress.js";
import { Statistics } from "../../shared/view/statistics.js";
import { Submissions } from "../../shared/view/submissions.js";
import { viewProbe } from "../../shared/view/view-probe.js";
import type { gatewaySettings } from "./config.js";
import { gatewayEvents, type GatewayEvents } from "./events.js";
import { homePartition } from "./home-partition.js";
import { healthRoute } from "./health-route.js";
import { NetworkLimit } from "./network-limit.js";
import { openChaff } from "./open-chaff.js";
import { connectionsWithFiles, processLimits } from "./open-files.js";
import { ProgressGate } from "./progress-gate.js";
import { publish, type PublishSteps } from "./publish.js";
import { publishRoutes, publishV1, publishV1Alpha1 } from "./publish-route.js";
import { BodyRoom } from "./read-body.js";
import { RecentAnswers } from "./recent-answers.js";
import { inMaintenance } from "./reply.js";
import type { Route } from "./route.js";
import { gatewayServer } from "./server.js";
import { readStats, type StatsSteps } from "./read-stats.js";
import { graceSecondsOf, refuseLongDelay } from "./shutdown-time.js";
import { statsRoute } from "./stats-route.js";
import { TokenKeys } from "./token-keys.js";
import { viewLookUp } from "./view-look-up.js";
import { ViewWatch } from "./view-watch.js";

const partitionsRefreshMs = 10_000;

/** Composes the process and starts it; gives the port of the phone's API. */
export async function start(
  { settings, log, metrics, readiness, own }: ProcessContext<SettingsOf<typeof gatewaySettings>>,
  time: { readonly nowSeconds: Clock; readonly recordTime: RecordTime<undefined> },
): Promise<{ readonly apiPort: number }> {
  refuseLongDelay(settings);
  readiness.set("api", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const masterKey = parseMasterKey(settings.masterKey);
  const events = gatewayEvents(log, metrics);
  const nowSeconds = (): number => Math.floor(time.nowSeconds());

  const view = own(connectView({ ...settings, process: "gateway", log }));
  own(viewProbe(view, readiness));
  const progress = new Progress(view);
  const { connection, framing } = await openLog("gateway", settings, log);
  own(logProbe(connection, readiness));
  const deployment = own(new DeploymentFollower(connection, framing));
  await deployment.start();
  const changes = own(new StreamWriter(connection, configChanged, framing));
  const tokenKeys = own(
    new TokenKeys({
      deployment,
      changes,
      wrappingKey: deriveKey(masterKey, "wrap-revision-key"),
      aad: Buffer.from(settings.revisionTokenAad, "base64"),
      rule: settings,
      ...time,
      events,
    }),
  );
  await untilAvailable("the cluster", log, () => tokenKeys.start());

  const submitted = own(new StreamWriter(connection, keysSubmitted, framing, settings));
  let partitions = 0;
  const countPartitions = async (): Promise<void> => {
    partitions =
      (await partitionCounts(connection, [keysSubmitted.topic])).get(keysSubmitted.topic) ?? partitions;
  };
  await untilAvailable("the cluster", log, countPartitions);
  own(
    new IntervalTask(partitionsRefreshMs, countPartitions, (error) =>
      log.warn({ error }, "partitions not counted"),
    ),
  ).start();

  const watch = own(new ViewWatch(() => view.ping()));
  watch.start();
  const gate = new ProgressGate(() => progress.readAll(), settings.progressWaitSecondsMax);
  const lookUp = viewLookUp({
    keys: new KeyDocuments(view),
    memory: new KeyMemory(view, deriveKey(masterKey, "key-memory"), settings),
    submissions: new Submissions(view),
    nowSeconds,
    requestsPerLookUpMax: settings.requestsPerLookUpMax,
  });
  const steps: PublishSteps = {
    ...settings,
    events,
    limits: settings,
    nowSeconds,
    deployment: () => deployment.current,
    tokenKeys: () => tokenKeys.ring,
    identityKey: deriveKey(masterKey, "submission-identity").export(),
    refuseWithoutView: () => watch.refuseIfAway(),
    passProgress: (position) => gate.pass(position),
    lookUp: {
      keys: (keys) => watch.watched(() => lookUp.keys(keys)),
      decided: (identity) => watch.watched(() => lookUp.decided(identity)),
    },
    write: (message, identity, home) => submitted.write(homePartition(identity, home, partitions), message),
  };
  const recent = new RecentAnswers(settings.chaffRecentMax);
  const room = new BodyRoom(settings.bodiesBytesMax);
  const publishRoute = publishRoutes({
    ...settings,
    room,
    padding: settings,
    publish: (request, platform) => publish(steps, request, platform),
    recent,
    events,
  });
  const limit = openLimit(settings, masterKey, time.nowSeconds, events);
  if (limit !== undefined) own(limit);
  const connectionsMax = connectionsWithFiles(settings.connectionsMax, processLimits());
  if (connectionsMax < settings.connectionsMax) events.tooFewFiles(settings.connectionsMax, connectionsMax);
  const server = gatewayServer({
    ...settings,
    connectionsMax,
    routes: new Map<string, Route>([
      ["/v1/publish", publishRoute(publishV1)],
      ...(settings.hasV1Alpha1 ? ([["/", publishRoute(publishV1Alpha1)]] as const) : []),
      [
        "/v1/stats",
        statsRouteOf(settings, {
          room,
          statistics: new Statistics(view),
          watch,
          deployment,
          nowSeconds,
          events,
        }),
      ],
      ["/health", healthRoute(() => view.ping())],
    ]),
    // Outermost first. Chaff must look like a publish whatever happens to those, so it stands before all else.
    gates: [
      openChaff(settings, { recent, tokenKeys: () => tokenKeys.ring, nowSeconds, events }),
      ...(limit === undefined ? [] : [limit.gate]),
      ...(settings.maintenance ? [async () => inMaintenance] : []),
    ],
    events,
  });
  const graceSeconds = graceSecondsOf(settings);
  const api = await listen(server.listen(settings.apiPort, settings.apiHost), { graceSeconds });
  own({
    async stop() {
      await sleep(settings.unreadySeconds * 1000);
      await api.stop();
    },
  });
  readiness.set("api", true);
  return { apiPort: api.port };
}

function openLimit(
  settings: SettingsOf<typeof gatewaySettings>,
  masterKey: MasterKey,
  nowSeconds: Clock,
  events: GatewayEvents,
): NetworkLimit | undefined {
  const { requestsPerNetworkMax: requestsMax, requestsWindowSeconds: windowSeconds, redisUrl } = settings;
  if (requestsMax === 0) return undefined;
  if (redisUrl === undefined)
    throw new NeedsOperator("PUBLISH_LIMIT needs TEKSTREAM_REDIS_URL: set it, or no limit");
  return new NetworkLimit({
    ...settings,
    redisUrl,
    masterKey,
    requestsMax,
    windowSeconds,
    nowSeconds,
    events,
  });
}

function statsRouteOf(
  settings: SettingsOf<typeof gatewaySettings>,
  parts: {
    readonly room: BodyRoom;
    readonly statistics: Statistics;
    readonly watch: ViewWatch;
    readonly deployment: DeploymentFollower;
    readonly nowSeconds: Clock;
    readonly events: GatewayEvents;
  },
): Route {
  const { room, statistics, watch, deployment, nowSeconds, events } = parts;
  const steps: StatsSteps = {
    audience: settings.statsAudience,
    rule: { uploadMinimum: settings.statsUploadMinimum, embargoSeconds: settings.statsEmbargoSeconds },
    nowSeconds,
    deployment: () => deployment.current,
    hoursOf: (id) => {
      watch.refuseIfAway();
      return watch.watched(() => statistics.hoursOf(id));
    },
  };
  return statsRoute({
    ...settings,
    room,
    padding: { ...settings, paddingBytesMin: settings.statsPaddingBytesMin },
    readStats: (authorization) => readStats(steps, authorization),
    events,
  });
}
