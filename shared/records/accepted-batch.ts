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

/** At 160 bytes a key at most, a record stays below 256 kB: one that is too large for its topic could never be written. */
const keysPerRecordMax = 1600;
/** Adds 200 kB at most to a record: names of health authorities are short. */
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

function records(inserted: readonly PlacedKey[], revised: readonly PlacedKey[]): Accepted[] {
  const entries = [
    ...sorted(inserted).map((key) => ({ key, list: "inserted" as const })),
    ...sorted(revised).map((key) => ({ key, list: "revised" as const })),
  ];
  const count = Math.ceil(entries.length / keysPerRecordMax);
  return Array.from({ length: count }, (_, index) =>
    record(entries.slice(index * keysPerRecordMax, (index + 1) * keysPerRecordMax)),
  );
}

function sorted(keys: readonly PlacedKey[]): PlacedKey[] {
  return keys.toSorted((a, b) => a.tek.compare(b.tek));
}

function record(entries: readonly { key: PlacedKey; list: "inserted" | "revised" }[]): Accepted {
  const origins: NonNullable<Accepted["origins"]> = [];
  const indexes = new Map<string, number>();
  const indexOf = (key: PlacedKey): number => {
    const shared = originKey(key);
    const index = indexes.get(shared) ?? origins.push(originOf(key)) - 1;
    indexes.set(shared, index);
    return index;
  };
  const built = {
    inserted: [] as NonNullable<Accepted["inserted"]>,
    revised: [] as NonNullable<Accepted["revised"]>,
  };
  for (const { key, list } of entries) {
    const [origin, isRevised] = [indexOf(key), list === "revised"];
    const revisedOrigin = isRevised ? indexOf(asRevised(key)) : origin;
    built[list].push(keyRecord(key, origin, isRevised, revisedOrigin));
  }
  return { origins, ...built };
}
