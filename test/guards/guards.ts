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
    found: ["race_with_two_winners", "different", "revision_lost"],
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
    name: "a replay of exports leaves the lines of windows that are published meanwhile",
    file: "consumers/replay/restore-index.ts",
    broken: [
      [
        "const kept = lines.filter((line) => !plan.replaced.includes(line));",
        "const kept = lines.filter((line) => plan.lines.includes(line));",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [],
      changes: [4000, 8000, 12_000, 16_000].map((atMs) => ({ kind: "replay export", atMs })),
    },
    // The replay after the one that took a line out tells of it, and puts it back.
    found: ["replay_differs"],
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
];
