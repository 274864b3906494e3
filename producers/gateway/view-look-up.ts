import type { KeyIntervals } from "../../shared/keys/judge-key.js";
import type { StoredKey } from "../../shared/keys/stored-key.js";
import type { KeyDocuments } from "../../shared/view/key-documents.js";
import type { KeyMemory } from "../../shared/view/key-memory.js";
import type { DecidedSubmission, Submissions } from "../../shared/view/submissions.js";
import { gathered } from "./gathered.js";

/** What the view knows of one request. */
export interface Known {
  /** The request was decided before; its first answer counts. */
  readonly repeated: DecidedSubmission | undefined;
  /** Keys that are stored, by `tekId`: its own, and those of the requests that were looked up with it. */
  readonly stored: ReadonlyMap<string, StoredKey>;
  /** The same of keys that were stored once, whether they still are or not. */
  readonly remembered: Pick<ReadonlySet<string>, "has">;
}

export interface LookUp {
  readonly identity: Buffer;
  readonly keys: readonly (KeyIntervals & { readonly tek: Buffer })[];
}

/** What is looked into, and what time it is (unix seconds). */
export interface LookUpParts {
  readonly keys: KeyDocuments;
  readonly memory: KeyMemory;
  readonly submissions: Submissions;
  readonly nowSeconds: () => number;
  readonly requestsPerLookUpMax: number;
}

/** Looks requests up in the view; requests that arrive together share the queries. Throws `Unavailable`. */
export function viewLookUp(parts: LookUpParts): (wanted: LookUp) => Promise<Known> {
  return gathered(async (wanted) => {
    const keys = wanted.flatMap((one) => one.keys);
    const [stored, remembered, decided] = await Promise.all([
      parts.keys.find(keys.map(({ tek }) => tek)),
      parts.memory.find(keys, parts.nowSeconds()),
      parts.submissions.find(wanted.map(({ identity }) => identity)),
    ]);
    return wanted.map(({ identity }) => ({
      repeated: decided.get(identity.toString("hex")),
      stored,
      remembered,
    }));
  }, parts.requestsPerLookUpMax);
}
