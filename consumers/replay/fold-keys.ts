import { partitionKey, type TopicPartition } from "../../shared/kafka/topic-limits.js";
import type { LogRecord } from "../../shared/kafka/log-record.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { placedKeys } from "../../shared/records/placed-keys.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted } from "../../shared/topology.js";

// Reads     keys.accepted and keys.embargoed
// Writes    a sink, which is a collection beside the one in use
// Commits when    never: a replay begins at the beginning
// On duplicate    the sink takes keys in any order and more than once
// On poison       left out and counted, as exports leave it out
// On outage       the records are handled again

/** Takes what the fold finds. */
export interface KeySink {
  addInserted(keys: readonly PlacedKey[]): Promise<void>;
  putRevised(keys: readonly PlacedKey[]): Promise<void>;
  /** Every inserted key, also when its time in the view is over: it may still have to be refused a second time. */
  remember(keys: readonly PlacedKey[]): Promise<void>;
}

/** How far the fold has come. */
export interface FoldState {
  /** Keys handed to the sink, revisions counted once more. */
  readonly keys: number;
  /** Keys that retention has removed from the view by now. */
  readonly expired: number;
  /** Records that can't be used. */
  readonly unusable: number;
  /** The last record of each partition of keys.submitted whose decision the log holds. */
  readonly decided: ReadonlyMap<number, number>;
}

const keysPerWriteMax = 4000;

/** Folds records into the sink. No decision is made again: what the records say was decided. */
export class KeyFold {
  readonly #framing: SchemaFraming;
  readonly #sink: KeySink;
  readonly #isKept: (key: PlacedKey) => boolean;
  readonly #decided = new Map<number, number>();
  readonly #unusable = new Set<string>();
  #keys = 0;
  #expired = 0;

  /** Keys created before `keptFromSeconds` (unix seconds) are left out. */
  constructor(framing: SchemaFraming, sink: KeySink, keptFromSeconds: number) {
    this.#framing = framing;
    this.#sink = sink;
    this.#isKept = ({ createdAtSeconds }) => createdAtSeconds > keptFromSeconds;
  }

  get state(): FoldState {
    return {
      keys: this.#keys,
      expired: this.#expired,
      unusable: this.#unusable.size,
      decided: this.#decided,
    };
  }

  async add(place: TopicPartition, messages: readonly LogRecord[]): Promise<void> {
    const decoded = await this.#framing.decodeAll(
      keysAccepted,
      messages.map(({ value }) => value),
    );
    const inserted: PlacedKey[] = [];
    const revised: PlacedKey[] = [];
    const sources: { readonly partition: number; readonly last: number }[] = [];
    for (const [index, result] of decoded.entries()) {
      const keys = result.fate === "done" ? placedKeys(result.message) : result.reason;
      if (typeof keys === "string") this.#unusable.add(`${partitionKey(place)}@${messages[index]?.offset}`);
      if (result.fate !== "done" || typeof keys === "string") continue;
      inserted.push(...keys.inserted);
      revised.push(...keys.revised);
      const { source } = result.message;
      if (source) sources.push({ partition: source.partition ?? 0, last: source.lastOffset ?? 0 });
    }
    await this.#sink.remember(inserted);
    await this.#write(inserted, (keys) => this.#sink.addInserted(keys));
    await this.#write(revised, (keys) => this.#sink.putRevised(keys));
    for (const { partition, last } of sources)
      this.#decided.set(partition, Math.max(last, this.#decided.get(partition) ?? -1));
  }

  async #write(
    keys: readonly PlacedKey[],
    write: (keys: readonly PlacedKey[]) => Promise<void>,
  ): Promise<void> {
    const kept = keys.filter(this.#isKept);
    this.#expired += keys.length - kept.length;
    for (let start = 0; start < kept.length; start += keysPerWriteMax)
      await write(kept.slice(start, start + keysPerWriteMax));
    this.#keys += kept.length;
  }
}
