import { NeedsOperator } from "../process/outcomes.js";
import type { KafkaConnection } from "./connect.js";
import { LastingAdmin } from "./lasting-admin.js";
import { PartitionTransactions, type OpenedPartition } from "./partition-transactions.js";

const attemptsMax = 10;
const retryPauseMs = 300;

/**
 * Takes a partition from whoever has it: its transaction ends either way, and nothing that it has in hand can be
 * committed any more. Gives where the partition stands then. The connection bears the name of the process whose
 * partition it is. `refuse` may throw before anything is changed.
 */
export async function fencePartition(
  connection: KafkaConnection,
  topic: string,
  partition: number,
  refuse: (opened: OpenedPartition) => void,
): Promise<OpenedPartition> {
  const admin = new LastingAdmin(connection);
  try {
    for (let attempt = 1; ; attempt++) {
      const transactions = new PartitionTransactions(connection, admin, topic, partition);
      try {
        return await openOnce(transactions, refuse);
      } catch (error) {
        // Its owner may be opening it at the same moment, and fence us.
        if (error instanceof NeedsOperator || attempt === attemptsMax) throw error;
        connection.log.warn({ topic, partition, error }, "the partition could not be fenced, trying again");
        await new Promise((resolve) => setTimeout(resolve, retryPauseMs));
      } finally {
        transactions.close();
      }
    }
  } finally {
    admin.stop();
  }
}

async function openOnce(
  transactions: PartitionTransactions,
  refuse: (opened: OpenedPartition) => void,
): Promise<OpenedPartition> {
  const seen: OpenedPartition[] = [];
  await transactions.open((opened) => {
    refuse(opened);
    seen.push(opened);
    return Promise.resolve();
  });
  const [opened] = seen;
  if (opened === undefined) throw new Error(`partition ${transactions.number} was not opened`);
  return opened;
}
