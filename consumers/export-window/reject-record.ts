import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { DeadLetterWriter } from "../../shared/kafka/dead-letter-writer.js";
import type { TickIndexOptions } from "./tick-index.js";
import type { ExportWindowEvents } from "./events.js";

/** Writes rejected records to their dead-letter topics. */
export function rejecter(
  connection: KafkaConnection,
  events: ExportWindowEvents,
): { reject: TickIndexOptions["reject"]; stop(): Promise<void> } {
  const letters = new DeadLetterWriter(connection);
  return {
    async reject(source) {
      if (!(await letters.write(source))) return;
      // Named one by one: the record itself holds keys, which no log line may show.
      const { topic, partition, reason } = source;
      events.recordRejected({ topic, partition, offset: Number(source.message.offset), reason });
    },
    stop: () => letters.stop(),
  };
}
