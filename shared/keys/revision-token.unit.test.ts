import { createCipheriv, randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { tekstream } from "../../schemas/generated/revision/v1/token.js";
import {
  nextTokenEntries,
  openRevisionToken,
  sealRevisionToken,
  type TokenKeyRing,
} from "./revision-token.js";
import { decodeTokenContent, encodeTokenContent, type TokenEntry } from "./token-content.js";

const { RevisionToken } = tekstream.revision.v1;

interface Vectors {
  aad_hex: string;
  dek_hex: string;
  kid: string;
  errors: Record<string, string>;
  vectors: {
    name: string;
    plaintext_before_padding_hex: string;
    plaintext_as_encrypted_hex: string;
    revisionToken_base64: string;
    entries_after_unmarshal: string[];
  }[];
}

const file: Vectors = JSON.parse(
  readFileSync(new URL("../../test/vectors/revision/revision-token.json", import.meta.url), "utf8"),
);
const recorded = { id: file.kid, secret: Buffer.from(file.dek_hex, "hex") };
const ring: TokenKeyRing = {
  newest: recorded,
  byId: new Map([[recorded.id, recorded]]),
  aad: Buffer.from(file.aad_hex, "hex"),
};

function anEntry(entry: Partial<TokenEntry> = {}): TokenEntry {
  return {
    tek: randomBytes(16),
    rollingStartIntervalNumber: 2_992_032,
    rollingPeriod: 144,
    insertedBy: randomBytes(16),
    ...entry,
  };
}

function lengthFor(count: number): number {
  return sealRevisionToken({ entries: Array.from({ length: count }, () => anEntry()) }, ring).length;
}

function envelope(kid: string, data: Uint8Array): string {
  return Buffer.from(RevisionToken.encode({ kid, data }).finish()).toString("base64");
}

function encrypt(plaintext: Uint8Array): Buffer {
  const nonce = randomBytes(12);
  const cipher = createCipheriv("aes-256-gcm", recorded.secret, nonce).setAAD(ring.aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

describe.each(file.vectors)("$name", (vector) => {
  test("the plaintext is read and written byte for byte", () => {
    const plaintext = Buffer.from(vector.plaintext_before_padding_hex, "hex");
    const content = decodeTokenContent(plaintext);
    expect(content.entries.map((entry) => entry.tek.toString("hex"))).toEqual(vector.entries_after_unmarshal);
    expect(encodeTokenContent(content)).toEqual(plaintext);
  });

  test("the recorded token opens, without its padding entries", () => {
    const state = openRevisionToken(vector.revisionToken_base64, ring);
    const expected = decodeTokenContent(Buffer.from(vector.plaintext_as_encrypted_hex, "hex"));
    expect(state).toEqual({ kind: "valid", ...expected });
    expect(expected.entries).toHaveLength(vector.entries_after_unmarshal.length);
  });
});

describe("a token that is no use", () => {
  const token = file.vectors[0]?.revisionToken_base64 ?? "";
  const tampered = Buffer.from(token, "base64");
  tampered.writeUInt8(tampered.readUInt8(40) ^ 1, 40);

  test.each([
    ["kid not a number", envelope("abc", Buffer.alloc(40)), file.errors["kid not a number"]],
    ["empty", "=", file.errors.empty],
    // The reference server's protobuf library writes a no-break space, at random.
    [
      "no protobuf",
      Buffer.from("no protobuf").toString("base64"),
      file.errors["not a protobuf"]?.replace("\u00A0", " "),
    ],
    ["short data", envelope("1", Buffer.from("short")), file.errors["short data"]],
    ["unknown kid", envelope("999", Buffer.alloc(40)), file.errors["unknown kid"]],
    ["changed on the way", tampered.toString("base64"), file.errors["wrong AAD"]],
    ["encrypts no message", envelope("1", encrypt(Buffer.from([255]))), expect.stringContaining("payload")],
  ])("%s", (_, text, message) => {
    expect(openRevisionToken(text, ring)).toEqual({ kind: "unusable", message });
  });

  test("wrong AAD", () => {
    const message = file.errors["wrong AAD"];
    expect(openRevisionToken(token, { ...ring, aad: Buffer.from("other") })).toEqual({
      kind: "unusable",
      message,
    });
  });

  test.each(["", "***", "=A"])("%j counts as none", (text) => {
    expect(openRevisionToken(text, ring)).toEqual({ kind: "absent" });
  });

  test("whatever bytes come, nothing is thrown", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, encrypted) => {
        const text = encrypted ? envelope("1", encrypt(bytes)) : Buffer.from(bytes).toString("base64");
        expect(["absent", "unusable", "valid"]).toContain(openRevisionToken(text, ring).kind);
      }),
      { numRuns: 300 },
    );
  });
});

describe("a token of our own", () => {
  test("opens to what it was made from, by any key that may still decrypt", () => {
    const newest = { id: "7", secret: randomBytes(32) };
    const rotated = { ...ring, newest, byId: new Map([...ring.byId, ["7", newest]]) };
    const content = { entries: [anEntry(), anEntry()], position: { partition: 0, offset: 0 } };
    const far = {
      entries: [anEntry()],
      position: { partition: 4_000_000_000, offset: Number.MAX_SAFE_INTEGER },
    };
    expect(openRevisionToken(sealRevisionToken(content, ring), rotated)).toEqual({
      kind: "valid",
      ...content,
    });
    expect(openRevisionToken(sealRevisionToken(far, rotated), rotated)).toEqual({ kind: "valid", ...far });
    expect(openRevisionToken(sealRevisionToken(far, rotated), ring)).toMatchObject({ kind: "unusable" });
  });

  test("is new each time", () => {
    const content = { entries: [anEntry()] };
    expect(sealRevisionToken(content, ring)).not.toBe(sealRevisionToken(content, ring));
  });

  test("is as long for 1 key as for 28, with or without proofs and position", () => {
    const extremes = [anEntry(), anEntry({ rollingStartIntervalNumber: 1, rollingPeriod: 1 })];
    const lengths = new Set<number>();
    for (let count = 1; count <= 28; count += 1) {
      for (const entry of extremes) {
        const entries = Array.from({ length: count }, () => entry);
        lengths.add(sealRevisionToken({ entries }, ring).length);
        lengths.add(
          sealRevisionToken({ entries, position: { partition: 99, offset: 2 ** 52 } }, ring).length,
        );
      }
    }
    expect(lengths.size).toBe(1);
  });

  test.each([1, 5, 300])("is as long for 1 key as for %i, if it is to have room for as many", (step) => {
    const lengthOf = (count: number): number =>
      sealRevisionToken({ entries: Array.from({ length: count }, () => anEntry()) }, ring, step).length;
    expect(lengthOf(step)).toBe(lengthOf(1));
    expect(lengthOf(2 * step + 2)).toBeGreaterThan(lengthOf(1));
  });

  test("grows in coarse steps beyond 28 keys", () => {
    const lengths = new Set(Array.from({ length: 90 }, (_, index) => lengthFor(index + 1)));
    expect(lengths.size).toBeLessThanOrEqual(4);
  });
});

describe("the next token", () => {
  const old = anEntry({ rollingStartIntervalNumber: 100, rollingPeriod: 44 });
  const kept = anEntry({ rollingStartIntervalNumber: 100, rollingPeriod: 45 });

  test("drops keys that ended too long ago and adds those that are not in it yet", () => {
    const again = anEntry({ tek: kept.tek, rollingStartIntervalNumber: 5000 });
    const added = anEntry();
    const proven = { ...kept, insertedBy: again.insertedBy };
    expect(nextTokenEntries([old, kept], [again, added], 145)).toEqual([proven, added]);
  });

  test("has the proof of who inserted a key that was withheld before", () => {
    const [before, proof] = [{ ...kept, insertedBy: Buffer.alloc(16, 1) }, Buffer.alloc(16, 2)];
    expect(nextTokenEntries([before], [{ ...before, insertedBy: proof }], 145)).toEqual([
      { ...before, insertedBy: proof },
    ]);
  });

  test("adds a key again that the old token held for too long", () => {
    expect(nextTokenEntries([old], [old], 145)).toEqual([old]);
  });

  test("is empty if nothing changed and nothing was presented", () => {
    expect(nextTokenEntries([], [], 145)).toEqual([]);
  });
});
