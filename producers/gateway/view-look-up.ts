import type { KeyIntervals } from "../../shared/keys/judge-key.js";
import type { StoredKey } from "../../shared/keys/stored-key.js";
import type { KeyDocuments } from "../../shared/view/key-documents.js";
import type { KeyMemory } from "../../shared/view/key-memory.js";
import type { DecidedSubmission, Submissions } from "../../shared/view/submissions.js";
import { gathered } from "./gathered.js";

/** What the view knows of the keys of one request. */
export interface KnownKeys {
  /** Keys that are stored, by `tekId`: its own, and those of the requests that were looked up with it. */
  readonly stored: ReadonlyMap<string, StoredKey>;
  /** The same of keys that were stored once, whether they still are or not. */
  readonly remembered: Pick<ReadonlySet<string>, "has">;
}

/** Looks requests up in the view. All methods throw `Unavailable`. */
export interface ViewLookUp {
  readonly keys: (keys: readonly LookedUpKey[]) => Promise<KnownKeys>;
  /** The submission of that identity, in an object of its own, if it was decided before: its first answer counts. */
  readonly decided: (identity: Buffer) => Promise<{ readonly decided: DecidedSubmission | undefined }>;
}

type LookedUpKey = KeyIntervals & { readonly tek: Buffer };

/** What is looked into, and what time it is (unix seconds). */
export interface LookUpParts {
  readonly keys: KeyDocuments;
  readonly memory: KeyMemory;
  readonly submissions: Submissions;
  readonly nowSeconds: () => number;
  readonly requestsPerLookUpMax: number;
}

/** Requests that arrive together share the queries. */
export function viewLookUp({ requestsPerLookUpMax, ...parts }: LookUpParts): ViewLookUp {
  return {
    keys: gathered(async (wanted) => {
      const keys = wanted.flat();
      const [stored, remembered] = await Promise.all([
        parts.keys.find(keys.map(({ tek }) => tek)),
        parts.memory.find(keys, parts.nowSeconds()),
      ]);
      const known = { stored, remembered };
      return wanted.map(() => known);
    }, requestsPerLookUpMax),
    decided: gathered(async (identities) => {
      const found = await parts.submissions.find(identities);
      return identities.map((identity) => ({ decided: found.get(identity.toString("hex")) }));
    }, requestsPerLookUpMax),
  };
}
