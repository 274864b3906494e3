import { deadLetter } from "../../shared/kafka/dead-letters.js";
import type { OutgoingBatch } from "../../shared/kafka/partition-transactions.js";
import type { RecordTime } from "../../shared/kafka/record-time.js";
import type { Slice } from "../../shared/kafka/transactional-consumer.js";
import { tekId } from "../../shared/keys/admission.js";
import { acceptedRecords } from "../../shared/records/accepted-batch.js";
import type { Clock } from "../../shared/process/clock.js";
import type { SubmissionReason } from "../../shared/records/check-submission.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import type { FramingReason, SchemaFraming } from "../../shared/registry/schema-framing.js";
import {
  keysAccepted,
  keysEmbargoed,
  keysSubmitted,
  type Accepted,
  type SubmittedRecord,
} from "../../shared/topology.js";
import type { KeyDocuments } from "../../shared/view/key-documents.js";
import type { KeyMemory } from "../../shared/view/key-memory.js";
import type { Progress } from "../../shared/view/progress.js";
import type { DecidedSubmission, Submissions } from "../../shared/view/submissions.js";
import { decide, type Decisions } from "./decide.js";
import type { KeyStoreEvents } from "./events.js";
import { readSubmission, type EmbargoRule, type Submission } from "./submission.js";

// Reads     keys.submitted
// Writes    MongoDB (keys, their memory, submissions, progress), then keys.accepted and keys.embargoed in one transaction
// Commits when    the view holds everything and the transaction commits
// On duplicate    a record handled again finds its own work by its position; a repeated request adds the keys that were
//                 not valid yet when it came first, and nothing else
// On poison       dead letter, in the same transaction
// On outage       nothing is committed, the slice is fetched again

export interface KeyStore {
  readonly framing: SchemaFraming;
  readonly keys: KeyDocuments;
  readonly memory: KeyMemory;
  readonly submissions: Submissions;
  readonly progress: Progress;
  readonly rule: EmbargoRule;
  readonly repeatMemorySeconds: number;
  readonly nowSeconds: Clock;
  readonly recordTime: RecordTime<SubmittedRecord>;
  readonly events: KeyStoreEvents;
}

/** Decides one slice of a partition and gives the records to write. */
export async function decideSlice(store: KeyStore, slice: Slice): Promise<readonly OutgoingBatch[]> {
  const { submissions, letters } = await readSlice(store, slice);
  const marked = await markRepeats(store, submissions);
  await slice.heartbeat();
  const stored = await insertFirst(store, marked);
  const first = decide(marked, stored);
  const [decisions] = await Promise.all([
    withoutLostRevisions(store, marked, first),
    store.memory.remember(first.inserted),
  ]);
  await store.progress.advance(slice.partition, slice.nextOffset);
  store.events.sliceDecided(slice, marked.filter(({ isRepeat }) => isRepeat).length, decisions);
  return [...outputs(store, slice, decisions), ...letters];
}

async function readSlice(
  { framing, recordTime, rule, events }: KeyStore,
  { partition, messages }: Slice,
): Promise<{ submissions: Submission[]; letters: OutgoingBatch[] }> {
  const submissions: Submission[] = [];
  const letters: OutgoingBatch[] = [];
  const decoded = await framing.decodeAll(
    keysSubmitted,
    messages.map(({ value }) => value),
  );
  for (const [index, message] of messages.entries()) {
    const result = decoded[index];
    const at = { partition, offset: Number(message.offset) };
    const read: Submission | SubmissionReason | FramingReason =
      result?.fate === "done"
        ? readSubmission(result.message, at, recordTime(result.message, message), rule)
        : (result?.reason ?? "no_value");
    if (typeof read !== "string") submissions.push(read);
    else {
      letters.push(deadLetter(keysSubmitted, "key-store", { partition, message, reason: read }));
      events.recordRejected(at, read);
    }
  }
  return { submissions, letters };
}

/** Marks requests that were decided before, at another position of the log. */
async function markRepeats(
  store: KeyStore,
  submissions: readonly Submission[],
): Promise<readonly Submission[]> {
  const decided = submissions.map(({ at, identity, record }): DecidedSubmission => ({
    ...at,
    identity,
    insertedExposures: record.insertedExposures,
  }));
  const expirySeconds = store.nowSeconds() + store.repeatMemorySeconds;
  // To the hour: the time of a request is kept no more precisely.
  const expireAt = new Date(Math.ceil(expirySeconds / 3600) * 3_600_000);
  const known = await store.submissions.insertNew(decided, expireAt);
  if (known.length === 0) return submissions;
  const first = await store.submissions.find(known.map(({ identity }) => identity));
  return submissions.map((submission) => {
    const { at, identity } = submission;
    const { partition, offset } = first.get(identity.toString("hex")) ?? at;
    return { ...submission, isRepeat: partition !== at.partition || offset !== at.offset };
  });
}

/** Writes every new TEK once, the first submission's; gives all keys of the slice as the view has them then. */
async function insertFirst(
  store: KeyStore,
  submissions: readonly Submission[],
): Promise<Map<string, PlacedKey>> {
  const candidates = new Map<string, PlacedKey>();
  const others = new Map<string, Buffer>();
  for (const { candidate } of submissions.flatMap(({ keys }) => keys)) {
    const id = tekId(candidate.tek);
    if (candidate.reportType === "negative") others.set(id, candidate.tek);
    else if (!candidates.has(id)) candidates.set(id, candidate);
  }
  for (const { tek } of await spentKeys(store, [...candidates.values()])) {
    candidates.delete(tekId(tek));
    others.set(tekId(tek), tek);
  }
  const present = await store.keys.insertNew([...candidates.values()]);
  for (const { tek } of present) {
    candidates.delete(tekId(tek));
    others.set(tekId(tek), tek);
  }
  for (const id of candidates.keys()) others.delete(id);
  const found = await store.keys.find([...others.values()]);
  return new Map([...candidates, ...found]);
}

/** Those that another record inserted before, and whose document may be gone: they must not be inserted again. */
async function spentKeys(store: KeyStore, candidates: readonly PlacedKey[]): Promise<readonly PlacedKey[]> {
  const remembered = await store.memory.find(candidates, store.nowSeconds());
  return candidates.filter(({ tek, insertedAt }) => {
    const first = remembered.get(tekId(tek));
    return (
      first !== undefined && !(first.partition === insertedAt.partition && first.offset === insertedAt.offset)
    );
  });
}

/**
 * Writes the revisions. Where another record was first, the slice is decided again on what the view has then, as often
 * as it takes: what is told must be in the view. Each turn finds one more revision there for good, so turns end.
 */
async function withoutLostRevisions(
  store: KeyStore,
  submissions: readonly Submission[],
  first: Decisions,
): Promise<Decisions> {
  const teks = submissions.flatMap(({ keys }) => keys.map(({ candidate }) => candidate.tek));
  let decisions = first;
  while ((await store.keys.revise(decisions.revised)).length > 0) {
    decisions = decide(submissions, await store.keys.find(teks));
  }
  return decisions;
}

function outputs(store: KeyStore, { partition, messages }: Slice, decisions: Decisions): OutgoingBatch[] {
  const [firstOffset, lastOffset] = [
    Number(messages[0]?.offset ?? -1),
    Number(messages.at(-1)?.offset ?? -1),
  ];
  const { accepted, embargoed } = acceptedRecords({
    ...decisions,
    outcomes: [...decisions.outcomes],
    source: { partition, firstOffset, lastOffset },
  });
  const encode = (message: Accepted): Buffer => store.framing.encode(keysAccepted, message);
  return [
    { topic: keysAccepted.topic, values: accepted.map(encode) },
    { topic: keysEmbargoed.topic, values: embargoed.map(encode) },
  ];
}
