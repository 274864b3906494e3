import { randomBytes } from "node:crypto";
import { BoundedReader } from "../../shared/kafka/bounded-reader.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { topicLimits, partitionKey, type PartitionLimits } from "../../shared/kafka/topic-limits.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { NeedsOperator } from "../../shared/process/outcomes.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import type { View } from "../../shared/view/connect-view.js";
import type { KeyMemory } from "../../shared/view/key-memory.js";
import { Progress } from "../../shared/view/progress.js";
import { ReplayLease } from "../../shared/view/replay-lease.js";
import { dropLeftovers, ReplayedKeys, retentionInUse } from "../../shared/view/replayed-keys.js";
import { compareStore, type Comparison } from "./compare-store.js";
import { KeyFold, type FoldState, type KeySink } from "./fold-keys.js";
import { logGaps } from "./log-gaps.js";
import type { Passed } from "./progress-bar.js";
import { swap } from "./swap.js";

export interface StoreParts {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  readonly view: View;
  readonly keysRetentionSeconds: number;
  /** Gives the memory of keys back that must be refused a second time. Only asked when the keys are swapped. */
  readonly memory: Pick<KeyMemory, "ensureIndexes" | "remember">;
  readonly nowSeconds: () => number;
  /** Called often while the log is read: how many of its offsets were passed, and how many keys folded. */
  readonly onProgress: (passed: Passed) => void;
  readonly limits?: Partial<StoreLimits>;
}

export interface StoreLimits {
  /** How long a replay that does not answer is waited for. */
  readonly leaseSeconds: number;
  /** How long the log may stand still while it is read. */
  readonly readSecondsMax: number;
  /** How long other key-stores have to finish what one has left. */
  readonly finishSecondsMax: number;
}

export interface StoreOptions {
  /** Puts the replayed keys in the place of those in use. */
  readonly swap: boolean;
  /** Also when the log no longer reaches back to the oldest key that would have to be there. */
  readonly acceptGaps: boolean;
}

export interface StoreReport {
  readonly folded: FoldState;
  readonly foldSeconds: number;
  readonly comparison: Comparison;
  /** Partitions whose log does not reach back far enough. */
  readonly gaps: readonly string[];
  /** How long key-stores were held; undefined when nothing was swapped. */
  readonly heldSeconds: number | undefined;
}

const topics = [keysAccepted.topic, keysEmbargoed.topic];
/** In which all markers of a transaction are written, when the first one is. */
const markersSecondsMax = 2;
const defaultLimits: StoreLimits = { leaseSeconds: 30, readSecondsMax: 60, finishSecondsMax: 60 };

/**
 * Folds the log into a collection beside the one in use, compares the two, and swaps the new one in when told.
 * @throws {NeedsOperator} @throws {Unavailable}
 */
export async function replayStore(parts: StoreParts, options: StoreOptions): Promise<StoreReport> {
  const { view } = parts;
  const limits = { ...defaultLimits, ...parts.limits };
  await refuseOtherRetention(parts);
  const id = randomBytes(6).toString("hex");
  const lease = new ReplayLease(view, id, limits.leaseSeconds);
  const replayed = new ReplayedKeys(view, id);
  await lease.acquire(replayed.name);
  const renewal = new IntervalTask(
    (limits.leaseSeconds * 1000) / 4,
    () => lease.renew(),
    // Whatever follows from it is found when the lease is needed.
    () => undefined,
  );
  renewal.start();
  try {
    await dropLeftovers(view);
    return await foldAndCompare(parts, options, { lease, replayed, limits });
  } finally {
    await renewal.stop();
    await replayed.drop();
    await lease.end();
  }
}

async function foldAndCompare(
  parts: StoreParts,
  options: StoreOptions,
  own: { lease: ReplayLease; replayed: ReplayedKeys; limits: StoreLimits },
): Promise<StoreReport> {
  const { connection, framing, view, keysRetentionSeconds } = parts;
  const { lease, replayed, limits } = own;
  const keptFromSeconds = parts.nowSeconds() - keysRetentionSeconds;
  await replayed.create(keysRetentionSeconds);
  if (options.swap) await parts.memory.ensureIndexes();
  const fold = new KeyFold(framing, sinkOf(parts, options, replayed), keptFromSeconds);
  const startedAt = performance.now();
  const ends = await topicLimits(connection, topics);
  const { decided, ...first } = await readTo(parts, ends, fold, limits.readSecondsMax);
  const foldSeconds = (performance.now() - startedAt) / 1000 - markersSecondsMax;
  const folded = { ...fold.state, decided };
  const comparison = await compareStore(view, replayed.name, { ...folded, keptFromSeconds });
  const gaps = logGaps(ends, first.firstSeconds, keptFromSeconds);
  const report = { folded, foldSeconds, comparison, gaps, heldSeconds: undefined };
  if (!options.swap) return report;
  if (gaps.length > 0 && !options.acceptGaps) throw refusedGaps(gaps);
  const reader = aReader(parts, fold, first.positions);
  reader.start();
  try {
    await reader.until(await topicLimits(connection, topics), limits.readSecondsMax);
    const keyStore = { ...connection, process: "key-store" } as const;
    const progress = new Progress(view);
    const heldSeconds = await swap({ keyStore, lease, replayed, progress, reader, fold, ...limits });
    return { ...report, heldSeconds };
  } finally {
    await reader.stop();
  }
}

function sinkOf({ memory }: StoreParts, options: StoreOptions, replayed: ReplayedKeys): KeySink {
  return {
    addInserted: (keys) => replayed.addInserted(keys),
    putRevised: (keys) => replayed.putRevised(keys),
    remember: async (keys) => {
      if (options.swap) await memory.remember(keys);
    },
  };
}

/**
 * Reads to these ends, and on to where the log ends a moment later. A transaction becomes visible topic by topic: what the
 * first read knows to be decided is whole in the second one.
 */
async function readTo(
  parts: StoreParts,
  ends: readonly PartitionLimits[],
  fold: KeyFold,
  secondsMax: number,
): Promise<{
  decided: ReadonlyMap<number, number>;
  positions: ReadonlyMap<string, number>;
  firstSeconds: ReadonlyMap<string, number>;
}> {
  const firstSeconds = new Map<string, number>();
  const begin = new Map(ends.map((end) => [partitionKey(end), end.low]));
  const sum = (numbers: Iterable<number>): number =>
    [...numbers].reduce((total, number) => total + number, 0);
  const total = sum(ends.map(({ low, high }) => high - low));
  const report = (): void => {
    const passed = sum([...reader.positions].map(([key, position]) => position - (begin.get(key) ?? 0)));
    parts.onProgress({ done: Math.min(passed, total), of: total, what: "offsets", keys: fold.state.keys });
  };
  const reader = aReader(parts, fold, new Map(), {
    onFirst: (key, seconds) => {
      if (!firstSeconds.has(key)) firstSeconds.set(key, seconds);
    },
    onPosition: report,
  });
  reader.start();
  try {
    await reader.until(ends, secondsMax);
    const decided = new Map(fold.state.decided);
    await new Promise((resolve) => setTimeout(resolve, markersSecondsMax * 1000));
    await reader.until(await topicLimits(parts.connection, topics), secondsMax);
    return { decided, positions: reader.positions, firstSeconds };
  } finally {
    await reader.stop();
  }
}

function aReader(
  { connection }: StoreParts,
  fold: KeyFold,
  from: ReadonlyMap<string, number>,
  told: { onFirst?: (key: string, seconds: number) => void; onPosition?: () => void } = {},
): BoundedReader {
  return new BoundedReader(connection, {
    topics,
    from,
    handle: async (place, messages) => {
      const [message] = messages;
      if (message !== undefined) told.onFirst?.(partitionKey(place), Number(message.timestamp) / 1000);
      await fold.add(place, messages);
    },
    onPosition: () => told.onPosition?.(),
  });
}

async function refuseOtherRetention({ view, keysRetentionSeconds }: StoreParts): Promise<void> {
  const inUse = await retentionInUse(view);
  if (inUse !== undefined && inUse !== keysRetentionSeconds)
    throw new NeedsOperator(
      `KEYS_RETENTION is ${keysRetentionSeconds} s here, and ${inUse} s for the keys in use: give this command the settings of key-store.`,
    );
}

function refusedGaps(gaps: readonly string[]): NeedsOperator {
  return new NeedsOperator(
    `the log no longer reaches back to the oldest keys (${gaps.join(", ")}): they would be missing after the swap. If that is better than what is in use, repeat the command with --accept-gaps.`,
  );
}
