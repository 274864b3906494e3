import { regionsBytes } from "../keys/regions.js";
import type { PlacedKey } from "./placed-key.js";
import type { Accepted } from "../topology.js";
import { asRevised, keyRecord, originOf, originKey } from "./key-record.js";

/** What one slice of keys.submitted changed. */
export interface DecidedKeys {
  readonly inserted: readonly PlacedKey[];
  readonly revised: readonly PlacedKey[];
  readonly outcomes: NonNullable<Accepted["outcomes"]>;
  readonly source: { readonly partition: number; readonly firstOffset: number; readonly lastOffset: number };
}

/** A record stays below this without its outcomes: one that is too large for its topic could never be written. */
const keysBytesMax = 256_000;
/** What a key with its revision takes beside its texts, whatever its numbers are. */
const keyBytesMax = 170;
/** The same of an origin. */
const originBytesMax = 20;
/** Adds 200 kB at most to a record: names of health authorities are no longer than a submission may have them. */
const outcomesPerRecordMax = 1000;

/**
 * Splits what was decided into records for keys.accepted and for keys.embargoed, each sorted by TEK across the batch. A
 * revision goes where its key went, however late it comes: in another topic, it could lie before the tick that its key
 * lies behind, and so leave first.
 */
export function acceptedRecords(decided: DecidedKeys): { accepted: Accepted[]; embargoed: Accepted[] } {
  const { source, outcomes } = decided;
  const pick = (embargoed: boolean): Accepted[] => {
    const belongs = ({ releaseSeconds }: PlacedKey): boolean => (releaseSeconds !== undefined) === embargoed;
    return records(decided.inserted.filter(belongs), decided.revised.filter(belongs));
  };
  const [accepted, embargoed] = [pick(false), pick(true)];
  return {
    accepted: withOutcomes(accepted, outcomes).map((record) => ({ ...record, source })),
    embargoed: embargoed.map((record) => ({ ...record, source })),
  };
}

/** Also where every key is held back: whoever counts outcomes reads them in one topic, and at once. */
function withOutcomes(accepted: readonly Accepted[], outcomes: DecidedKeys["outcomes"]): Accepted[] {
  const count = Math.max(accepted.length, Math.ceil(outcomes.length / outcomesPerRecordMax));
  return Array.from({ length: count }, (_, index) => {
    const own = outcomes.slice(index * outcomesPerRecordMax, (index + 1) * outcomesPerRecordMax);
    return { ...accepted[index], ...(own.length === 0 ? {} : { outcomes: own }) };
  });
}

interface Entry {
  readonly key: PlacedKey;
  readonly list: "inserted" | "revised";
  /** Where the key belongs, and at the end where its revision takes it, by what tells one from another. */
  readonly origins: ReadonlyMap<string, Origin>;
}

type Origin = NonNullable<Accepted["origins"]>[number];

function records(inserted: readonly PlacedKey[], revised: readonly PlacedKey[]): Accepted[] {
  return fitting([...entries(inserted, "inserted"), ...entries(revised, "revised")]).map(record);
}

function entries(keys: readonly PlacedKey[], list: Entry["list"]): Entry[] {
  return keys
    .toSorted((a, b) => a.tek.compare(b.tek))
    .map((key) => {
      const states = list === "revised" ? [key, asRevised(key)] : [key];
      return { key, list, origins: new Map(states.map((state) => [originKey(state), originOf(state)])) };
    });
}

/** Splits entries into parts that each fit into one record, with the origins that their keys point to. */
function fitting(all: readonly Entry[]): Entry[][] {
  const parts: Entry[][] = [];
  const origins = new Set<string>();
  let bytesLeft = 0;
  for (const entry of all) {
    if (bytesWith(origins, entry) > bytesLeft) {
      parts.push([]);
      origins.clear();
      bytesLeft = keysBytesMax;
    }
    bytesLeft -= bytesWith(origins, entry);
    for (const id of entry.origins.keys()) origins.add(id);
    parts.at(-1)?.push(entry);
  }
  return parts;
}

/** What an entry adds to a record that has these origins already. */
function bytesWith(present: ReadonlySet<string>, { key, origins }: Entry): number {
  const keyBytes = keyBytesMax + Buffer.byteLength(key.revision?.healthAuthorityId ?? "");
  const added = [...origins].filter(([id]) => !present.has(id));
  return added.reduce((sum, [, origin]) => sum + originBytes(origin), keyBytes);
}

function originBytes({ app, healthAuthorityId, regions }: Origin): number {
  const names = Buffer.byteLength(app ?? "") + Buffer.byteLength(healthAuthorityId ?? "");
  return originBytesMax + names + regionsBytes(regions ?? []);
}

function record(part: readonly Entry[]): Accepted {
  const all: Origin[] = [];
  const indexes = new Map<string, number>();
  const built = {
    inserted: [] as NonNullable<Accepted["inserted"]>,
    revised: [] as NonNullable<Accepted["revised"]>,
  };
  for (const { key, list, origins } of part) {
    for (const [id, origin] of origins) if (!indexes.has(id)) indexes.set(id, all.push(origin) - 1);
    const [first = 0, last = first] = [...origins.keys()].map((id) => indexes.get(id));
    built[list].push(keyRecord(key, first, list === "revised", last));
  }
  return { origins: all, ...built };
}
