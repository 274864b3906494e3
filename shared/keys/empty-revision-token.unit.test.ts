import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { tekstream } from "../../schemas/generated/revision/v1/token.js";
import { emptyRevisionToken, usualTokenBytes } from "./empty-revision-token.js";
import { openRevisionToken, sealRevisionToken, type TokenKeyRing } from "./revision-token.js";

const newest = { id: "1790000000", secret: randomBytes(32) };
const ring: TokenKeyRing = { newest, byId: new Map([[newest.id, newest]]), aad: Buffer.from("here") };

function realToken(keys: number): string {
  const entries = Array.from({ length: keys }, () => ({
    tek: randomBytes(16),
    rollingStartIntervalNumber: 2_900_000,
    rollingPeriod: 144,
    insertedBy: randomBytes(16),
  }));
  return sealRevisionToken({ entries, position: { partition: 1, offset: 1000 } }, ring);
}

test.each([1, 14, 28, 29, 60])(
  "it is as long as a real one of %i keys, and names the current key",
  (keys) => {
    const real = realToken(keys);
    const empty = emptyRevisionToken(ring, Buffer.byteLength(real, "base64"));
    expect(empty).toHaveLength(real.length);
    const { kid } = tekstream.revision.v1.RevisionToken.decode(Buffer.from(empty, "base64"));
    expect(kid).toBe(newest.id);
    expect(Buffer.from(empty, "base64").toString("base64")).toBe(empty);
  },
);

test("no key opens it, and no two are alike", () => {
  const bytes = usualTokenBytes(ring, 28);
  expect(emptyRevisionToken(ring, bytes)).not.toBe(emptyRevisionToken(ring, bytes));
  expect(openRevisionToken(emptyRevisionToken(ring, bytes), ring).kind).toBe("unusable");
});

test("the usual length is that of most phones' tokens", () => {
  expect(usualTokenBytes(ring, 28)).toBe(Buffer.byteLength(realToken(14), "base64"));
});
