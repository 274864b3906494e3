import type { Guard } from "./guard.js";

const traffic = { trafficMs: 18_000, publishesPerSecond: 10 };
/** Longer than the session timeout of our consumers, which is 15 s: others have taken over when it comes back. */
const sessionMs = 18_000;

/** Where keys would be lost, doubled or changed, by the kind of fault that would do it. */
export const guards: readonly Guard[] = [
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
    found: ["unexpected_answer", "revision_lost"],
  },
  {
    name: "nothing counts as decided that the view does not hold, where MongoDB is killed, slow or full",
    file: "shared/kafka/transactional-consumer.ts",
    broken: [
      [
        "await this.#options.handle({ partition: partition.number, messages, heartbeat });",
        "await this.#options.handle({ partition: partition.number, messages, heartbeat }).catch(() => []);",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "slow", target: "mongodb", atMs: 1000, forMs: 2000, delayMs: 400 },
        { kind: "fill", target: "mongodb", atMs: 4000, forMs: 3000 },
        { kind: "kill", target: "mongodb", atMs: 12_000, forMs: 2000 },
      ],
    },
    found: ["lost", "revision_lost"],
  },
  {
    name: "a key-store that was replaced while it was frozen commits nothing more",
    file: "shared/kafka/partition-transactions.ts",
    broken: [
      [
        "`${this.#connection.process}.${this.#topic}.${this.number}`,",
        "`${this.#connection.process}.${this.#topic}.${this.number}.${Math.random()}`,",
      ],
    ],
    schedule: {
      trafficMs: 45_000,
      publishesPerSecond: 12,
      harms: [
        { kind: "freeze", target: "key-store-1", atMs: 3000, forMs: sessionMs },
        { kind: "freeze", target: "key-store-2", atMs: 26_000, forMs: sessionMs },
      ],
    },
    found: ["twice"],
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
    name: "a clock that is set back silences nobody",
    file: "shared/kafka/set-back.ts",
    broken: [["return wasSetBack;", "return wasSetBack && now === before - 1;"]],
    schedule: {
      ...traffic,
      harms: [
        { kind: "jump", target: "key-store-1", atMs: 3000, forMs: 6000, bySeconds: 600 },
        { kind: "jump", target: "key-store-2", atMs: 4000, forMs: 6000, bySeconds: 600 },
        { kind: "jump", target: "export-window-1", atMs: 3000, forMs: 6000, bySeconds: 600 },
        { kind: "jump", target: "export-window-2", atMs: 4000, forMs: 6000, bySeconds: 600 },
      ],
    },
    found: ["not_settled"],
  },
  {
    name: "no file is told of that is not in the object store, which is killed or full",
    file: "shared/windows/store-file.ts",
    broken: [
      [
        "await store.putIfAbsent(file.objectName, zip, headers);",
        'await store.putIfAbsent(file.objectName, zip, headers).catch(() => "written" as const);',
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "kill", target: "object-store", atMs: 3000, forMs: 5000 },
        { kind: "fill", target: "object-store", atMs: 13_000, forMs: 5000 },
      ],
    },
    found: ["phone_tripped", "index_wrong", "rebuilt_differently"],
  },
  {
    name: "a window is asked for until it is published, where Redis and the object store are killed",
    file: "consumers/export-window/window-queue.ts",
    broken: [
      ["removeOnComplete: true, removeOnFail: true", "removeOnComplete: false, removeOnFail: false"],
      [
        "if (statesUnderWay.includes(await job.getState())) return;",
        "if (statesUnderWay.length > 0 || job.id === undefined) return;",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "kill", target: "redis", atMs: 3000, forMs: 2000 },
        { kind: "kill", target: "object-store", atMs: 6000, forMs: 8000 },
      ],
    },
    found: ["not_settled"],
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
    name: "windows are published in order, where workers are frozen in the middle of one",
    file: "consumers/export-window/publish-batches.ts",
    broken: [
      [
        "const [batch] = await publisher.batches.unpublished(configurationId, 1);",
        'const batch = (await publisher.batches.unpublished(configurationId, 100)).find(({ state }) => state === "built");',
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "freeze", target: "object-store", atMs: 3000, forMs: 5000 },
        { kind: "freeze", target: "export-window-1", atMs: 7000, forMs: sessionMs },
      ],
    },
    found: ["window_out_of_order", "phone_tripped", "not_exported"],
  },
  {
    name: "of several clocks' ticks the first one counts, also where one is frozen or jumps",
    file: "shared/exports/ticks.ts",
    broken: [
      [
        "lastBoundarySeconds !== undefined && tick.boundarySeconds <= lastBoundarySeconds",
        "lastBoundarySeconds !== undefined && tick.boundarySeconds < lastBoundarySeconds - 3600",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "freeze", target: "clock-1", atMs: 3000, forMs: 2500 },
        { kind: "jump", target: "clock-2", atMs: 9000, forMs: 4000, bySeconds: -60 },
      ],
    },
    found: [
      "window_out_of_order",
      "exported_wrongly",
      "not_exported",
      "rebuilt_differently",
      "lost",
      "not_settled",
    ],
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
    name: "a window keeps the settings that it was planned with, where they change before it is built",
    file: "consumers/export-window/work-window.ts",
    broken: [["versions.find(({ version }) => version === settingsVersion)", "versions.at(-1)"]],
    schedule: {
      ...traffic,
      harms: [{ kind: "freeze", target: "object-store", atMs: 3000, forMs: 10_000 }],
      changes: [{ kind: "files", atMs: 8000, recordsMax: 10 }],
    },
    found: ["rebuilt_differently", "phone_tripped"],
  },
  {
    name: "a window is signed by the keys of its time, where another one is added before it is built",
    file: "shared/windows/build-window.ts",
    broken: [
      [
        "signingKeysAt(deployment, settings, window.endSeconds)",
        "signingKeysAt(deployment, settings, Math.floor(Date.now() / 1000) + 3600)",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [],
      changes: [{ kind: "signing-key", atMs: 3000, retired: true }],
    },
    found: ["rebuilt_differently"],
  },
  {
    name: "nobody decides while a replay swaps the keys",
    file: "shared/view/replay-lease.ts",
    broken: [
      [
        "if ((await available(() => collection.findOne(swapping))) === null) return;",
        'if (swapping.stage === "swapping") return;',
      ],
    ],
    schedule: {
      trafficMs: 20_000,
      publishesPerSecond: 20,
      harms: [],
      changes: [
        { kind: "replay store", atMs: 3000 },
        { kind: "replay store", atMs: 5000 },
      ],
    },
    found: ["view_differs", "lost", "revision_lost", "twice", "replay_differs"],
  },
];
