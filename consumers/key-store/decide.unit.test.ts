import { randomBytes } from "node:crypto";
import * as fc from "fast-check";
import { expect, test } from "vitest";
import { tekId } from "../../shared/keys/admission.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { decide } from "./decide.js";
import { readSubmission, type Submission } from "./submission.js";

const day = 86_400;
const nowSeconds = 20_000 * day;
const interval = nowSeconds / 600;
const rule = { truncateWindowSeconds: 3600, releaseStillValidKeys: false };
const teks = Array.from({ length: 4 }, (_, index) => Buffer.alloc(16, index + 1));

interface Sent {
  readonly tek: number;
  readonly reportType: number;
  readonly by: number;
  readonly proof: number | undefined;
}

const identities = Array.from({ length: 6 }, (_, index) => Buffer.alloc(16, 100 + index));

/** A submission of one key; `proof` is the index of the submission that the token says inserted it. */
function submission(sent: Sent, offset: number, insertedBy: (by: number, tek: number) => Buffer): Submission {
  const read = readSubmission(
    {
      identity: identities[sent.by] ?? randomBytes(16),
      app: "app",
      healthAuthorityId: "ha",
      reportType: sent.reportType,
      regions: ["US", "CA", "MX"].slice(0, 1 + (sent.by % 3)),
      traveler: false,
      platform: 0,
      missingOnset: false,
      receivedWindowSeconds: nowSeconds,
      bypassRevisionToken: false,
      insertedExposures: 1,
      oldestTekDays: 1,
      onsetToUploadDays: 1,
      keys: [
        {
          tek: teks[sent.tek] ?? randomBytes(16),
          rollingStartIntervalNumber: interval - 288,
          rollingPeriod: 144,
          transmissionRisk: 2,
          daysSinceOnset: 0,
          ...(sent.proof === undefined ? {} : { tokenInsertedBy: insertedBy(sent.proof, sent.tek) }),
        },
      ],
    },
    { partition: 0, offset },
    nowSeconds,
    rule,
  );
  if (typeof read === "string") throw new Error(read);
  return read;
}

const candidateProof = (by: number, tek: number): Buffer =>
  submission({ tek, reportType: 2, by, proof: undefined }, 0, () => Buffer.alloc(16)).keys[0]?.candidate
    .insertedBy ?? Buffer.alloc(16);

/** The view as the database keeps it: first writer wins, one revision. */
class View {
  readonly keys = new Map<string, PlacedKey>();

  handle(slice: readonly Submission[]) {
    for (const { candidate } of slice.flatMap(({ keys }) => keys)) {
      if (candidate.reportType !== "negative" && !this.keys.has(tekId(candidate.tek)))
        this.keys.set(tekId(candidate.tek), candidate);
    }
    const decisions = decide(slice, new Map(this.keys));
    for (const key of decisions.revised) this.keys.set(tekId(key.tek), key);
    return decisions;
  }
}

const sentArbitrary = fc.record({
  tek: fc.nat(3),
  reportType: fc.constantFrom(1, 2, 3, 5),
  by: fc.nat(5),
  proof: fc.option(fc.nat(5), { nil: undefined }),
});

test("a slice handled again decides the same, wherever it is cut", () => {
  fc.assert(
    fc.property(fc.array(sentArbitrary, { maxLength: 14 }), fc.nat(14), fc.nat(14), (sent, cut, crash) => {
      const slice = sent.map((one, offset) => submission(one, offset, candidateProof));
      const whole = new View().handle(slice);
      const view = new View();
      // A first try wrote the view and was lost; what follows is cut elsewhere.
      view.handle(slice.slice(0, crash));
      const again = [view.handle(slice.slice(0, cut)), view.handle(slice.slice(cut))];
      expect(again.flatMap(({ inserted }) => inserted)).toEqual(whole.inserted);
      expect(again.flatMap(({ revised }) => revised)).toEqual(whole.revised);
      expect(again.flatMap(({ outcomes }) => outcomes)).toEqual(whole.outcomes);
    }),
    { numRuns: 500 },
  );
});

test("each key is inserted at most once and revised at most once", () => {
  fc.assert(
    fc.property(fc.array(sentArbitrary, { maxLength: 20 }), (sent) => {
      const { inserted, revised } = new View().handle(
        sent.map((one, offset) => submission(one, offset, candidateProof)),
      );
      for (const list of [inserted, revised]) {
        const ids = list.map(({ tek }) => tekId(tek));
        expect(new Set(ids).size).toBe(ids.length);
      }
    }),
  );
});

test("only the winner's proof revises a key", () => {
  const first = submission({ tek: 0, reportType: 2, by: 0, proof: undefined }, 0, candidateProof);
  const loser = submission({ tek: 0, reportType: 2, by: 1, proof: undefined }, 1, candidateProof);
  const byLoser = submission({ tek: 0, reportType: 1, by: 2, proof: 1 }, 2, candidateProof);
  const byWinner = submission({ tek: 0, reportType: 1, by: 3, proof: 0 }, 3, candidateProof);
  const view = new View();
  const { inserted, revised } = view.handle([first, loser, byLoser, byWinner]);
  expect(inserted.map(({ insertedAt }) => insertedAt.offset)).toEqual([0]);
  expect(revised.map(({ revision }) => revision?.revisedAt.offset)).toEqual([3]);
});

test("a first negative report stores nothing, but counts", () => {
  const { inserted, revised, outcomes } = new View().handle([
    submission({ tek: 0, reportType: 5, by: 0, proof: undefined }, 0, candidateProof),
  ]);
  expect([inserted, revised]).toEqual([[], []]);
  expect(outcomes).toMatchObject([{ inserted: 0, revised: 0, reportType: 5 }]);
});

test("a revision adds its regions to the key's, which stay told as they were", () => {
  const first = submission({ tek: 0, reportType: 2, by: 0, proof: undefined }, 0, candidateProof);
  const revising = submission({ tek: 0, reportType: 1, by: 1, proof: 0 }, 1, candidateProof);
  const { inserted, revised } = new View().handle([first, revising]);
  expect(inserted[0]?.regions).toEqual(["US"]);
  expect(revised[0]).toMatchObject({ regions: ["US"], revision: { regions: ["US", "CA"] } });
  const same = submission({ tek: 0, reportType: 1, by: 3, proof: 0 }, 1, candidateProof);
  expect(new View().handle([first, same]).revised[0]?.revision).not.toHaveProperty("regions");
});

test("a revision waits for its key, also when the key's own time on air is over", () => {
  const releaseSeconds = nowSeconds + 1800;
  const stored = submission({ tek: 0, reportType: 2, by: 0, proof: undefined }, 0, candidateProof).keys[0]
    ?.candidate;
  if (stored === undefined) throw new Error("no candidate");
  const held = { ...stored, createdAtSeconds: releaseSeconds, releaseSeconds };
  const revision = submission({ tek: 0, reportType: 1, by: 1, proof: 0 }, 9, candidateProof);
  const { revised } = decide([revision], new Map([[tekId(held.tek), held]]));
  expect(revised).toMatchObject([{ releaseSeconds, revision: { revisedAtSeconds: releaseSeconds } }]);
});
