import { describe, expect, test } from "vitest";
import { admit, type AdmissionInput, tekId } from "./admission.js";
import type { StoredKey } from "./stored-key.js";
import { insertedBy } from "./submission-identity.js";
import type { TokenEntry } from "./token-content.js";
import type { ValidKey } from "./valid-key.js";

const identity = Buffer.alloc(16, 9);
const firstIdentity = Buffer.alloc(16, 1);

function aKey(name: number, key: Partial<ValidKey> = {}): ValidKey {
  return {
    tek: Buffer.alloc(16, name),
    rollingStartIntervalNumber: 2_992_032,
    rollingPeriod: 144,
    transmissionRisk: 2,
    daysSinceOnset: 1,
    reportType: "confirmed",
    createdAtSeconds: 1_795_467_600,
    embargoed: false,
    ...key,
  };
}

function stored(key: ValidKey, change: Partial<StoredKey> = {}): StoredKey {
  const { tek, rollingStartIntervalNumber, rollingPeriod, daysSinceOnset, createdAtSeconds } = key;
  return {
    tek,
    rollingStartIntervalNumber,
    rollingPeriod,
    daysSinceOnset,
    createdAtSeconds,
    reportType: "likely",
    transmissionRisk: 4,
    regions: ["US"],
    traveler: false,
    app: "gov.example.app",
    provenance: "local",
    healthAuthorityId: "1",
    insertedBy: insertedBy(firstIdentity, tek),
    ...change,
  };
}

function anEntry(key: StoredKey, change: Partial<TokenEntry> = {}): TokenEntry {
  const { tek, rollingStartIntervalNumber, rollingPeriod } = key;
  return { tek, rollingStartIntervalNumber, rollingPeriod, insertedBy: key.insertedBy, ...change };
}

function admitKeys(keys: ValidKey[], existing: StoredKey[] = [], change: Partial<AdmissionInput> = {}) {
  return admit({
    keys,
    stored: new Map(existing.map((key) => [tekId(key.tek), key])),
    remembered: new Set(),
    token: { kind: "absent" },
    identity,
    healthAuthorityId: "1",
    bypassRevisionToken: false,
    allowPartialRevisions: false,
    ...change,
  });
}

const valid = (...entries: TokenEntry[]) => ({ token: { kind: "valid", entries } }) as const;
const unusable = { token: { kind: "unusable", message: "malformed ciphertext" } } as const;
const key = aKey(1);
const old = stored(key);

describe("new keys", () => {
  test.each([{}, unusable, valid()])("need no token: %j", (change) => {
    const result = admitKeys([key, aKey(2)], [], change);
    expect(result).toMatchObject({
      kind: "accepted",
      inserted: [key, aKey(2)],
      revised: [],
      unchanged: [],
      dropped: [],
    });
  });

  test("go into the token, each with its own proof", () => {
    expect(admitKeys([key])).toMatchObject({
      tokenEntries: [anEntry(stored(key), { insertedBy: insertedBy(identity, key.tek) })],
    });
  });

  test("of a negative report are in the token but not stored", () => {
    const negative = aKey(1, { reportType: "negative" });
    const result = admitKeys([negative]);
    expect(result).toMatchObject({ inserted: [], withheld: [negative] });
    expect(result.kind === "accepted" && result.tokenEntries).toHaveLength(1);
  });

  test("sent twice count once, the last after sorting", () => {
    const later = aKey(1, { rollingStartIntervalNumber: 2_992_176 });
    const result = admitKeys([key, aKey(2), later]);
    expect(result).toMatchObject({ inserted: [aKey(2), later], dropped: [key] });
    expect(result.kind === "accepted" && result.tokenEntries).toHaveLength(2);
  });
});

describe("a key that is already stored", () => {
  const missing = {
    kind: "refused",
    code: "missing_revision_token",
    message: "no revision token, but sent existing keys",
  };
  const invalid = { kind: "refused", code: "invalid_revision_token", message: "revision token is invalid" };
  const other = { kind: "refused", code: "internal_error", message: "Internal Server Error" };
  const otherPeriod = stored(key, { rollingPeriod: 143 });

  test.each([
    ["no token", old, {}, missing],
    ["no token, and another period", otherPeriod, {}, missing],
    ["an unusable token", old, unusable, invalid],
    ["another period", otherPeriod, valid(anEntry(otherPeriod)), other],
    ["a token without it", old, valid(anEntry(stored(aKey(2)))), invalid],
    ["a token with another period", old, valid(anEntry(old, { rollingPeriod: 1 })), invalid],
    [
      "the token of who lost the race for it",
      old,
      valid(anEntry(old, { insertedBy: Buffer.alloc(16) })),
      invalid,
    ],
    ["a token without proof", old, valid({ ...anEntry(old), insertedBy: Buffer.alloc(0) }), invalid],
  ])("is refused with %s, and the new keys with it", (_, existing, change, expected) => {
    expect(admitKeys([aKey(3), key], [existing], change)).toEqual(expected);
  });

  test("is revised with the right token", () => {
    const result = admitKeys([aKey(3), key], [old], valid(anEntry(old)));
    expect(result).toMatchObject({
      inserted: [aKey(3)],
      revised: [{ key, stored: old, revision: { reportType: "confirmed" } }],
    });
    if (result.kind !== "accepted") throw new Error(result.code);
    expect(result.revised[0]?.revision).toMatchObject({
      healthAuthorityId: "1",
      revisedBy: insertedBy(identity, key.tek),
      revisedAtSeconds: key.createdAtSeconds,
    });
    expect(result.tokenEntries[1]).toEqual(anEntry(old));
  });

  test("stays as it is if the report type is the same, and is not put into the token again", () => {
    const same = aKey(1, { reportType: "likely" });
    expect(admitKeys([same], [old], valid(anEntry(old)))).toMatchObject({
      unchanged: [same],
      tokenEntries: [],
    });
  });

  test.each([
    ["key_already_revised", "key was already revised", "likely", "negative"],
    [
      "invalid_report_type_transition",
      'invalid report type transition: cannot transition from "confirmed" to "negative"',
      "confirmed",
      undefined,
    ],
  ] as const)("refuses the whole request with %s", (code, message, from, before) => {
    const revision = { transmissionRisk: 2, revisedAtSeconds: 1, revisedBy: Buffer.alloc(16) };
    const existing = stored(key, {
      reportType: from,
      ...(before && { revision: { ...revision, reportType: before } }),
    });
    const incoming = aKey(1, { reportType: before === undefined ? "negative" : "confirmed" });
    const expected = { kind: "refused", code, message };
    expect(admitKeys([aKey(3), incoming], [existing], valid(anEntry(existing)))).toEqual(expected);
    expect(admitKeys([aKey(3), incoming], [existing], { bypassRevisionToken: true })).toEqual(expected);
    // Any refusal is blamed on a token that could not be read.
    expect(admitKeys([incoming], [existing], { bypassRevisionToken: true, ...unusable })).toEqual(invalid);
  });

  test("needs no token if the app may do without, whatever period is sent", () => {
    const bypass = { bypassRevisionToken: true };
    expect(admitKeys([key], [old], bypass)).toMatchObject({ revised: [{ key }] });
    expect(admitKeys([key], [otherPeriod], bypass)).toMatchObject({ revised: [{ stored: otherPeriod }] });
    expect(admitKeys([key], [otherPeriod], bypass)).toMatchObject({ tokenEntries: [{ rollingPeriod: 143 }] });
  });

  test("came from elsewhere: no publish may revise it", () => {
    const foreign = stored(key, { provenance: "federated", source: "query-1" });
    expect(admitKeys([key], [foreign], { bypassRevisionToken: true })).toEqual(other);
  });
});

describe("a key that was stored once and is no longer", () => {
  const remembered = { remembered: new Set([tekId(key.tek)]) };

  test.each([{}, unusable, valid(anEntry(old))])(
    "does not fail the others, whatever the token: %j",
    (change) => {
      expect(admitKeys([key, aKey(2)], [], { ...remembered, ...change })).toMatchObject({
        kind: "accepted",
        inserted: [aKey(2)],
        revised: [],
        spent: [key],
        tokenEntries: [{ tek: aKey(2).tek }],
      });
    },
  );

  test("is not taken for a first report that is negative", () => {
    const negative = aKey(1, { reportType: "negative" });
    expect(admitKeys([negative], [], remembered)).toMatchObject({ withheld: [], spent: [negative] });
  });

  test("is judged by its document as long as that is there", () => {
    expect(admitKeys([key], [old], { ...remembered, ...valid(anEntry(old)) })).toMatchObject({
      revised: [{ key }],
      spent: [],
    });
  });
});

describe("where partial revisions are allowed", () => {
  const partial = { allowPartialRevisions: true };

  test("keys that the token does not cover are dropped", () => {
    expect(admitKeys([key, aKey(3)], [old], { ...partial, ...valid() })).toMatchObject({
      inserted: [aKey(3)],
      dropped: [key],
    });
    expect(admitKeys([key], [old], { ...partial, ...valid() })).toMatchObject({
      kind: "accepted",
      inserted: [],
      dropped: [key],
    });
  });

  test("there must be a token all the same", () => {
    expect(admitKeys([key], [old], partial)).toMatchObject({ code: "missing_revision_token" });
    expect(admitKeys([key], [old], { ...partial, ...unusable })).toMatchObject({
      code: "invalid_revision_token",
    });
  });
});

describe("the very same request again", () => {
  const own = stored(key, { insertedBy: insertedBy(identity, key.tek), reportType: "confirmed" });

  test("counts its keys as inserted again, without a token", () => {
    const first = admitKeys([key, aKey(2)]);
    expect(admitKeys([key, aKey(2)], [own])).toEqual(first);
  });

  test("also after another submission has revised the key", () => {
    const revision = {
      reportType: "negative",
      transmissionRisk: 6,
      revisedAtSeconds: 1,
      revisedBy: Buffer.alloc(16),
    } as const;
    expect(admitKeys([key], [{ ...own, reportType: "likely", revision }])).toMatchObject({ inserted: [key] });
  });

  test("counts its revision as made again, so that the token names the key", () => {
    const first = admitKeys([key], [old], valid(anEntry(old)));
    const revision = first.kind === "accepted" ? first.revised[0]?.revision : undefined;
    if (revision === undefined) throw new Error("not revised");
    const second = admitKeys([key], [{ ...old, revision }], valid(anEntry(old)));
    expect(second).toMatchObject({ revised: [{ revision }], tokenEntries: [anEntry(old)] });
  });

  test("does not cover a key that it inserted with another period", () => {
    expect(admitKeys([key], [{ ...own, rollingPeriod: 143 }])).toMatchObject({
      code: "missing_revision_token",
    });
  });

  test("does not cover a key that another submission inserted", () => {
    expect(admitKeys([key, aKey(2)], [own, stored(aKey(2))])).toMatchObject({
      code: "missing_revision_token",
    });
  });
});
