import { tekId } from "../../shared/keys/admission.js";
import type { StoredKey } from "../../shared/keys/stored-key.js";
import type { KeyDocuments } from "../../shared/view/key-documents.js";
import type { DecidedSubmission, Submissions } from "../../shared/view/submissions.js";
import { gathered } from "./gathered.js";

/** What the view knows of one request. */
export interface Known {
  /** The request was decided before; its first answer counts. */
  readonly repeated: DecidedSubmission | undefined;
  /** Its keys that are stored, by `tekId`. */
  readonly stored: ReadonlyMap<string, StoredKey>;
}

export interface LookUp {
  readonly identity: Buffer;
  readonly teks: readonly Buffer[];
}

const requestsPerLookUpMax = 100;

/** Looks requests up in the view; requests that arrive together share the queries. Throws `Unavailable`. */
export function viewLookUp(keys: KeyDocuments, submissions: Submissions): (wanted: LookUp) => Promise<Known> {
  return gathered(async (wanted) => {
    const [stored, decided] = await Promise.all([
      keys.find(wanted.flatMap(({ teks }) => teks)),
      submissions.find(wanted.map(({ identity }) => identity)),
    ]);
    return wanted.map(({ identity, teks }) => ({
      repeated: decided.get(identity.toString("hex")),
      stored: new Map(teks.flatMap((tek) => entryOf(stored, tekId(tek)))),
    }));
  }, requestsPerLookUpMax);
}

function entryOf(stored: ReadonlyMap<string, StoredKey>, id: string): [string, StoredKey][] {
  const key = stored.get(id);
  return key === undefined ? [] : [[id, key]];
}
