import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { partitionCounts } from "../../shared/kafka/provision-topics.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";

const ticked = [keysAccepted, keysEmbargoed] as const;

/** Writes one tick into every partition that the topics have now, and stops with the process. */
export function tickWriter(
  connection: KafkaConnection,
  framing: SchemaFraming,
): { write(boundarySeconds: number): Promise<void>; stop(): Promise<void> } {
  const writers = ticked.map((stream) => ({ stream, writer: new StreamWriter(connection, stream, framing) }));
  return {
    async write(boundarySeconds) {
      const counts = await partitionCounts(
        connection,
        ticked.map(({ topic }) => topic),
      );
      await Promise.all(
        writers.flatMap(({ stream, writer }) => {
          const partitions = counts.get(stream.topic) ?? 0;
          const tick = { boundarySeconds, partitions };
          return Array.from({ length: partitions }, (_, partition) =>
            writer.write(partition, { tick }, { key: "tick" }),
          );
        }),
      );
    },
    async stop() {
      await Promise.all(writers.map(({ writer }) => writer.stop()));
    },
  };
}
