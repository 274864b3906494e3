import * as fc from "fast-check";
import { expect, test } from "vitest";
import { keysAccepted, type Accepted } from "../topology.js";
import { checkKeyRecords } from "./key-record.js";
import { PlainKeys } from "./plain-keys.js";

type KeyMessage = NonNullable<Accepted["inserted"]>[number];

/** Mostly a number of this range, sometimes one that no sound record has. */
const mostly = (sound: fc.Arbitrary<number>): fc.Arbitrary<number> =>
  fc.oneof({ weight: 60, arbitrary: sound }, { weight: 1, arbitrary: fc.integer() });
const rare = <T>(usual: T, other: fc.Arbitrary<T>): fc.Arbitrary<T> =>
  fc.oneof({ weight: 60, arbitrary: fc.constant(usual) }, { weight: 1, arbitrary: other });

const diagnosis = {
  reportType: mostly(fc.constantFrom(0, 1, 2, 3, 5)),
  transmissionRisk: mostly(fc.integer({ min: 0, max: 8 })),
  daysSinceOnset: fc.option(mostly(fc.integer({ min: -14, max: 14 })), { nil: null }),
};
const bytes = (length: number): fc.Arbitrary<Uint8Array> =>
  fc.uint8Array({ minLength: length, maxLength: length });
const revision = fc.record({
  ...diagnosis,
  revisedAtSeconds: fc.nat(),
  healthAuthorityId: fc.string(),
  revisedBy: bytes(16),
  revisedAtOffset: fc.nat(),
  revisedAtPartition: fc.nat(8),
  origin: fc.option(mostly(fc.nat(1)), { nil: null }),
});
const key = (ofRevision: fc.Arbitrary<object | null>): fc.Arbitrary<KeyMessage> =>
  fc.record({
    ...diagnosis,
    tek: fc.oneof({ weight: 60, arbitrary: bytes(16) }, { weight: 1, arbitrary: fc.uint8Array() }),
    rollingStartIntervalNumber: mostly(fc.integer({ min: 1, max: 3_000_000 })),
    rollingPeriod: mostly(fc.integer({ min: 1, max: 144 })),
    origin: mostly(fc.nat(1)),
    createdAtSeconds: fc.nat(),
    insertedBy: bytes(16),
    insertedAtOffset: fc.nat({ max: 2 ** 40 }),
    insertedAtPartition: fc.nat(8),
    releaseSeconds: fc.nat({ max: 2 ** 35 }),
    revision: ofRevision,
  });
const record: fc.Arbitrary<Accepted> = fc.record({
  tick: rare<NonNullable<Accepted["tick"]> | null>(null, fc.constant({ boundarySeconds: 1, partitions: 3 })),
  origins: fc.constant([
    { app: "an app", regions: ["US"], traveler: true },
    { healthAuthorityId: "h", provenance: 1 },
  ]),
  inserted: fc.array(key(rare<object | null>(null, revision)), { maxLength: 4 }),
  revised: fc.array(key(fc.oneof({ weight: 60, arbitrary: revision }, fc.constant(null))), {
    maxLength: 3,
  }),
  outcomes: fc.array(fc.record({ inserted: fc.nat(), healthAuthorityId: fc.string() }), { maxLength: 2 }),
  source: fc.record({ partition: fc.nat(9), firstOffset: fc.nat(), lastOffset: fc.nat() }),
});

interface Read {
  readonly origins: readonly unknown[];
  readonly keys: readonly unknown[];
}

/** Undefined when the record is not plain. */
function readPlainly(payload: Uint8Array): Read | undefined {
  const read = new PlainKeys(payload);
  const keys: unknown[] = [];
  while (read.next()) {
    const { isRevised, tekAt, rollingStartIntervalNumber, rollingPeriod, releaseSeconds } = read;
    const tek = Buffer.from(payload.subarray(tekAt, tekAt + 16)).toString("hex");
    const span = { rollingStartIntervalNumber, rollingPeriod, releaseSeconds };
    const of = ({ reportType, transmissionRisk, daysSinceOnset }: typeof read.first, origin?: number) => ({
      reportType,
      transmissionRisk,
      daysSinceOnset,
      origin,
    });
    const revised = isRevised ? of(read.revision, read.revision.origin) : undefined;
    keys.push({ tek, ...span, first: of(read.first, read.first.origin ?? 0), revised });
  }
  return read.isPlain ? { origins: read.origins, keys } : undefined;
}

/** Undefined when the record is to be left out. */
function readByGeneratedCode(payload: Uint8Array): Read | undefined {
  let message;
  try {
    message = keysAccepted.codec.decode(payload);
  } catch {
    return undefined;
  }
  if (message.tick || checkKeyRecords(message) !== undefined) return undefined;
  const asRead = (key: KeyMessage, isRevised: boolean): unknown => {
    const { rollingStartIntervalNumber = 0, rollingPeriod = 0, releaseSeconds = 0 } = key;
    const of = (said: KeyMessage, origin: number | undefined): unknown => ({
      reportType: said.reportType ?? 0,
      transmissionRisk: said.transmissionRisk ?? 0,
      daysSinceOnset: said.daysSinceOnset ?? undefined,
      origin,
    });
    return {
      tek: Buffer.from(key.tek ?? []).toString("hex"),
      rollingStartIntervalNumber,
      rollingPeriod,
      releaseSeconds,
      first: of(key, key.origin ?? 0),
      revised: isRevised ? of(key.revision ?? {}, key.revision?.origin ?? undefined) : undefined,
    };
  };
  const keys = [
    ...message.inserted.map((key) => asRead(key, false)),
    ...message.revised.map((key) => asRead(key, true)),
  ];
  return { origins: message.origins, keys };
}

test("a record that is read plainly is read as the generated code reads it", () => {
  let plain = 0;
  fc.assert(
    fc.property(record, (message) => {
      const payload = keysAccepted.codec.encode(message).finish();
      const read = readPlainly(payload);
      if (read === undefined) return;
      plain += 1;
      expect(read).toEqual(readByGeneratedCode(payload));
    }),
    { numRuns: 2000 },
  );
  expect(plain).toBeGreaterThan(500);
});

test("a sound record of ours is read plainly", () => {
  fc.assert(
    fc.property(record, (message) => {
      const payload = keysAccepted.codec.encode(message).finish();
      const sound = readByGeneratedCode(payload);
      const holdsRevisions = message.inserted?.some(({ revision: own }) => own) === true;
      if (sound !== undefined && !holdsRevisions) expect(readPlainly(payload)).toEqual(sound);
    }),
    { numRuns: 2000 },
  );
});

test("damaged bytes are left to the generated code, or read as it reads them", () => {
  const damage = fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 3 });
  let plain = 0;
  fc.assert(
    fc.property(record, damage, fc.nat(300), (message, flips, cut) => {
      const payload = keysAccepted.codec.encode(message).finish().slice();
      for (const [at, byte] of flips) payload[at % payload.length] = byte;
      const damaged = cut < 30 ? payload.subarray(0, Math.max(0, payload.length - cut)) : payload;
      const read = readPlainly(damaged);
      if (read === undefined) return;
      plain += 1;
      expect(read).toEqual(readByGeneratedCode(damaged));
    }),
    { numRuns: 5000 },
  );
  expect(plain).toBeGreaterThan(100);
});
