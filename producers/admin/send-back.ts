import { recordKey } from "../../shared/deployment/apply-change.js";
import { partitionCounts } from "../../shared/kafka/provision-topics.js";
import { TransactionalWriter } from "../../shared/kafka/transactional-writer.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { configChanged } from "../../shared/topology.js";
import { decision, retriedSources, sourceOf } from "./decide-letter.js";
import { Refused } from "./failures.js";
import { judge } from "./judge-letter.js";
import { decisionId, decisionOn, type Letter } from "./letter.js";
import type { LetterTopic } from "./letter-topic.js";
import { refuseRetry, type RetryOptions, type RetryRefusal } from "./refuse-retry.js";
import type { Session } from "./session.js";

// A letter is sent back in by one transaction, which holds the record in its old partition and the decision that says so.
// So whoever dies at whatever moment leaves both or neither, and a letter that is still open was not sent back. Of two
// operators at once the later one shuts the earlier one out, and reads the decisions only then.

export interface Postman {
  /** Sends the letter back in, or says why not. @throws {Refused} when it is not known to be written. */
  send(letter: Letter, options: RetryOptions): Promise<RetryRefusal | undefined>;
}

/** Opens what sending back needs, gives it to `work`, and closes it however that ends. */
export async function withPostman(
  session: Session,
  topic: LetterTopic,
  nowSeconds: number,
  work: (postman: Postman) => Promise<void>,
): Promise<void> {
  const { connection, framing } = session;
  const writer = new TransactionalWriter(connection, "admin.dlq");
  const partitions = (await partitionCounts(connection, [topic.source])).get(topic.source) ?? 0;
  try {
    await writer.begin();
    await session.caughtUp();
    const sources = retriedSources(session.deployment);
    await work({
      async send(letter, options) {
        const source = sourceOf(letter);
        const known = {
          decision: sources.has(source)
            ? ({ action: "retried", decidedAtSeconds: nowSeconds, source } as const)
            : decisionOn(session.deployment, letter),
          judgement: await judge(framing, topic, letter.value),
          partitions,
          nowSeconds,
        };
        const refusal = refuseRetry(letter, known, options);
        if (refusal !== undefined || letter.content === undefined) return refusal ?? "no_letter";
        const { partition, record } = letter.content;
        const decided = {
          key: recordKey("dead-letter", decisionId(letter)),
          value: framing.encode(configChanged, decision(letter, "retried", nowSeconds)),
        };
        await written(letter, () =>
          writer.write([
            { topic: topic.source, partition, record },
            { topic: configChanged.topic, partition: 0, record: decided },
          ]),
        );
        sources.add(source);
        return undefined;
      },
    });
    await session.caughtUp();
  } finally {
    await writer.stop();
  }
}

async function written(letter: Letter, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    const cause = error.cause instanceof Error ? ` (${error.cause.message})` : "";
    throw new Refused(
      `letter ${letter.offset}: ${error.message}${cause}. Repeat the command: what was sent back is no longer open`,
      { cause: error },
    );
  }
}
