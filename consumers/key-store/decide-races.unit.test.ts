import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tekId } from "../../shared/keys/admission.js";
import { insertedBy } from "../../shared/keys/submission-identity.js";
import { bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import {
  aSubmitted,
  aSubmittedKey,
  appendedAtSeconds,
  decodedSubmitted,
} from "./a-submission.test-support.js";
import { decide, type Decisions } from "./decide.js";
import { readSubmission, type Submission } from "./submission.js";

// Two partitions are decided at the same time against one view, in steps that fall between each other in any order, and
// crash between any two steps. The steps are those of pipeline.ts, whose real ones pipeline.stack.test.ts runs.

interface Sent {
  readonly teks: readonly number[];
  readonly reportType: 1 | 2 | 3 | 5;
  /** Which submission the token says inserted the keys, as [partition, offset]. */
  readonly proof: readonly [number, number] | undefined;
  readonly bypass: boolean;
}

const rule = { truncateWindowSeconds: 3600, releaseStillValidKeys: false };
const sent = fc.record<Sent>({
  teks: fc.uniqueArray(fc.nat(2), { minLength: 1, maxLength: 2 }),
  reportType: fc.constantFrom(1, 2, 3, 5),
  proof: fc.option(fc.tuple(fc.nat(1), fc.nat(4)), { nil: undefined }),
  bypass: fc.nat(3).map((number) => number === 0),
});
const log = fc.tuple(fc.array(sent, { maxLength: 5 }), fc.array(sent, { maxLength: 5 }));
const order = fc.array(fc.nat(31), { maxLength: 120 });

const identityOf = (partition: number, offset: number): Buffer => bytesOf(`${partition}/${offset}`);

function submissionOf(one: Sent, partition: number, offset: number): Submission {
  const { proof, teks, reportType, bypass } = one;
  const keys = teks.map((tek) => {
    const token = proof && { tokenInsertedBy: insertedBy(identityOf(...proof), bytesOf(`tek ${tek}`)) };
    return aSubmittedKey(`tek ${tek}`, token);
  });
  const changes = { identity: identityOf(partition, offset), reportType, bypassRevisionToken: bypass, keys };
  const record = decodedSubmitted(aSubmitted("", changes));
  const read = readSubmission(record, { partition, offset }, appendedAtSeconds, rule);
  if (typeof read === "string") throw new Error(read);
  return read;
}

/** What the database promises: a TEK is inserted once, and its revision is written once. */
class View {
  readonly keys = new Map<string, PlacedKey>();

  insertNew(candidates: readonly PlacedKey[]): void {
    for (const key of candidates) if (!this.keys.has(tekId(key.tek))) this.keys.set(tekId(key.tek), key);
  }

  /** Gives those that another record has revised. */
  revise(revised: readonly PlacedKey[]): readonly PlacedKey[] {
    return revised.filter((key) => {
      const stored = this.keys.get(tekId(key.tek));
      if (stored?.revision === undefined) this.keys.set(tekId(key.tek), key);
      return stored?.revision !== undefined && !isAt(stored.revision.revisedAt, key.revision?.revisedAt);
    });
  }
}

function isAt(a: object | undefined, b: object | undefined): boolean {
  return JSON.stringify(a) === JSON.stringify(b);
}

/** Handles a slice in the steps of the pipeline; every `yield` is a place where others come in between. */
function* handle(view: View, slice: readonly Submission[]): Generator<undefined, Decisions> {
  const candidates = slice.flatMap(({ keys }) => keys).map(({ candidate }) => candidate);
  yield;
  view.insertNew(candidates.filter(({ reportType }) => reportType !== "negative"));
  yield;
  for (;;) {
    const decisions = decide(slice, new Map(view.keys));
    yield;
    const lost = view.revise(decisions.revised);
    yield;
    if (lost.length === 0) return decisions;
  }
}

/** Works both partitions off, in the order and with the crashes that `choices` say; gives what was committed. */
function workOff(
  view: View,
  partitions: readonly (readonly Submission[])[],
  choices: readonly number[],
): Decisions[] {
  const committed: Decisions[] = [];
  const states = partitions.map((submissions) => ({
    submissions,
    next: 0,
    size: 0,
    steps: undefined as Steps | undefined,
  }));
  for (let turn = 0; states.some(({ next, submissions }) => next < submissions.length); turn++) {
    const choice = choices[turn] ?? turn * 2 + (turn % 2);
    const state = states[choice % 2];
    if (state === undefined || state.next >= state.submissions.length) continue;
    // A crash: the slice is fetched again, perhaps cut elsewhere.
    if (choice >= 28 && choice < 32) state.steps = undefined;
    if (state.steps === undefined) {
      state.size = 1 + (choice % 3);
      state.steps = handle(view, state.submissions.slice(state.next, state.next + state.size));
    }
    const step = state.steps.next();
    if (step.done !== true) continue;
    committed.push(step.value);
    state.next += state.size;
    state.steps = undefined;
  }
  return committed;
}

type Steps = Generator<undefined, Decisions>;

function checkAll(
  check: (view: View, inserted: PlacedKey[], revised: PlacedKey[], all: Submission[]) => void,
): void {
  fc.assert(
    fc.property(log, order, (sentByPartition, choices) => {
      const partitions = sentByPartition.map((list, partition) =>
        list.map((one, offset) => submissionOf(one, partition, offset)),
      );
      const view = new View();
      const committed = workOff(view, partitions, choices);
      const inserted = committed.flatMap((decisions) => decisions.inserted);
      const revised = committed.flatMap((decisions) => decisions.revised);
      check(view, inserted, revised, partitions.flat());
    }),
    { numRuns: 300 },
  );
}

const idsOf = (keys: readonly PlacedKey[]): string[] => keys.map(({ tek }) => tekId(tek)).toSorted();

describe("whatever the order in which partitions are handled, and whatever crashes", () => {
  test("every key that is in the view was told once, as its first writer inserted it", () => {
    checkAll((view, inserted, _revised, all) => {
      expect(idsOf(inserted)).toEqual([...view.keys.keys()].toSorted());
      for (const key of inserted) expect(key.insertedAt).toEqual(view.keys.get(tekId(key.tek))?.insertedAt);
      const wanted = all
        .flatMap(({ keys }) => keys)
        .filter(({ candidate }) => candidate.reportType !== "negative");
      expect(new Set(idsOf(inserted))).toEqual(new Set(wanted.map(({ candidate }) => tekId(candidate.tek))));
    });
  });

  test("every revision that is in the view was told once, and no other", () => {
    checkAll((view, _inserted, revised) => {
      const revisedKeys = [...view.keys].filter(([, { revision }]) => revision !== undefined);
      expect(idsOf(revised)).toEqual(revisedKeys.map(([id]) => id).toSorted());
      for (const key of revised) expect(key.revision).toEqual(view.keys.get(tekId(key.tek))?.revision);
    });
  });

  test("only who holds the winner's proof, or needs none, has revised a key", () => {
    checkAll((_view, _inserted, revised, all) => {
      for (const key of revised) {
        const by = all.find(({ at }) => isAt(at, key.revision?.revisedAt));
        const own = by?.keys.find(({ candidate }) => candidate.tek.equals(key.tek));
        const isProven = own?.tokenInsertedBy?.equals(key.insertedBy) === true;
        expect(isProven || by?.record.bypassRevisionToken).toBe(true);
      }
    });
  });

  test("no key is revised by a record that lies before the key in the same partition", () => {
    checkAll((_view, _inserted, revised) => {
      for (const key of revised) {
        const revisedAt = key.revision?.revisedAt;
        if (revisedAt?.partition !== key.insertedAt.partition) continue;
        expect(revisedAt.offset).toBeGreaterThan(key.insertedAt.offset);
      }
    });
  });
});
