import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { aListedKey } from "./a-listed-key.test-support.js";
import { brokenReasons, ignoredReasons, parseKeyDocument, type KeyDocument } from "./key-document.js";

const one = aListedKey("v1");
const two = aListedKey("v2");

function parse(document: unknown): KeyDocument {
  return parseKeyDocument(JSON.stringify(document), 5);
}

function kidsOf(document: KeyDocument): (string | undefined)[] {
  return document.kind === "listed" ? document.keys.map(({ kid }) => kid) : [];
}

test.each([
  ["a bare array", [one.jwk, two.jwk]],
  ["an object with keys", { keys: [one.jwk, two.jwk] }],
  ["an object with more than keys", { keys: [one.jwk, two.jwk], expires: 5 }],
  ["keys that say what they are for", [one, two].map(({ jwk }) => ({ ...jwk, use: "sig", alg: "ES256" }))],
  ["keys that verify", [one, two].map(({ jwk }) => ({ ...jwk, key_ops: ["verify"] }))],
])("%s is read", (_what, document) => {
  const parsed = parse(document);
  expect(parsed).toMatchObject({ kind: "listed", ignored: [] });
  expect(kidsOf(parsed)).toEqual(["v1", "v2"]);
  expect(parsed.kind === "listed" && parsed.keys[1]?.publicKey.equals(two.publicKey)).toBe(true);
});

describe("a document that says nothing usable is told apart from a list", () => {
  test.each([
    ["", "empty"],
    [" \n", "empty"],
    ["[]", "empty"],
    ['{"keys":[]}', "empty"],
    ["<html>", "not_json"],
    ["[", "not_json"],
    ["[]x", "not_json"],
    ["{}", "other_form"],
    ["null", "other_form"],
    ['"keys"', "other_form"],
    ['{"keys":{}}', "other_form"],
    ["[1]", "no_usable_key"],
    [JSON.stringify(Array.from({ length: 6 }, () => one.jwk)), "too_many_keys"],
  ])("%j is %s", (text, reason) => {
    expect(parseKeyDocument(text, 5)).toMatchObject({ kind: "broken", reason });
  });
});

const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export({ format: "jwk" });
const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export({ format: "jwk" });

describe("an entry that is no key for certificates is left out with its reason, and the others stay", () => {
  test.each([
    ["a number", 1, "not_a_key"],
    ["nothing", null, "not_a_key"],
    ["a list", [], "not_a_key"],
    ["a private key", { ...two.jwk, ...two.privateKey.export({ format: "jwk" }) }, "private_key"],
    ["a key that encrypts", { ...two.jwk, use: "enc" }, "other_use"],
    ["a key that signs only", { ...two.jwk, key_ops: ["sign"] }, "other_use"],
    ["a use of another type", { ...two.jwk, use: 1 }, "other_use"],
    ["another algorithm", { ...two.jwk, alg: "ES384" }, "other_algorithm"],
    ["another curve", { ...p384, kid: "v2" }, "other_algorithm"],
    ["an RSA key", { ...rsa, kid: "v2" }, "other_algorithm"],
    ["an object without a type", {}, "other_algorithm"],
    ["a point off the curve", { ...two.jwk, y: one.jwk.y }, "bad_point"],
    ["the point zero", { ...two.jwk, x: "AA", y: "AA" }, "bad_point"],
    ["half a point", { ...two.jwk, y: undefined }, "bad_point"],
    ["a coordinate that is too long", { ...two.jwk, x: `A${two.jwk.x ?? ""}` }, "bad_point"],
    ["the same key under another name", { ...one.jwk, kid: "v2" }, "repeated"],
  ])("%s", (_what, entry, reason) => {
    const parsed = parse([one.jwk, entry]);
    expect(parsed).toMatchObject({ kind: "listed", ignored: [reason] });
    expect(kidsOf(parsed)).toEqual(["v1"]);
    if (reason !== "repeated")
      expect(parse([entry])).toEqual({ kind: "broken", reason: "no_usable_key", ignored: [reason] });
  });
});

test.each([undefined, 5, "", " v1", "v\n1", "x".repeat(201)])("a kid %j names no version", (kid) => {
  expect(kidsOf(parse([{ ...one.jwk, kid }]))).toEqual([undefined]);
});

test("the same point written with or without leading zeros is the same key", () => {
  let pair = aListedKey();
  while (!(pair.jwk.x ?? "").startsWith("A")) pair = aListedKey();
  const bytes = Buffer.from(pair.jwk.x ?? "", "base64url");
  const short = bytes.subarray(bytes[0] === 0 ? 1 : 0).toString("base64url");
  expect(parse([pair.jwk, { ...pair.jwk, x: short }])).toMatchObject({ ignored: ["repeated"] });
});

describe("whatever arrives, the outcome is one of those that are known", () => {
  function expectKnown(document: KeyDocument): void {
    const isNew = document.ignored.every((reason) => ignoredReasons.includes(reason));
    expect(isNew).toBe(true);
    if (document.kind === "broken") expect(brokenReasons).toContain(document.reason);
    else expect(document.keys.length).toBeGreaterThan(0);
  }

  test("any text", () => {
    fc.assert(fc.property(fc.string(), (text) => expectKnown(parseKeyDocument(text, 5))));
  });

  test("any JSON, in both forms", () => {
    const entries = fc.array(fc.jsonValue(), { maxLength: 7 });
    const documents = fc.oneof(
      entries,
      entries.map((keys) => ({ keys })),
      fc.jsonValue(),
    );
    fc.assert(fc.property(documents, (document) => expectKnown(parse(document))));
  });

  test("keys with any fields changed", () => {
    const names = ["kty", "crv", "x", "y", "use", "alg", "key_ops", "kid", "d", "__proto__"];
    const values = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom("EC", "P-256", "sig", "ES256", two.jwk.x, one.jwk.y),
    );
    const changes = fc.dictionary(fc.constantFrom(...names), values);
    fc.assert(
      fc.property(fc.array(changes, { maxLength: 5 }), (all) => {
        const parsed = parse([one.jwk, ...all.map((change) => ({ ...two.jwk, ...change }))]);
        expectKnown(parsed);
        // What else is in the document takes no good key away.
        if (all.length < 5) expect(kidsOf(parsed)[0]).toBe("v1");
      }),
    );
  });
});
