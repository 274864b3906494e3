import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { partitionCounts } from "../../shared/kafka/provision-topics.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { listen, startOperationsServer } from "../../shared/process/operations-server.js";
import type { Clock } from "../../shared/process/clock.js";
import type { ProcessContext } from "../../shared/process/process-context.js";
import type { SettingsOf } from "../../shared/process/settings.js";
import { untilAvailable } from "../../shared/process/until-available.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { configChanged, keysSubmitted } from "../../shared/topology.js";
import { connectView } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { Progress } from "../../shared/view/progress.js";
import { Submissions } from "../../shared/view/submissions.js";
import type { gatewaySettings } from "./config.js";
import { gatewayEvents } from "./events.js";
import { homePartition } from "./home-partition.js";
import { healthRoute } from "./health-route.js";
import { ProgressGate } from "./progress-gate.js";
import { publish, type PublishSteps } from "./publish.js";
import { publishRoutes, publishV1 } from "./publish-route.js";
import { inMaintenance } from "./reply.js";
import type { Route } from "./route.js";
import { gatewayServer } from "./server.js";
import { ensureTokenKey, tokenKeyRing } from "./token-keys.js";
import { viewLookUp } from "./view-look-up.js";

const partitionsRefreshMs = 10_000;

/** Composes the process and starts it; gives the port of the phone's API. */
export async function start(
  { settings, log, metrics, readiness, own }: ProcessContext<SettingsOf<typeof gatewaySettings>>,
  time: { readonly nowSeconds: Clock },
): Promise<{ readonly apiPort: number }> {
  readiness.set("api", false);
  own(await startOperationsServer({ ...settings, readiness, metrics }));
  const masterKey = parseMasterKey(settings.masterKey);
  const wrappingKey = deriveKey(masterKey, "wrap-revision-key");
  const events = gatewayEvents(log, metrics);
  const nowSeconds = (): number => Math.floor(time.nowSeconds());

  const view = own(connectView({ ...settings, process: "gateway" }));
  const progress = new Progress(view);
  const { connection, framing } = await openLog("gateway", settings, log);
  const deployment = own(new DeploymentFollower(connection, framing));
  await deployment.start();
  const changes = own(new StreamWriter(connection, configChanged, framing));
  await untilAvailable("the cluster", log, () =>
    ensureTokenKey(deployment, changes, wrappingKey, time.nowSeconds()),
  );
  const readRing = (): ReturnType<PublishSteps["tokenKeys"]> => {
    const ring = tokenKeyRing(
      deployment.current,
      wrappingKey,
      Buffer.from(settings.revisionTokenAad, "base64"),
    );
    if (ring === undefined) throw new Error("there is no revision token key");
    return ring;
  };
  let ring = readRing();
  deployment.onChange(() => {
    ring = readRing();
  });

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

  const gate = new ProgressGate(() => progress.readAll(), settings.progressWaitSecondsMax);
  const steps: PublishSteps = {
    ...settings,
    limits: settings,
    nowSeconds,
    deployment: () => deployment.current,
    tokenKeys: () => ring,
    identityKey: deriveKey(masterKey, "submission-identity").export(),
    passProgress: (position) => gate.pass(position),
    lookUp: viewLookUp(new KeyDocuments(view), new Submissions(view)),
    write: (message, identity, home) => submitted.write(homePartition(identity, home, partitions), message),
  };
  const publishRoute = publishRoutes({
    ...settings,
    padding: settings,
    publish: (request, platform) => publish(steps, request, platform),
    events,
  });
  const server = gatewayServer({
    ...settings,
    routes: new Map<string, Route>([
      ["/v1/publish", publishRoute(publishV1)],
      ["/health", healthRoute(() => view.ping())],
    ]),
    // Outermost first: what must be answered whatever the rest says stands at the front.
    gates: settings.maintenance ? [async () => inMaintenance] : [],
    events,
  });
  const api = own(await listen(server.listen(settings.apiPort, settings.apiHost)));
  readiness.set("api", true);
  return { apiPort: api.port };
}
