import { setTimeout as sleep } from "node:timers/promises";
import { connectKafka, prefixed, type KafkaConnection } from "../../shared/kafka/connect.js";
import { asking } from "../../shared/kafka/topic-limits.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import type { River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf } from "../river/read-topic.js";
import { silent } from "./audit.js";
import type { Operator } from "./operator.js";
import type { Change } from "./schedule.js";
import type { Supervisor } from "./supervisor.js";

const partitionsAfterwards = 5;
const visitor = "key-store-3";
/** Brokers may be away just then. */
const grownSecondsMax = 150;

/** Where changes are made, and by whom. */
export interface Scene {
  readonly river: River;
  readonly operator: Operator;
  readonly supervisor: Supervisor;
}

/** Makes every change at its time. */
export async function makeChanges(scene: Scene, changes: readonly Change[]): Promise<void> {
  await Promise.all(
    changes.map(async (change) => {
      await sleep(change.atMs);
      await make(scene, change);
    }),
  );
}

function make({ river, operator, supervisor }: Scene, change: Change): Promise<void> {
  switch (change.kind) {
    case "partitions":
      return growTopics(river, change);
    case "files":
      return operator.makeFilesSmaller(change.recordsMax);
    case "signing-key":
      return operator.addSigningKey(change.retired);
    case "replay export":
      return operator.replayExport();
    case "replay store":
      return operator.replayStore();
    case "key-store":
      return visit(river, supervisor, change.forMs);
  }
}

/** When it comes and when it goes, the key-stores share the partitions anew. */
async function visit(river: River, supervisor: Supervisor, forMs: number): Promise<void> {
  supervisor.watch(await river.add("key-store", visitor));
  await sleep(forMs);
  await supervisor.dismiss(visitor);
}

async function growTopics(
  { env }: River,
  { first, pauseMs }: Change & { kind: "partitions" },
): Promise<void> {
  const [submitted, decided] = [[keysSubmitted], [keysAccepted, keysEmbargoed]];
  const connection = connectKafka({ ...logSettingsOf(env), process: "admin", log: silent });
  const grow = async (streams: readonly { readonly topic: string }[]): Promise<void> => {
    for (const stream of streams) {
      const topic = prefixed(connection, stream.topic);
      await eventually(`${topic} to have more partitions`, () => isGrown(connection, topic), grownSecondsMax);
    }
  };
  await grow(first === "submitted" ? submitted : decided);
  await sleep(pauseMs);
  await grow(first === "submitted" ? decided : submitted);
}

function isGrown(connection: KafkaConnection, topic: string): Promise<boolean> {
  return asking(connection, async (admin) => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    if (topics[0]?.partitions.length === partitionsAfterwards) return true;
    await admin.createPartitions({ topicPartitions: [{ topic, count: partitionsAfterwards }] });
    return false;
  }).catch(() => false);
}
