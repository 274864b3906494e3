import type { Binary, ClientSession, Collection } from "mongodb";
import { dayOf, daySeconds } from "../stats/shown-days.js";
import { noCounts, sumOfCounts, type Counts, type HourCounts } from "../stats/counts.js";
import { available, type View } from "./connect-view.js";
import { ensureTtl } from "./ensure-ttl.js";

// Per partition of keys.accepted there is one position, and one document for each health authority and hour. At every
// moment the documents are the counts of exactly the records before the position: both move in one transaction, which
// names the position that it starts from. So a record counts once, whoever counts it, and however often. All lies in one
// collection: dropping it drops the position as well, and the log fills it again.
//
// A process that dies in its transaction leaves a document locked, for a minute by MongoDB's default. So whoever opens a
// partition ends the session of who opened it before.

interface CountsDocument extends Counts {
  readonly _id: string;
  readonly healthAuthorityId: string;
  readonly partition: number;
  readonly hour: Date;
  /** The end of the UTC day that the hour lies in: its hours go together. */
  readonly dayEnd: Date;
}

interface PositionDocument {
  readonly _id: string;
  readonly nextOffset: number;
  /** In which the last opener's transactions run. */
  readonly session?: Binary;
}

/** Counts of a partition's records from one offset to before another. */
export interface CountedRange {
  readonly partition: number;
  readonly fromOffset: number;
  readonly nextOffset: number;
  readonly hours: readonly HourCounts[];
}

/** The statistics of health authorities: a view of the outcomes in keys.accepted. */
export class Statistics {
  readonly #view: View;
  readonly #counts: Collection<CountsDocument>;
  readonly #positions: Collection<PositionDocument>;
  readonly #sessions = new Map<number, ClientSession>();

  constructor(view: View) {
    this.#view = view;
    this.#counts = view.db.collection<CountsDocument>("statistics");
    this.#positions = view.db.collection<PositionDocument>("statistics");
  }

  /** A day's documents go `retentionSeconds` after the day has ended. */
  async ensureIndexes(retentionSeconds: number): Promise<void> {
    await available(() => this.#counts.createIndex({ healthAuthorityId: 1 }));
    await ensureTtl(this.#counts, "dayEnd", retentionSeconds);
  }

  /** The next offset of `partition` to be counted; undefined before `open`. */
  async position(partition: number): Promise<number | undefined> {
    const found = await available(() => this.#positions.findOne({ _id: positionId(partition) }));
    return found?.nextOffset;
  }

  /** Takes a partition over and gives its position: the beginning, if it was never counted. */
  async open(partition: number): Promise<number> {
    const filter = { _id: positionId(partition) };
    return available(async () => {
      // A new one each time: counting that is still under way in this process must not share it.
      const session = this.#view.db.client.startSession();
      const before = await this.#positions.findOne(filter);
      if (before?.session !== undefined)
        await this.#view.db.command({ killSessions: [{ id: before.session }] });
      const update = { $setOnInsert: { nextOffset: 0 }, $set: { session: sessionId(session) } };
      const options = { upsert: true, returnDocument: "after" } as const;
      const opened = await this.#positions.findOneAndUpdate(filter, update, options);
      this.#sessions.set(partition, session);
      return opened?.nextOffset ?? 0;
    });
  }

  /** Adds counts and moves the position, both or neither. False: the partition does not stand at `fromOffset` any more. */
  async add(range: CountedRange): Promise<boolean> {
    const session = this.#sessions.get(range.partition);
    if (session === undefined) return false;
    return available(async () => {
      session.startTransaction();
      try {
        const hasMoved = await this.#move(range, session);
        if (hasMoved) await this.#addHours(range, session);
        await (hasMoved ? session.commitTransaction() : session.abortTransaction());
        return hasMoved;
      } catch (error) {
        if (session.inTransaction()) await session.abortTransaction();
        throw error;
      }
    });
  }

  /** All hours of a health authority, each once for every partition that has counts of it. */
  async hoursOf(healthAuthorityId: string): Promise<readonly HourCounts[]> {
    const found = await available(() => this.#counts.find({ healthAuthorityId }).toArray());
    return found.map(({ _id, hour, dayEnd: _dayEnd, partition: _partition, ...counts }) => ({
      ...counts,
      hourSeconds: hour.getTime() / 1000,
    }));
  }

  async #move({ partition, fromOffset, nextOffset }: CountedRange, session: ClientSession): Promise<boolean> {
    const filter = { _id: positionId(partition), nextOffset: fromOffset };
    const { matchedCount } = await this.#positions.updateOne(filter, { $set: { nextOffset } }, { session });
    return matchedCount === 1;
  }

  async #addHours({ partition, hours }: CountedRange, session: ClientSession): Promise<void> {
    if (hours.length === 0) return;
    const ids = hours.map((hour) => countsId(partition, hour));
    const found = await this.#counts.find({ _id: { $in: ids } }, { session }).toArray();
    const before = new Map(found.map((document) => [document._id, document]));
    const operations = hours.map((hour) => {
      const { _id, ...document } = countsDocument(partition, hour, before.get(countsId(partition, hour)));
      return { replaceOne: { filter: { _id }, replacement: document, upsert: true } };
    });
    await this.#counts.bulkWrite(operations, { session });
  }
}

function countsDocument(partition: number, hour: HourCounts, before: Counts = noCounts): CountsDocument {
  const { healthAuthorityId, hourSeconds } = hour;
  return {
    _id: countsId(partition, hour),
    healthAuthorityId,
    partition,
    hour: new Date(hourSeconds * 1000),
    dayEnd: new Date((dayOf(hourSeconds) + daySeconds) * 1000),
    ...sumOfCounts(before, hour),
  };
}

function sessionId({ id }: ClientSession): Binary {
  if (id === undefined) throw new Error("the session has ended");
  return id.id;
}

function positionId(partition: number): string {
  return `position/${partition}`;
}

function countsId(partition: number, { hourSeconds, healthAuthorityId }: HourCounts): string {
  return `counts/${partition}/${hourSeconds}/${healthAuthorityId}`;
}
