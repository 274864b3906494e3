import { traffic, type Guard } from "./guard.js";

/** What a key-store decides goes on whether the view has it or not. */
const decidedAnyhow = [
  "await this.#options.handle(slice);",
  "await this.#options.handle(slice).catch(() => []);",
] as const;

/** Where keys would be lost, doubled or changed between phone and view. */
export const guardsOfSubmissions: readonly Guard[] = [
  {
    name: "the gateway answers when the log has the record, whoever is killed",
    file: "producers/gateway/publish.ts",
    broken: [
      [
        "await steps.write(submittedMessage(verified), identity, previous?.partition)",
        "(void steps.write(submittedMessage(verified), identity, previous?.partition).catch(() => undefined), previous)",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "freeze", target: "kafka-leader", atMs: 3000, forMs: 4000 },
        { kind: "kill", target: "gateway-1", atMs: 5000, forMs: 1000 },
        { kind: "kill", target: "gateway-2", atMs: 6000, forMs: 1000 },
      ],
    },
    found: ["lost"],
  },
  {
    name: "a revision waits until the view holds its key, where key-stores are frozen",
    file: "producers/gateway/publish.ts",
    broken: [
      [
        'if (token.kind === "valid" && token.position !== undefined) await steps.passProgress(token.position);',
        'if (token.kind === "valid" && token.position !== undefined) await Promise.resolve(token.position);',
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "freeze", target: "key-store-1", atMs: 3000, forMs: 8000 },
        { kind: "freeze", target: "key-store-2", atMs: 3000, forMs: 8000 },
      ],
    },
    found: ["race_with_two_winners", "different", "revision_lost"],
  },
  {
    name: "nothing counts as decided that the view does not hold, where MongoDB is killed",
    file: "shared/kafka/transactional-consumer.ts",
    broken: [decidedAnyhow],
    schedule: {
      ...traffic,
      harms: [
        { kind: "kill", target: "mongodb", atMs: 4000, forMs: 2000 },
        { kind: "kill", target: "mongodb", atMs: 12_000, forMs: 2000 },
      ],
    },
    found: ["lost", "revision_lost"],
  },
  {
    name: "nothing counts as decided that the view does not hold, where MongoDB's disk is full",
    file: "shared/kafka/transactional-consumer.ts",
    broken: [decidedAnyhow],
    schedule: { ...traffic, harms: [{ kind: "fill", target: "mongodb", atMs: 3000, forMs: 8000 }] },
    found: ["lost", "revision_lost"],
  },
  {
    name: "key-store waits for the view as long as it takes, where MongoDB is slow",
    file: "shared/kafka/transactional-consumer.ts",
    broken: [
      [
        decidedAnyhow[0],
        "await Promise.race([this.#options.handle(slice), " +
          "new Promise<readonly OutgoingBatch[]>((resolve) => setTimeout(() => resolve([]), 300))]);",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [{ kind: "slow", target: "mongodb", atMs: 3000, forMs: 8000, delayMs: 400 }],
    },
    found: ["lost", "revision_lost"],
  },
  {
    name: "an offset is committed when its outputs have a place, where partitions are added",
    file: "shared/kafka/partition-transactions.ts",
    broken: [
      [
        "writtenOffset(await transaction.send({ topic: to.topic, acks: -1, messages }), to);",
        "await transaction.send({ topic: to.topic, acks: -1, messages }).catch((error) => { writtenOffset([], to); throw error; });",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [],
      changes: [{ kind: "partitions", atMs: 3000, first: "submitted", pauseMs: 12_000 }],
    },
    found: ["lost"],
  },
  {
    name: "a process that starts while the registry is killed waits for it",
    file: "shared/registry/schema-framing.ts",
    broken: [
      [
        "throw new Unavailable(`the schema registry did not take ${subject}`",
        "throw new NeedsOperator(`the schema registry did not take ${subject}`",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "kill", target: "registry", atMs: 2000, forMs: 6000 },
        { kind: "kill", target: "gateway-1", atMs: 3000, forMs: 1000 },
        { kind: "kill", target: "key-store-1", atMs: 3000, forMs: 1000 },
        { kind: "kill", target: "export-window-1", atMs: 3000, forMs: 1000 },
      ],
    },
    found: ["needs_operator"],
  },
  {
    name: "an outcome is counted once, where stats are killed",
    file: "consumers/stats/pipeline.ts",
    broken: [
      ["return { position, start: Math.max(position, low) };", "return { position, start: low };"],
      [
        "({ offset }) => Number(offset) >= position)",
        "({ offset }) => Number(offset) >= Math.min(position, 0))",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "kill", target: "stats-1", atMs: 6000, forMs: 2000 },
        { kind: "kill", target: "stats-2", atMs: 12_000, forMs: 2000 },
      ],
    },
    found: ["statistics_differ"],
  },
  {
    name: "a key-store goes on where the one before has committed, where a third one comes and goes",
    file: "shared/kafka/partition-transactions.ts",
    broken: [
      ["return { nextOffset: committed, committed: true };", "return { nextOffset: high, committed: true };"],
    ],
    schedule: {
      ...traffic,
      harms: [],
      changes: [{ kind: "key-store", atMs: 4000, forMs: 8000 }],
    },
    // What it leaves out, the view has not seen: the next one to take the partition over refuses to go on.
    found: ["needs_operator"],
  },
  {
    name: "a publish is answered when a second broker has it, where the others sleep and the leader is killed",
    file: "shared/kafka/stream-writer.ts",
    broken: [
      ["idempotent: true,", "idempotent: false,"],
      [
        "await producer.connect();\n      return producer;",
        "await producer.connect();\n      return { ...producer, send: (sent) => producer.send({ ...sent, acks: 1 }) };",
      ],
    ],
    brokers: 3,
    schedule: {
      ...traffic,
      harms: [
        { kind: "freeze", target: "kafka-follower-1", atMs: 3000, forMs: 7000 },
        { kind: "freeze", target: "kafka-follower-2", atMs: 3000, forMs: 7000 },
        // Longer than the cluster takes to believe that it is dead: before that it would come back as the leader.
        { kind: "kill", target: "kafka-leader", atMs: 9000, forMs: 30_000 },
      ],
    },
    found: ["lost"],
  },
  {
    name: "key-store waits for a transaction's coordinator, where the controller of three brokers is killed",
    file: "shared/kafka/transactional-consumer.ts",
    broken: [
      [
        "return error instanceof Unavailable || isClientError(error);",
        "return error instanceof Unavailable || (isClientError(error) && false);",
      ],
    ],
    brokers: 3,
    schedule: { ...traffic, harms: [{ kind: "kill", target: "kafka-controller", atMs: 4000, forMs: 8000 }] },
    found: ["crashed", "needs_operator"],
  },
];
