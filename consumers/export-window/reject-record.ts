import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { DeadLetterWriter } from "../../shared/kafka/dead-letter-writer.js";
import type { TickIndexOptions } from "./tick-index.js";
import type { ExportWindowEvents } from "./events.js";

/**
 * Writes rejected records to their dead-letter topics, each once: a batch that is tried again for whatever reason brings
 * records whose letters have been acknowledged. `Unavailable` leaves it open whether a letter is there, and it is
 * written again.
 */
export function rejecter(
  connection: KafkaConnection,
  events: ExportWindowEvents,
): { reject: TickIndexOptions["reject"]; stop(): Promise<void> } {
  const letters = new DeadLetterWriter(connection);
  return {
    async reject(source) {
      if (!(await letters.write(source))) return;
      // Named one by one: the record itself holds keys, which no log line may show.
      const { topic, partition, message, reason } = source;
      events.recordRejected({ topic, partition, offset: Number(message.offset), reason });
    },
    stop: () => letters.stop(),
  };
}
