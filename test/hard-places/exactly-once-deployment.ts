import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Admin } from "kafkajs";
import { MongoClient, type Db } from "mongodb";
import type { Endpoints } from "../../compose/endpoints.js";
import { prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, keysEmbargoed, keysSubmitted, type Submitted } from "../../shared/topology.js";
import { aProcess, type RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import { commandLine, type Tekstream } from "../river/set-up.js";
import { silent } from "./a-topic.js";
import { readCommitted } from "./read-committed.js";

/** What became of the keys that were submitted. Lists are of TEKs in hex, and empty when all is well. */
export interface Comparison {
  readonly acknowledged: number;
  readonly missing: readonly string[];
  readonly twice: readonly string[];
  /** Accepted, but never submitted. */
  readonly strange: readonly string[];
}

/** A deployment of key-stores alone. The test is the gateway: it writes submissions and keeps what was acknowledged. */
export interface KeyStoreDeployment {
  readonly prefix: string;
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  /** Runs the operator's command line and gives what it prints; rejects when it fails. */
  readonly tekstream: Tekstream;
  /** Starts one more real key-store. */
  keyStore(name: string, env?: Readonly<Record<string, string>>): Promise<RunningProcess>;
  /** Writes `count` submissions of one key each at once, every tenth of them twice; gives how many were acknowledged. */
  submit(count: number, partitions?: number): Promise<number>;
  /** Submits about `keysPerSecond` until the returned function is called. */
  load(keysPerSecond: number): () => Promise<void>;
  /** Waits until every submission is handled. */
  drained(secondsMax?: number): Promise<void>;
  compare(): Promise<Comparison>;
  withAdmin(work: (admin: Admin) => Promise<unknown>): Promise<void>;
  /** MongoDB's database of this deployment. */
  withView<Result>(work: (db: Db) => Promise<Result>): Promise<Result>;
  /** What a key-store logged. */
  logOf(process: RunningProcess): string;
  stop(): Promise<void>;
}

/** Sets up topics and schemas under a new prefix; starts no process. */
export async function aKeyStoreDeployment(
  endpoints: Endpoints,
  options: { partitions?: number } = {},
): Promise<KeyStoreDeployment> {
  const { partitions = 2 } = options;
  const prefix = `t-${randomBytes(5).toString("hex")}`;
  const logFolder = mkdtempSync(join(tmpdir(), `tekstream-${prefix}-`));
  const log = { brokers: endpoints.kafka.brokers, registryUrl: endpoints.registry.url, prefix, partitions };
  const { connection, framing } = await openLog("gateway", { ...log, replication: 1 }, silent);
  const writer = new StreamWriter(connection, keysSubmitted, framing, { waitSecondsMax: 60 });
  const [acknowledged, unknown] = [new Set<string>(), new Set<string>()];
  const running: RunningProcess[] = [];

  const submit: KeyStoreDeployment["submit"] = async (count, spread = partitions) => {
    const outcomes = Array.from({ length: count }, async (_, index) => {
      const message = aSubmission();
      const tek = Buffer.from(message.keys?.[0]?.tek ?? []).toString("hex");
      const repeats = index % 10 === 0 ? 2 : 1;
      const writes = Array.from({ length: repeats }, () => writer.write(index % spread, message));
      const written = await Promise.allSettled(writes);
      const isAcknowledged = written.some(({ status }) => status === "fulfilled");
      (isAcknowledged ? acknowledged : unknown).add(tek);
      return isAcknowledged;
    });
    return (await Promise.all(outcomes)).filter(Boolean).length;
  };

  return {
    prefix,
    connection,
    framing,
    tekstream: commandLine(environment(endpoints, prefix, partitions)),
    submit,
    load: (keysPerSecond) => steadily(() => submit(keysPerSecond / 20), 50),
    async keyStore(name, env = {}) {
      const started = await aProcess({
        name,
        entry: "consumers/key-store/main.js",
        env: { ...environment(endpoints, prefix, partitions), ...env },
        logFolder,
      });
      running.push(started);
      return started;
    },
    drained: (secondsMax = 180) => untilDrained(connection, secondsMax),
    async compare() {
      const accepted = await acceptedTeks(connection, framing);
      const counts = new Map<string, number>();
      for (const tek of accepted) counts.set(tek, (counts.get(tek) ?? 0) + 1);
      return {
        acknowledged: acknowledged.size,
        missing: [...acknowledged].filter((tek) => !counts.has(tek)),
        twice: [...counts].filter(([, count]) => count > 1).map(([tek]) => tek),
        strange: [...counts.keys()].filter((tek) => !acknowledged.has(tek) && !unknown.has(tek)),
      };
    },
    withAdmin: (work) => withAdmin(connection, work),
    async withView(work) {
      const client = new MongoClient(endpoints.mongodb.url);
      try {
        return await work(client.db(prefix));
      } finally {
        await client.close();
      }
    },
    logOf: ({ logFile }) => readFileSync(logFile, "utf8"),
    async stop() {
      await Promise.all(running.map((process) => process.signal("SIGKILL")));
      await writer.stop();
    },
  };
}

const masterKey = randomBytes(32).toString("base64");

function environment(endpoints: Endpoints, prefix: string, partitions: number): Record<string, string> {
  return {
    TEKSTREAM_KAFKA_BROKERS: endpoints.kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: endpoints.registry.url,
    TEKSTREAM_MONGODB_URL: endpoints.mongodb.url,
    TEKSTREAM_PREFIX: prefix,
    TEKSTREAM_MASTER_KEY: masterKey,
    TEKSTREAM_PARTITIONS: String(partitions),
    TEKSTREAM_HTTP_HOST: "127.0.0.1",
    // Small transactions: the more of them, the more can go wrong.
    RECORDS_PER_TRANSACTION: "20",
  };
}

/** One key of the day before yesterday. */
export function aSubmission(): Submitted {
  const rollingStartIntervalNumber = (Math.floor(Date.now() / 86_400_000) - 2) * 144;
  return {
    identity: randomBytes(16),
    app: "gov.example.app",
    healthAuthorityId: "doh",
    reportType: 1,
    regions: ["US"],
    receivedWindowSeconds: Math.floor(Date.now() / 3_600_000) * 3600,
    keys: [{ tek: randomBytes(16), rollingStartIntervalNumber, rollingPeriod: 144, daysSinceOnset: 1 }],
    insertedExposures: 1,
  };
}

function steadily(work: () => Promise<unknown>, everyMs: number): () => Promise<void> {
  let stopped = false;
  const under: Promise<unknown>[] = [];
  const timer = setInterval(() => {
    if (!stopped) under.push(work());
  }, everyMs);
  return async () => {
    stopped = true;
    clearInterval(timer);
    await Promise.all(under);
  };
}

async function withAdmin(
  connection: KafkaConnection,
  work: (admin: Admin) => Promise<unknown>,
): Promise<void> {
  const admin = connection.kafka.admin();
  await admin.connect();
  try {
    await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function untilDrained(connection: KafkaConnection, secondsMax: number): Promise<void> {
  const topic = prefixed(connection, keysSubmitted.topic);
  const groupId = prefixed(connection, "key-store");
  return withAdmin(connection, (admin) => {
    const isDrained = async (): Promise<boolean> => {
      const ends = await admin.fetchTopicOffsets(topic);
      const [group] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const at = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
      return ends.every(({ partition, high }) => Number(high) === 0 || at.get(partition) === Number(high));
    };
    return eventually("every submission to be handled", isDrained, secondsMax);
  });
}

export function pause(seconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, seconds * 1000));
}

async function acceptedTeks(connection: KafkaConnection, framing: SchemaFraming): Promise<string[]> {
  const teks: string[] = [];
  for (const stream of [keysAccepted, keysEmbargoed]) {
    const records = await readCommitted(connection, prefixed(connection, stream.topic));
    for (const decoded of await framing.decodeAll(
      stream,
      records.map(({ value }) => value),
    )) {
      if (decoded.fate !== "done") throw new Error(`a record can't be read: ${decoded.reason}`);
      teks.push(...decoded.message.inserted.map(({ tek }) => Buffer.from(tek ?? []).toString("hex")));
    }
  }
  return teks;
}
