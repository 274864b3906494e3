import { foldTick } from "../../shared/exports/ticks.js";
import { BoundedReader } from "../../shared/kafka/bounded-reader.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { topicLimits, partitionKey, type TopicPartition } from "../../shared/kafka/topic-limits.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, keysEmbargoed, type AcceptedRecord } from "../../shared/topology.js";
import type { Ticks } from "../../shared/view/ticks.js";
import { seenAtSeconds } from "../../shared/windows/window-ranges.js";

/** Where a record that tells of a key lies, seen from windows. */
export interface KeyPlace extends TopicPartition {
  readonly offset: number;
  /** Where windows see it: at the last tick before it, or later (unix seconds); undefined: that tick is gone. */
  readonly boundarySeconds: number | undefined;
  /** When it may leave (unix seconds); 0: at once. */
  readonly releaseSeconds: number;
}

export interface KeyPlaces {
  readonly inserted: KeyPlace | undefined;
  readonly revised: KeyPlace | undefined;
}

const topics = [keysAccepted.topic, keysEmbargoed.topic];
const readSecondsMax = 60;
/** Before its release a key waits a day and some hours; clocks differ. */
const earlierSecondsMax = 28 * 3600;

/** Looks for the records of a key that was created at a time, from the ticks before that time to the end of the log. */
export async function findInLog(
  log: { readonly connection: KafkaConnection; readonly framing: SchemaFraming; readonly ticks: Ticks },
  tek: Buffer,
  createdAtSeconds: number,
): Promise<KeyPlaces> {
  const { connection, framing, ticks } = log;
  const ends = await topicLimits(connection, topics);
  const from = new Map<string, number>();
  for (const { topic, partition, low } of ends) {
    const tick = await ticks.lastUntil(topic, partition, createdAtSeconds - earlierSecondsMax);
    from.set(partitionKey({ topic, partition }), Math.max(low, tick?.offset ?? 0));
  }
  const search = new KeySearch(tek);
  const handle: ConstructorParameters<typeof BoundedReader>[1]["handle"] = async (place, messages) => {
    const values = messages.map(({ value }) => value);
    for (const [index, result] of (await framing.decodeAll(keysAccepted, values)).entries()) {
      const message = messages[index];
      if (result.fate === "done" && message !== undefined)
        search.add(place, Number(message.offset), Number(message.timestamp) / 1000, result.message);
    }
  };
  const reader = new BoundedReader(connection, { topics, from, handle });
  reader.start();
  try {
    await reader.until(ends, readSecondsMax);
  } finally {
    await reader.stop();
  }
  const cut = new Set(ends.filter(({ low }) => low > 0).map(partitionKey));
  const seen = async (place: KeyPlace | undefined): Promise<KeyPlace | undefined> => {
    if (place === undefined || (place.boundarySeconds === undefined && cut.has(partitionKey(place))))
      return place;
    // A clock that starts now, as the first of all, begins the window of this moment.
    const seconds =
      (await seenAtSeconds(ticks, place, place.boundarySeconds)) ?? Math.floor(Date.now() / 1000);
    return { ...place, boundarySeconds: seconds };
  };
  const { inserted, revised } = search.found;
  return { inserted: await seen(inserted), revised: await seen(revised) };
}

/** Takes records in order within each partition. */
export class KeySearch {
  readonly #tek: Buffer;
  readonly #boundaries = new Map<string, number>();
  #inserted: KeyPlace | undefined;
  #revised: KeyPlace | undefined;

  constructor(tek: Buffer) {
    this.#tek = tek;
  }

  get found(): KeyPlaces {
    return { inserted: this.#inserted, revised: this.#revised };
  }

  add(place: TopicPartition, offset: number, appendedAtSeconds: number, record: AcceptedRecord): void {
    const key = partitionKey(place);
    const boundarySeconds = this.#boundaries.get(key);
    if (record.tick) {
      const tick = { boundarySeconds: record.tick.boundarySeconds ?? 0, appendedAtSeconds };
      const verdict = foldTick(boundarySeconds, tick);
      if (verdict.kind === "valid") this.#boundaries.set(key, verdict.lastBoundarySeconds);
      return;
    }
    const isIt = ({ tek }: { tek?: Uint8Array | null }): boolean => tek != null && this.#tek.equals(tek);
    const placeOf = (found: AcceptedRecord["inserted"][number] | undefined): KeyPlace | undefined =>
      found && { ...place, offset, boundarySeconds, releaseSeconds: found.releaseSeconds ?? 0 };
    this.#inserted ??= placeOf(record.inserted.find(isIt));
    this.#revised ??= placeOf(record.revised.find(isIt));
  }
}
