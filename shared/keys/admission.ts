import { hasSameIntervals, judgeKey, type KeyIntervals, wasInsertedBy } from "./judge-key.js";
import type { RevisionRefusal } from "./revise.js";
import type { TokenState } from "./revision-token.js";
import type { StoredKey, StoredRevision } from "./stored-key.js";
import { insertedByEach } from "./submission-identity.js";
import type { TokenEntry } from "./token-content.js";
import type { ValidKey } from "./valid-key.js";

/** What `admit` decides on. */
export interface AdmissionInput {
  /** Sorted by start and period; one TEK may stand there more than once. */
  readonly keys: readonly ValidKey[];
  /** Keys that the view already holds, by `tekId`: all those of the request, and maybe others. */
  readonly stored: ReadonlyMap<string, StoredKey>;
  /** The same of keys that the view held once, whether it still does or not. */
  readonly remembered: Pick<ReadonlySet<string>, "has">;
  readonly token: TokenState;
  /** Identity of the submission (16 bytes). */
  readonly identity: Buffer;
  /** Who vouches for the keys; undefined without a certificate. */
  readonly healthAuthorityId: string | undefined;
  /** The app may revise without a token. */
  readonly bypassRevisionToken: boolean;
  /** Existing keys that the token does not cover are dropped instead of failing the request. */
  readonly allowPartialRevisions: boolean;
}

/** A key that stands in the view, with what the request makes of it. */
export interface RevisedKey {
  readonly key: ValidKey;
  readonly stored: StoredKey;
  readonly revision: StoredRevision;
}

export interface Admitted {
  readonly kind: "accepted";
  /** New keys, and those that the very same request inserted before: the answer counts both. */
  readonly inserted: readonly ValidKey[];
  readonly revised: readonly RevisedKey[];
  readonly unchanged: readonly ValidKey[];
  /** New keys of a negative report: not stored, but in the token. */
  readonly withheld: readonly ValidKey[];
  /** Doubles within the request, and keys that the token does not cover. */
  readonly dropped: readonly ValidKey[];
  /**
   * Published before, and no longer in the view: they can be neither inserted again nor revised. No token could help
   * the phone, so they don't fail the request.
   */
  readonly spent: readonly ValidKey[];
  /** Inserted, revised and withheld keys, as the new token should hold them. */
  readonly tokenEntries: readonly TokenEntry[];
}

export type AdmissionRefusal =
  | "missing_revision_token"
  | "invalid_revision_token"
  | "key_already_revised"
  | "invalid_report_type_transition"
  | "internal_error";

export interface Refused {
  readonly kind: "refused";
  /** The answer's `code`; the status is 400 for all of them. */
  readonly code: AdmissionRefusal;
  /** The answer's `error`. */
  readonly message: string;
}

/** The name under which a TEK is found in `AdmissionInput.stored`: standard base64. */
export function tekId(tek: Buffer): string {
  return tek.toString("base64");
}

/**
 * Decides on a whole publish against the view and its token: all or nothing (reference server facts, §4.4 and §5.3).
 * Keys that the very same submission inserted before count as inserted again, so that repeating a request whose answer
 * was lost gets the first answer.
 */
export function admit(input: AdmissionInput): Admitted | Refused {
  const { candidates, doubles, spent } = collapse(input);
  const sorted = sortOutUncovered(candidates, input);
  const verdict = sorted.kind === "refused" ? sorted : judge(sorted.covered, input);
  // The reference server blames every refusal on a token that it could not read.
  if (verdict.kind === "refused") return input.token.kind === "unusable" ? invalidToken : verdict;
  const uncovered = sorted.kind === "sorted" ? sorted.uncovered : [];
  const { kind, inserted, revised, unchanged, withheld, tokenEntries } = verdict;
  const dropped = doubles.concat(uncovered);
  return { kind, inserted, revised, unchanged, withheld, dropped, spent, tokenEntries };
}

interface Candidate {
  readonly key: ValidKey;
  readonly stored: StoredKey | undefined;
  /** The submission's proof for the key. */
  readonly proof: Buffer;
}

const missingToken = refuse("missing_revision_token", "no revision token, but sent existing keys");
const invalidToken = refuse("invalid_revision_token", "revision token is invalid");
const alreadyRevised = refuse("key_already_revised", "key was already revised");
const anyOther = refuse("internal_error", "Internal Server Error");

// Of a TEK that stands there more than once, the last after sorting counts.
function collapse({ keys, stored, remembered, identity }: AdmissionInput) {
  const ids = keys.map(({ tek }) => tekId(tek));
  const last = new Map(ids.map((id, index) => [id, index]));
  const proofs = insertedByEach(
    identity,
    keys.map((key) => key.tek),
  );
  const candidates: Candidate[] = [];
  const doubles: ValidKey[] = [];
  const spent: ValidKey[] = [];
  keys.forEach((key, index) => {
    const [id, proof] = [ids[index] ?? "", proofs[index]];
    if (last.get(id) !== index || proof === undefined) doubles.push(key);
    else if (!stored.has(id) && remembered.has(id)) spent.push(key);
    else candidates.push({ key, stored: stored.get(id), proof });
  });
  return { candidates, doubles, spent };
}

// Which keys may go on: new ones need no token, existing ones do.
function sortOutUncovered(candidates: readonly Candidate[], input: AdmissionInput) {
  const covered: Candidate[] = [];
  const uncovered: ValidKey[] = [];
  for (const candidate of candidates) {
    const verdict = checkToken(candidate, input);
    if (typeof verdict !== "string") return verdict;
    if (verdict === "covered") covered.push(candidate);
    else if (input.allowPartialRevisions) uncovered.push(candidate.key);
    else return invalidToken;
  }
  return { kind: "sorted", covered, uncovered } as const;
}

function checkToken(
  { key, stored, proof }: Candidate,
  input: AdmissionInput,
): "covered" | "uncovered" | Refused {
  if (stored === undefined || input.bypassRevisionToken || wasInsertedBy(key, stored, proof))
    return "covered";
  if (input.token.kind === "absent") return missingToken;
  if (input.token.kind === "unusable") return invalidToken;
  if (!hasSameIntervals(key, stored)) return anyOther;
  const entry = input.token.entries.find((candidate) => candidate.tek.equals(key.tek));
  if (entry === undefined) return "uncovered";
  if (!hasSameIntervals(entry, stored)) return invalidToken;
  // Who lost the race for a key holds a token that names it, but not with the winner's proof.
  return entry.insertedBy?.equals(stored.insertedBy) === true ? "covered" : "uncovered";
}

function judge(candidates: readonly Candidate[], { healthAuthorityId }: AdmissionInput) {
  const accepted = {
    kind: "accepted" as const,
    inserted: [] as ValidKey[],
    revised: [] as RevisedKey[],
    unchanged: [] as ValidKey[],
    withheld: [] as ValidKey[],
    tokenEntries: [] as TokenEntry[],
  };
  for (const { key, stored, proof } of candidates) {
    const verdict = judgeKey(key, stored, proof, healthAuthorityId);
    if (verdict.kind === "refused") return refusalOf(verdict.code, verdict.message);
    if (verdict.kind === "revised") {
      if (stored !== undefined) accepted.revised.push({ key, stored, revision: verdict.revision });
    } else accepted[verdict.kind].push(key);
    if (verdict.kind !== "unchanged")
      accepted.tokenEntries.push(tokenEntry(stored ?? key, stored?.insertedBy ?? proof));
  }
  return accepted;
}

/** What a token says of a key, with the proof of who inserted it. */
export function tokenEntry(key: KeyIntervals & { tek: Buffer }, proof: Buffer): TokenEntry {
  const { tek, rollingStartIntervalNumber, rollingPeriod } = key;
  return { tek, rollingStartIntervalNumber, rollingPeriod, insertedBy: proof };
}

function refusalOf(code: RevisionRefusal, message: string): Refused {
  if (code === "key_already_revised") return alreadyRevised;
  return code === "invalid_report_type_transition" ? refuse(code, message) : anyOther;
}

function refuse(code: AdmissionRefusal, message: string): Refused {
  return { kind: "refused", code, message };
}
