import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { HealthAuthorityKey } from "../../shared/keys/health-authority.js";
import { aListedKey } from "./a-listed-key.test-support.js";
import type { ListedKey } from "./key-document.js";
import { nextKeys, type KnownKeys, type NextKeys } from "./next-keys.js";

const now = 1_800_000_000;
const limits = { cleanupSeconds: 1000, keysKeptMax: 10 };
const publicKeys = Array.from({ length: 6 }, () => aListedKey().publicKey);
const [keyA, keyB, keyC] = publicKeys.map((publicKey) => ({ publicKey }));
if (keyA === undefined || keyB === undefined || keyC === undefined) throw new Error("there are six keys");

/** A known key; valid since yesterday unless told otherwise. */
function known(key: Pick<ListedKey, "publicKey">, version: string, times: Partial<HealthAuthorityKey> = {}) {
  return { ...key, version, fromSeconds: now - 86_400, ...times };
}

function listed(key: Pick<ListedKey, "publicKey">, kid: string | undefined): ListedKey {
  return { ...key, kid };
}

function discovered(...keys: readonly HealthAuthorityKey[]): KnownKeys {
  return { discovered: keys, given: [] };
}

function after(
  knownKeys: KnownKeys,
  keys: readonly ListedKey[],
  at = now,
): Extract<NextKeys, { kind: "next" }> {
  const next = nextKeys(knownKeys, keys, at, limits);
  if (next.kind === "broken") throw new Error(next.reason);
  return next;
}

const none = { added: [], revoked: [], reinstated: [], purged: [] };

test("a new key is added under its kid, from now, without an end", () => {
  const next = after(discovered(), [listed(keyA, "v1")]);
  expect(next.discovered).toEqual([{ version: "v1", fromSeconds: now, publicKey: keyA.publicKey }]);
  expect(next.changes).toEqual({ ...none, added: ["v1"] });
});

test("a known key that is listed stays as it is, whatever its kid says now", () => {
  for (const kid of ["v1", "v9", undefined]) {
    const next = after(discovered(known(keyA, "v1")), [listed(keyA, kid)]);
    expect(next.discovered).toEqual([known(keyA, "v1")]);
    expect(next.changes).toEqual(none);
  }
});

test("a key that is not listed any more is revoked now", () => {
  const next = after(discovered(known(keyA, "v1"), known(keyB, "v2")), [listed(keyB, "v2")]);
  expect(next.discovered).toEqual([known(keyA, "v1", { thruSeconds: now }), known(keyB, "v2")]);
  expect(next.changes).toEqual({ ...none, revoked: ["v1"] });
});

test("a document that lists none of the old keys and a new one is a rotation", () => {
  const next = after(discovered(known(keyA, "v1")), [listed(keyB, "v2")]);
  expect(next.changes).toEqual({ ...none, added: ["v2"], revoked: ["v1"] });
});

test("a revoked key keeps the time of its revocation", () => {
  const revoked = known(keyA, "v1", { thruSeconds: now - 500 });
  const next = after(discovered(revoked, known(keyB, "v2")), [listed(keyB, "v2")]);
  expect(next.discovered).toEqual([revoked, known(keyB, "v2")]);
  expect(next.changes).toEqual(none);
});

test("a revoked key that is listed again is reinstated", () => {
  const next = after(discovered(known(keyA, "v1", { thruSeconds: now - 500 })), [listed(keyA, "v1")]);
  expect(next.discovered).toEqual([known(keyA, "v1")]);
  expect(next.changes).toEqual({ ...none, reinstated: ["v1"] });
});

test("a key that would be revoked before it begins ends when it begins", () => {
  const early = known(keyA, "v1", { fromSeconds: now + 50 });
  const next = after(discovered(early), [listed(keyB, "v2")]);
  expect(next.discovered[0]).toEqual({ ...early, thruSeconds: now + 50 });
});

test.each([
  [1000, 1],
  [1001, 0],
])("a key that was revoked %i s ago is remembered: %i", (agoSeconds, remembered) => {
  const revoked = known(keyA, "v1", { thruSeconds: now - agoSeconds });
  const next = after(discovered(revoked), [listed(keyB, "v2")]);
  expect(next.discovered).toHaveLength(1 + remembered);
  expect(next.changes.purged).toHaveLength(1 - remembered);
});

test("more revoked keys than are kept: those revoked first are forgotten", () => {
  const revoked = publicKeys
    .slice(0, 5)
    .map((publicKey, index) => known({ publicKey }, `r${index}`, { thruSeconds: now - index }));
  const fresh = listed({ publicKey: publicKeys[5] ?? keyA.publicKey }, "v1");
  const next = nextKeys(discovered(...revoked), [fresh], now, { ...limits, keysKeptMax: 3 });
  expect(next).toMatchObject({ kind: "next", changes: { added: ["v1"], purged: ["r2", "r3", "r4"] } });
});

describe("several keys with one kid", () => {
  test("a new key takes its version over from one that is not listed any more", () => {
    const next = after(discovered(known(keyA, "v1")), [listed(keyB, "v1")]);
    expect(next.discovered).toEqual([
      known(keyA, "v1", { thruSeconds: now }),
      { version: "v1", fromSeconds: now, publicKey: keyB.publicKey },
    ]);
  });

  test("a new key takes its version over from one that is still listed, and keeps it", () => {
    const document = [listed(keyA, "v1"), listed(keyB, "v1")];
    const next = after(discovered(known(keyA, "v1")), document);
    expect(next.changes).toEqual({ ...none, added: ["v1"], revoked: ["v1"] });
    expect(next.discovered[0]).toMatchObject({ thruSeconds: now });
    const later = after(discovered(...next.discovered), document.toReversed(), now + 60);
    expect(later.discovered).toEqual(next.discovered);
    expect(later.changes).toEqual(none);
  });

  test("of two new keys the first has it, and the next look decides alike, even when the other is long over", () => {
    const document = [listed(keyA, "v1"), listed(keyB, "v1")];
    const first = after(discovered(), document);
    expect(first.discovered.map(({ thruSeconds }) => thruSeconds)).toEqual([undefined, now]);
    for (const at of [now + 60, now + 5000]) {
      const next = after(discovered(...first.discovered), document.toReversed(), at);
      expect(next.discovered).toEqual(first.discovered);
    }
  });
});

describe("keys that operators gave", () => {
  const given = known(keyA, "v1");
  test("are not recorded while they are listed", () => {
    expect(after({ discovered: [], given: [given] }, [listed(keyA, "other")]).discovered).toEqual([]);
  });

  test("are recorded as revoked once when they are not", () => {
    const next = after({ discovered: [], given: [given] }, [listed(keyB, "v2")]);
    expect(next.discovered).toContainEqual({ ...given, thruSeconds: now });
    const again = after({ discovered: next.discovered, given: [given] }, [listed(keyB, "v2")], now + 9999);
    expect(again.discovered).toEqual(next.discovered);
  });

  test("are recorded once where they have two versions", () => {
    const next = after({ discovered: [], given: [given, known(keyA, "v0")] }, [listed(keyB, "v2")]);
    expect(next.discovered).toHaveLength(2);
  });

  test("that an operator has ended are recorded with that end", () => {
    const over = { ...given, thruSeconds: now - 5 };
    const next = after({ discovered: [], given: [over] }, [listed(keyB, "v2")]);
    expect(next.discovered).toContainEqual(over);
    expect(next.changes).toEqual({ ...none, added: ["v2"] });
  });
});

describe("a new key without a kid is left out", () => {
  test("and counted", () => {
    const next = after(discovered(), [listed(keyA, "v1"), listed(keyB, undefined)]);
    expect(next).toMatchObject({ withoutKid: 1, changes: { added: ["v1"] } });
  });

  test("and revokes nothing when it is the only one", () => {
    const next = nextKeys(discovered(known(keyA, "v1")), [listed(keyB, undefined)], now, limits);
    expect(next).toEqual({ kind: "broken", reason: "no_usable_key", withoutKid: 1 });
  });
});

describe("after any history of documents", () => {
  const entry = fc.record({
    key: fc.constantFrom(...publicKeys),
    kid: fc.constantFrom("a", "b", "c", undefined),
  });
  const document = fc.uniqueArray(entry, { minLength: 1, maxLength: 6, selector: ({ key }) => key });
  const history = fc.array(fc.tuple(document, fc.integer({ min: 1, max: 2000 })), { maxLength: 8 });

  test("no version has two valid keys, no key is known twice, only listed keys are valid, a second look changes nothing", () => {
    fc.assert(
      fc.property(history, (steps) => {
        let keys: readonly HealthAuthorityKey[] = [];
        let at = now;
        for (const [entries, pauseSeconds] of steps) {
          at += pauseSeconds;
          const document = entries.map(({ key, kid }) => ({ publicKey: key, kid }));
          const next = nextKeys(discovered(...keys), document, at, limits);
          if (next.kind === "broken") continue;
          const valid = next.discovered.filter(({ thruSeconds }) => thruSeconds === undefined);
          expect(new Set(valid.map(({ version }) => version)).size).toBe(valid.length);
          expect(valid.length).toBeGreaterThan(0);
          for (const key of valid) expect(entries.some((one) => one.key === key.publicKey)).toBe(true);
          expect(new Set(next.discovered.map(({ publicKey }) => publicKey)).size).toBe(
            next.discovered.length,
          );
          expect(after(discovered(...next.discovered), document, at).discovered).toEqual(next.discovered);
          keys = next.discovered;
        }
      }),
    );
  });
});
