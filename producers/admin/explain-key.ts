import { createHash } from "node:crypto";
import { tekId } from "../../shared/keys/admission.js";
import { checkExport } from "../../shared/export-check/check-export.js";
import type { KeyTable } from "../../shared/export-check/key-table.js";
import { committedOffsets, topicLimits } from "../../shared/kafka/topic-limits.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { keysSubmitted } from "../../shared/topology.js";
import type { Batch, BatchFile } from "../../shared/view/batches.js";
import type { Opened } from "./explain-session.js";
import { exportSituation, placeSeconds, type ExportSituation } from "./export-situation.js";
import { Refused } from "./failures.js";
import { findInLog, type KeyPlace, type KeyPlaces } from "./find-in-log.js";

/** What is known of a key, and what each export does with it. */
export interface KeyExplanation {
  readonly hash: string;
  readonly key: PlacedKey;
  readonly places: KeyPlaces;
  readonly exports: readonly ExportOfKey[];
}

/** One export and one record of the key: its insertion, or its revision. */
export interface ExportOfKey {
  readonly configurationId: string;
  readonly record: "inserted" | "revised";
  readonly situation: ExportSituation;
  /** Whether the files of its window list it; undefined while there are none. */
  readonly listed: Listing | undefined;
  /** The earliest window of the export that is not published. */
  readonly waitsForSeconds: number | undefined;
}

export type Listing =
  | { readonly kind: "in"; readonly objectName: string }
  | { readonly kind: "in-none" }
  | { readonly kind: "gone"; readonly objectName: string }
  | { readonly kind: "unsound"; readonly objectName: string };

/** @throws {Refused} when the key is not stored; the message says why that may be. */
export async function explainKey(opened: Opened, tek: Buffer): Promise<KeyExplanation> {
  const key = (await opened.keys.find([tek])).get(tekId(tek));
  const hash = createHash("sha256").update(tek).digest("hex").slice(0, 12);
  if (key === undefined) throw new Refused(await notStored(opened, hash));
  const places = await findInLog(opened, tek, key.createdAtSeconds);
  const records = [
    { record: "inserted", place: places.inserted },
    ...(key.revision === undefined ? [] : [{ record: "revised", place: places.revised } as const]),
  ] as const;
  const exports: ExportOfKey[] = [];
  for (const id of opened.deployment.exportConfigurations.keys())
    for (const { record, place } of records)
      exports.push(await exportOfKey(opened, { id, key, record, place }));
  return { hash, key, places, exports };
}

async function exportOfKey(
  opened: Opened,
  about: { id: string; key: PlacedKey; record: ExportOfKey["record"]; place: KeyPlace | undefined },
): Promise<ExportOfKey> {
  const { id, key, record, place } = about;
  const { batches, deployment, minWindowAgeSeconds } = opened;
  const atSeconds = place && placeSeconds(place);
  const configuration = deployment.exportConfigurations.get(id) ?? { id, versions: [] };
  const situation = exportSituation({
    configuration,
    holding: atSeconds === undefined ? undefined : await batches.holding(id, atSeconds),
    last: await batches.last(id),
    key,
    atSeconds,
    firstTickSeconds: opened.logBeginningSeconds,
    minWindowAgeSeconds,
  });
  const batch = situation.kind === "batch" ? situation.batch : undefined;
  const [earliest] = await batches.unpublished(id, 1);
  return {
    configurationId: id,
    record,
    situation,
    listed: batch?.state === "published" ? await listing(opened, batch, key.tek, record) : undefined,
    waitsForSeconds: earliest?.endSeconds,
  };
}

/** Looks into the files themselves. */
async function listing(
  opened: Opened,
  { files }: Batch,
  tek: Buffer,
  record: ExportOfKey["record"],
): Promise<Listing> {
  let other: Listing = { kind: "in-none" };
  for (const { objectName } of files) {
    const found = await readFile(opened, { objectName });
    if (found === "gone" || found === "unsound") other = { kind: found, objectName };
    else if (holds(record === "inserted" ? found.keys : found.revisedKeys, tek))
      return { kind: "in", objectName };
  }
  return other;
}

async function readFile(
  { store, deployment }: Opened,
  { objectName }: Pick<BatchFile, "objectName">,
): Promise<"gone" | "unsound" | { readonly keys: KeyTable; readonly revisedKeys: KeyTable }> {
  const stored = await store.get(objectName);
  if (stored === undefined) return "gone";
  const publicKeys = [...deployment.signingKeys.values()].map((signingKey) => ({
    id: signingKey.verificationKeyId,
    version: signingKey.verificationKeyVersion,
    pem: signingKey.publicKeyPem,
  }));
  const check = checkExport(stored.bytes, { publicKeys, unknownSigners: "skipped", unsigned: "accepted" });
  return check.ok ? check.export : "unsound";
}

function holds(table: KeyTable, tek: Buffer): boolean {
  for (let row = 0; row < table.count; row++)
    if (tek.equals(table.keyBytes.subarray(row * tek.length, (row + 1) * tek.length))) return true;
  return false;
}

async function notStored(opened: Opened, hash: string): Promise<string> {
  const keyStore = { ...opened.connection, process: "key-store" } as const;
  const committed = await committedOffsets(keyStore, keysSubmitted.topic);
  const limits = await topicLimits(opened.connection, [keysSubmitted.topic]);
  const waiting = limits.reduce(
    (sum, { partition, low, high }) => sum + Math.max(0, high - (committed.get(partition) ?? low)),
    0,
  );
  const lag =
    waiting === 0
      ? "Every publish is decided."
      : `${waiting} publishes are not decided yet: look at key-store, and ask again.`;
  return `no key with SHA-256 ${hash}… is stored: it never came, or lost a race, or its time in MongoDB is over. ${lag}`;
}
