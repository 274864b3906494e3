import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Endpoints } from "../../compose/endpoints.js";
import { services } from "../../compose/services.js";
import { createSigningKeyEntity } from "../../producers/admin/change-signing-key.js";
import { recordKey } from "../../shared/deployment/apply-change.js";
import { emptyDeployment } from "../../shared/deployment/deployment.js";
import { indexObjectName } from "../../shared/exports/object-names.js";
import { fillWithKeys as fill } from "./fill-with-keys.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { createSigningKey } from "../../shared/secrets/signing-key.js";
import { configChanged, exportsPublished, keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { Accepted, Changed, PublishedRecord } from "../../shared/topology.js";
import { openAudit, type Audit } from "../faults/audit.js";
import { checkOrder } from "../faults/check-windows.js";
import { followExports } from "../faults/follow-exports.js";
import { rebuildExports } from "../faults/rebuild-exports.js";
import { exportReader } from "../phones/export-reader.js";
import { aProcess, type RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, readStream } from "../river/read-topic.js";
import { silent } from "./a-topic.js";

export const filenameRoot = "us";
const entries = {
  clock: "producers/clock/main.js",
  "key-store": "consumers/key-store/main.js",
  "export-window": "consumers/export-window/main.js",
} as const;
type Environment = Readonly<Record<string, string>>;

/** A deployment whose keys come from the test, and its ticks too unless it starts a clock. */
export interface WindowDeployment {
  readonly env: Environment;
  readonly audit: Audit;
  process(service: keyof typeof entries, name: string, env?: Environment): Promise<RunningProcess>;
  logOf(process: RunningProcess): string;
  /** Writes records of one key each, a third of them to keys.embargoed with this release, as key-store does. */
  write(count: number, options?: { partitions?: number; releaseSeconds?: number }): Promise<void>;
  /** From now on this key counts as one that exports must hold. */
  expectKey(tek: Uint8Array): void;
  /**
   * Writes keys and a tick for each of the next `count` boundaries, which all lie in the past, and the tick of one more
   * window, in which the last keys are released; gives its end.
   */
  windows(count: number): Promise<number>;
  /** Writes so many keys as busy batches do, two hundred in a record; `findings` does not expect them. */
  fill(keys: number): Promise<void>;
  /** Writes the tick of the next boundary, and gives it. */
  tick(): Promise<number>;
  configure(kind: "export-configuration" | "signing-key", id: string, changed: Changed): Promise<void>;
  settings(changes: Partial<Settings>): Changed;
  /** The signing key `other`, which no export can be signed with. */
  brokenSigningKey(): Changed;
  untilPublished(endSeconds: number, secondsMax?: number): Promise<void>;
  /** Windows as they were told of, in the order of the log. */
  published(): Promise<readonly PublishedRecord[]>;
  index(): Promise<readonly string[]>;
  /** Everything that is not as it must be; call it once, in the end. */
  findings(): Promise<readonly string[]>;
  stop(): Promise<void>;
}

interface Settings {
  readonly periodSeconds: number;
  readonly filenameRoot: string;
  readonly signingKeyIds: string[];
  readonly recordsPerFileMax: number;
}

export interface WindowDeploymentOptions {
  readonly periodSeconds?: number;
  /** How long ago the first window began; 0 where a real clock ticks. */
  readonly startedSecondsAgo?: number;
  readonly recordsPerFileMax?: number;
  /** By which way export-windows reach the object store. */
  readonly workerStoreUrl?: string;
  readonly settings?: Environment;
}

/** Sets up topics, schemas and configuration under a new prefix; starts no process. */
export async function aWindowDeployment(
  endpoints: Endpoints,
  options: WindowDeploymentOptions = {},
): Promise<WindowDeployment> {
  const { periodSeconds = 2, startedSecondsAgo = 600, recordsPerFileMax = 500_000 } = options;
  const env = environment(endpoints, options);
  const logFolder = mkdtempSync(join(tmpdir(), `tekstream-${env["TEKSTREAM_PREFIX"]}-`));
  const { connection, framing } = await openLog("key-store", logSettingsOf(env), silent);
  const writers = [keysAccepted, keysEmbargoed].map(
    (stream) => new StreamWriter(connection, stream, framing),
  );
  const configWriter = new StreamWriter(connection, configChanged, framing);
  const fromSeconds = Math.floor((Date.now() / 1000 - startedSecondsAgo) / periodSeconds) * periodSeconds;
  const expected = new Map<string, number>();
  const running: RunningProcess[] = [];
  let boundarySeconds = fromSeconds;

  const configure: WindowDeployment["configure"] = async (kind, id, changed) => {
    await configWriter.write(0, changed, { key: recordKey(kind, id) });
  };
  const settings: WindowDeployment["settings"] = (changes) => ({
    exportConfiguration: {
      id: "us",
      versions: [
        {
          version: 1,
          filenameRoot,
          periodSeconds,
          outputRegion: "US",
          fromSeconds,
          recordsPerFileMax,
          signingKeyIds: ["us-1"],
          ...changes,
        },
      ],
    },
  });
  const { changed: signingKey, publicKeyPem } = aSigningKey(env["TEKSTREAM_MASTER_KEY"] ?? "", fromSeconds);
  await configure("signing-key", "us-1", signingKey);
  await configure("export-configuration", "us", settings({}));
  const audit = await openAudit(env);
  const publicKeys = [{ id: "310", version: "v1", pem: publicKeyPem }];
  const fetchObject = async (name: string): Promise<Uint8Array | undefined> =>
    (await audit.store.get(name))?.bytes;
  const phone = followExports(exportReader({ fetchObject }, { root: filenameRoot, publicKeys }), 150);

  const write: WindowDeployment["write"] = async (count, { partitions = 3, releaseSeconds = 0 } = {}) => {
    const written = Array.from({ length: count }, async (_, index) => {
      const tek = randomBytes(16);
      const isHeld = index % 3 === 2;
      const record = aRecord(tek, isHeld ? releaseSeconds : 0);
      await writers[isHeld ? 1 : 0]?.write(index % partitions, record);
      expected.set(tek.toString("base64"), isHeld ? releaseSeconds : 0);
    });
    await Promise.all(written);
  };
  const writeTick = async (): Promise<void> => {
    const record = { tick: { boundarySeconds, partitions: 3 } };
    await Promise.all(
      writers.flatMap((writer) => [0, 1, 2].map((partition) => writer.write(partition, record))),
    );
  };
  const tick: WindowDeployment["tick"] = async () => {
    boundarySeconds += periodSeconds;
    await writeTick();
    return boundarySeconds;
  };
  const published: WindowDeployment["published"] = async () =>
    (await readStream(env, exportsPublished))
      .map(({ message }) => message)
      .filter(({ exportConfigurationId }) => exportConfigurationId === "us");
  const index: WindowDeployment["index"] = async () =>
    ((await audit.store.get(indexObjectName(filenameRoot)))?.bytes.toString("utf8") ?? "")
      .split("\n")
      .filter((line) => line !== "");

  return {
    env,
    audit,
    write,
    configure,
    settings,
    brokenSigningKey: () => brokenSigningKey(env["TEKSTREAM_MASTER_KEY"] ?? "", fromSeconds),
    published,
    index,
    expectKey: (tek) => void expected.set(Buffer.from(tek).toString("base64"), 0),
    logOf: ({ logFile }) => readFileSync(logFile, "utf8"),
    async process(service, name, extra = {}) {
      const entry = entries[service];
      const { workerStoreUrl } = options;
      const way = workerStoreUrl === undefined ? {} : { TEKSTREAM_OBJECT_STORE_URL: workerStoreUrl };
      const own = services.find((one) => one.name === service)?.env;
      const started = await aProcess({ name, entry, env: { ...env, ...own, ...way, ...extra }, logFolder });
      running.push(started);
      return started;
    },
    async windows(count) {
      // The first window has a tick at both ends, as where the clock was started first.
      if (boundarySeconds === fromSeconds) await writeTick();
      for (let window = 0; window <= count; window++) {
        await write(window < count ? 6 : 0, { releaseSeconds: boundarySeconds + 1.5 * periodSeconds });
        await tick();
      }
      return boundarySeconds;
    },
    fill: (keys) => fill(writers[0], keys),
    tick,
    async untilPublished(endSeconds, secondsMax = 180) {
      const batches = audit.view.db.collection("batches");
      const wanted = { configurationId: "us", endSeconds: { $gte: endSeconds }, state: "published" };
      const isPublished = async (): Promise<boolean> => (await batches.countDocuments(wanted)) > 0;
      await eventually(`the window until ${endSeconds} to be published`, isPublished, secondsMax);
    },
    async findings() {
      const [read, told, lines] = [await phone.finish(), await published(), await index()];
      const wrong = [...checkOrder(told), ...(await rebuildExports(audit, told))];
      const names = told.flatMap(({ files }) => files.map(({ objectName }) => objectName ?? ""));
      const sorted = [...new Set(names)].sort((a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)));
      return [
        ...wrong.map(({ reason, detail }) => `${reason}: ${detail}`),
        ...read.problems.map(({ reason, name }) => `${reason}: ${name}`),
        ...(lines.join("\n") === sorted.join("\n")
          ? []
          : [`index: ${lines.join(" ")}, not ${sorted.join(" ")}`]),
        ...compareKeys(expected, read.keys),
      ];
    },
    async stop() {
      await Promise.all(running.map((process) => process.signal("SIGKILL")));
      await phone.finish().catch(() => undefined);
      await Promise.all([...writers, configWriter].map((writer) => writer.stop()));
      await audit.stop();
    },
  };
}

function environment(endpoints: Endpoints, options: WindowDeploymentOptions): Environment {
  return {
    TEKSTREAM_KAFKA_BROKERS: endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: endpoints.registry.url,
    TEKSTREAM_MONGODB_URL: endpoints.mongodb.url,
    TEKSTREAM_REDIS_URL: endpoints.redis.url,
    TEKSTREAM_OBJECT_STORE_URL: endpoints.objectStore.url,
    TEKSTREAM_PREFIX: `t-${randomBytes(5).toString("hex")}`,
    TEKSTREAM_PARTITIONS: "3",
    TEKSTREAM_HTTP_HOST: "127.0.0.1",
    TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64"),
    MIN_WINDOW_AGE: "0",
    // A dead worker's job is taken over soon.
    EXPORT_JOB_LOCK: "2s",
    ...options.settings,
  };
}

function aSigningKey(masterKey: string, fromSeconds: number): { changed: Changed; publicKeyPem: string } {
  const created = createSigningKey("310", "v1");
  if (created.kind !== "created") throw new Error(created.reason);
  const wrappingKey = deriveKey(parseMasterKey(masterKey), "wrap-signing-key");
  const times = { fromSeconds, thruSeconds: undefined };
  const outcome = createSigningKeyEntity(emptyDeployment, "us-1", created.pair, times, wrappingKey);
  if (outcome.kind !== "change") throw new Error("the signing key was refused");
  return { changed: outcome.changed, publicKeyPem: created.pair.publicKeyPem };
}

function brokenSigningKey(masterKey: string, fromSeconds: number): Changed {
  // Wrapped for the entry of another id.
  const { changed } = aSigningKey(masterKey, fromSeconds);
  return { signingKey: { ...changed.signingKey, id: "other" } };
}

function aRecord(tek: Buffer, releaseSeconds: number): Accepted {
  const dayBeforeYesterday = Math.floor(Date.now() / 86_400_000) - 2;
  const key = aPlacedKey({ tek, rollingStartIntervalNumber: dayBeforeYesterday * 144, releaseSeconds });
  return { origins: [originOf(key)], inserted: [keyRecord(key, 0, false)] };
}

/** Every key is in exactly one file, and in none whose window ends before the key may leave. */
function compareKeys(
  expected: ReadonlyMap<string, number>,
  read: ReadonlyMap<string, readonly { readonly file: string }[]>,
): string[] {
  const wrong = [...expected].flatMap(([tek, releaseSeconds]) => {
    const found = read.get(tek) ?? [];
    if (found.length !== 1) return [`${tek} is in ${found.length} files`];
    const endSeconds = Number(/-(\d+)-\d+\.zip$/.exec(found[0]?.file ?? "")?.[1]);
    return endSeconds > releaseSeconds ? [] : [`${tek} left before ${releaseSeconds}`];
  });
  const strange = [...read.keys()].filter((tek) => !expected.has(tek));
  return [...wrong, ...strange.map((tek) => `${tek} was never accepted`)].slice(0, 20);
}
