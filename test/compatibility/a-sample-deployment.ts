import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Endpoints } from "../../compose/endpoints.js";
import { keyStoreSettings } from "../../consumers/key-store/config.js";
import { start as startKeyStore } from "../../consumers/key-store/start.js";
import { statsSettings } from "../../consumers/stats/config.js";
import { start as startStats } from "../../consumers/stats/start.js";
import { gatewaySettings } from "../../producers/gateway/config.js";
import { start as startGateway } from "../../producers/gateway/start.js";
import { recordKey, type EntityKind } from "../../shared/deployment/apply-change.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { createLog, type Log } from "../../shared/process/log.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { openLog } from "../../shared/registry/open-log.js";
import { configChanged, type Changed } from "../../shared/topology.js";
import { connectView } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import { Statistics } from "../../shared/view/statistics.js";
import { patientGateway } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, silentLog } from "../river/read-topic.js";
import { startInProcess } from "../river/start-in-process.js";
import { sampleSeconds } from "./sample-time.js";
import { seededOutcomes } from "./seeded-outcomes.js";
import { outcomeWriter } from "./write-outcomes.js";

/** A deployment as the samples describe theirs, at their time, with key-store and stats running. */
export interface SampleDeployment {
  /** Starts a gateway with settings of its own, perhaps at a later time; gives the port of its API. */
  gateway(settings?: Readonly<Record<string, string>>, laterSeconds?: number): Promise<number>;
  /** Stored keys, by their canonical base64. */
  stored(teks: readonly string[]): Promise<ReadonlyMap<string, PlacedKey>>;
  /** Changes the configuration. */
  put(kind: EntityKind, id: string, changed: Changed): Promise<void>;
  /** Waits until publishes of this hour have been counted. */
  untilCounted(): Promise<void>;
  /** Adds the history of the samples' `setup` to the statistics, and waits until it counts. */
  seedStatistics(): Promise<void>;
  /** Every line that its processes have logged, however small. */
  readonly logLines: readonly string[];
  stop(): Promise<void>;
}

const authorityPem = new URL("../vectors/verification/keys/ha-v1.public.pem", import.meta.url);

/**
 * Starts key-store and stats at the samples' time on an empty store. MongoDB would take the samples' documents for old ones one
 * day and let its TTL monitor remove them: here they are kept for decades, which comes to the same as no monitor.
 */
export async function aSampleDeployment(endpoints: Endpoints): Promise<SampleDeployment> {
  const prefix = `t-${randomBytes(5).toString("hex")}`;
  const env = {
    TEKSTREAM_KAFKA_BROKERS: endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: endpoints.registry.url,
    TEKSTREAM_MONGODB_URL: endpoints.mongodb.url,
    TEKSTREAM_REDIS_URL: endpoints.redis.url,
    TEKSTREAM_PREFIX: prefix,
    TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64"),
    KEYS_RETENTION: "500000h",
    REPEAT_MEMORY: "500000h",
  };
  const logLines: string[] = [];
  const log = (name: string): Log => createLog(name, "debug", { write: (line) => void logLines.push(line) });
  const changes = await openChanges(env);
  await setUp(changes.put);
  const view = connectView({ mongodbUrl: endpoints.mongodb.url, prefix, process: "test" });
  const keys = new KeyDocuments(view);
  const keyStore = await startInProcess(
    keyStoreSettings,
    env,
    (context) =>
      startKeyStore(context, {
        nowSeconds: () => sampleSeconds,
        recordTime: ({ receivedWindowSeconds }) => receivedWindowSeconds,
      }),
    log("key-store"),
  );
  const stats = await startInProcess(statsSettings, env, startStats, log("stats"));
  const running: { stop(): Promise<void> }[] = [changes, view, keyStore, stats];
  return {
    logLines,
    untilCounted: () =>
      untilPublishes(
        new Statistics(view),
        (hour) => hour === thisHour,
        (count) => count > 0,
      ),
    seedStatistics: () => seedStatistics(env, new Statistics(view)),
    put: changes.put,
    async gateway(settings = {}, laterSeconds = 0) {
      const nowSeconds = (): number => sampleSeconds + laterSeconds;
      const own = { ...env, ...patientGateway, HOST: "127.0.0.1", PORT: "0", ...settings };
      const gateway = await startInProcess(
        gatewaySettings,
        own,
        (context) => startGateway(context, { nowSeconds, recordTime: nowSeconds }),
        log("gateway"),
      );
      running.push(gateway);
      return gateway.running.apiPort;
    },
    stored: (teks) => keys.find(teks.map((tek) => Buffer.from(tek, "base64"))),
    async stop() {
      for (const part of running.toReversed()) await part.stop();
    },
  };
}

async function seedStatistics(env: Readonly<Record<string, string>>, statistics: Statistics): Promise<void> {
  const history = seededOutcomes("1", sampleSeconds);
  const outcomes = await outcomeWriter(env);
  for (const [index, outcome] of history.entries()) await outcomes.write(index % 3, [outcome]);
  await outcomes.stop();
  await untilPublishes(
    statistics,
    (hour) => hour < thisHour,
    (count) => count === history.length,
  );
}

const thisHour = Math.floor(sampleSeconds / 3600) * 3600;

async function untilPublishes(
  statistics: Statistics,
  isMeant: (hourSeconds: number) => boolean,
  isEnough: (count: number) => boolean,
): Promise<void> {
  await eventually("the statistics", async () => {
    const hours = (await statistics.hoursOf("1")).filter(({ hourSeconds }) => isMeant(hourSeconds));
    return isEnough(hours.flatMap(({ publish }) => publish).reduce((sum, count) => sum + count, 0));
  });
}

type Put = SampleDeployment["put"];

async function openChanges(
  env: Readonly<Record<string, string>>,
): Promise<{ put: Put; stop(): Promise<void> }> {
  const { connection, framing } = await openLog("admin", logSettingsOf(env), silentLog);
  const writer = new StreamWriter(connection, configChanged, framing);
  return {
    async put(kind, id, changed) {
      await writer.write(0, changed, { key: recordKey(kind, id) });
    },
    stop: () => writer.stop(),
  };
}

/** The tenants and the health authority of the samples' `setup`, through the configuration's log. */
async function setUp(put: Put): Promise<void> {
  const publicKeyPem = readFileSync(authorityPem, "utf8");
  const key = { version: "v1", fromSeconds: sampleSeconds - 3600, publicKeyPem };
  const names = { id: "1", name: "Example", issuer: "gov.example.doh", audience: "exposure-key-server" };
  await put("health-authority", "1", { healthAuthority: { ...names, keys: [key] } });
  const bypassesBoth = { bypassHealthAuthorityVerification: true, bypassRevisionToken: true };
  const apps = [
    { name: "gov.example.app", regions: ["US"] },
    { name: "gov.bypass.app", regions: ["US", "CA"], ...bypassesBoth },
    { name: "noregion", regions: [] },
  ];
  for (const app of apps)
    await put("authorized-app", app.name, { authorizedApp: { ...app, healthAuthorityIds: ["1"] } });
}
