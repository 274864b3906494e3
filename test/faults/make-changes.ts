import { setTimeout as sleep } from "node:timers/promises";
import { connectKafka } from "../../shared/kafka/connect.js";
import { keysAccepted, keysEmbargoed, keysSubmitted } from "../../shared/topology.js";
import type { River } from "../river/a-river.js";
import { addPartitions } from "../river/add-partitions.js";
import { logSettingsOf } from "../river/read-topic.js";
import { silent } from "./audit.js";
import type { Operator } from "./operator.js";
import type { Change } from "./schedule.js";
import type { Supervisor } from "./supervisor.js";

const partitionsAfterwards = 5;
const visitor = "key-store-3";

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
  await addPartitions(connection, first === "submitted" ? submitted : decided, partitionsAfterwards);
  await sleep(pauseMs);
  await addPartitions(connection, first === "submitted" ? decided : submitted, partitionsAfterwards);
}
