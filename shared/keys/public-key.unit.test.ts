import { generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { parsePublicKey } from "./public-key.js";

const keys = new URL("../../test/vectors/verification/keys/", import.meta.url);
const good = readFileSync(new URL("ha-v1.public.pem", keys), "utf8");
const spki = { type: "spki", format: "pem" } as const;

test("a P-256 key is read", () => {
  const result = parsePublicKey(good);
  expect(result.ok && result.key.export(spki)).toBe(good);
});

const rsa = generateKeyPairSync("rsa", { modulusLength: 1024 }).publicKey.export(spki).toString();
const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).publicKey.export(spki).toString();
const [first = "", ...lines] = good.trim().split("\n");
const der = Buffer.from(lines.slice(0, -1).join(""), "base64");
const offCurve = Buffer.concat([der.subarray(0, -1), Buffer.from([(der.at(-1) ?? 0) ^ 1])]).toString(
  "base64",
);

test.each([
  ["nothing", "", "expected one PEM block, BEGIN PUBLIC KEY"],
  ["no PEM", "hello", "expected one PEM block, BEGIN PUBLIC KEY"],
  ["two keys", good + good, "expected one PEM block, BEGIN PUBLIC KEY"],
  [
    "a private key",
    readFileSync(new URL("ha-v1.private.pem", keys), "utf8"),
    expect.stringMatching(/^expected a PEM block PUBLIC KEY, got .*PRIVATE KEY$/),
  ],
  ["an RSA key", rsa, "expected an elliptic curve key, got algorithm 1.2.840.113549.1.1.1"],
  ["another curve", p384, "expected the curve P-256, got 1.3.132.0.34"],
  [
    "a point off the curve",
    `${first}\n${offCurve}\n-----END PUBLIC KEY-----`,
    "the public key is not a point on the curve P-256",
  ],
  [
    "no key in the block",
    `${first}\nAAAA\n-----END PUBLIC KEY-----`,
    "the PEM block does not hold a PKIX public key",
  ],
])("%s is refused with a clear sentence", (_, pem, error) => {
  expect(parsePublicKey(pem)).toEqual({ ok: false, error });
});
