import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { Outcome } from "../../shared/stats/count-outcomes.js";
import { keysAccepted } from "../../shared/topology.js";
import { logSettingsOf, silentLog } from "../river/read-topic.js";

/** Writes outcomes of submissions to keys.accepted, as key-store does. It has a lifetime: `stop` ends its connections. */
export interface OutcomeWriter {
  /** One record. */
  write(partition: number, outcomes: readonly Outcome[]): Promise<void>;
  stop(): Promise<void>;
}

/** Writes to the log of a river. */
export async function outcomeWriter(env: Readonly<Record<string, string>>): Promise<OutcomeWriter> {
  const { connection, framing } = await openLog("key-store", logSettingsOf(env), silentLog);
  const accepted = new StreamWriter(connection, keysAccepted, framing);
  return {
    async write(partition, outcomes) {
      await accepted.write(partition, { outcomes: [...outcomes] });
    },
    stop: () => accepted.stop(),
  };
}
