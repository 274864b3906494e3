import { randomBytes, randomInt } from "node:crypto";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import type { KeyDocuments } from "../../shared/view/key-documents.js";

const documentsPerInsert = 5000;

/** Puts so many keys into the view that look-ups cost what they cost in a deployment that has run for a while. */
export async function fillView(documents: KeyDocuments, count: number): Promise<void> {
  for (let done = 0; done < count; done += documentsPerInsert)
    await documents.insertNew(Array.from({ length: Math.min(documentsPerInsert, count - done) }, aKey));
}

function aKey() {
  const nowSeconds = Math.floor(Date.now() / 1000);
  return aPlacedKey({
    tek: randomBytes(16),
    insertedBy: randomBytes(16),
    createdAtSeconds: nowSeconds - randomInt(0, 13 * 24) * 3600,
  });
}
