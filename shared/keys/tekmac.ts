import { createHmac, timingSafeEqual } from "node:crypto";
import type { PublishedKey } from "./publish-request.js";

/**
 * The keys in the order that the tekmac covers: by the bytes of the text as sent. Messages about keys count in this
 * order once a certificate has got as far as its tekmac (reference server facts, §1.5). Of equal texts the one sent last
 * comes first: so the reference server sorts, and a tekmac over a key sent twice depends on it.
 */
export function inTekmacOrder(keys: readonly PublishedKey[]): PublishedKey[] {
  return keys.toReversed().sort((a, b) => compareAsUtf8(a.key, b.key));
}

/** Whether a tekmac covers these keys, sorted by `inTekmacOrder`, under the phone's secret (reference server facts, §3.4). */
export function isTekmacValid(sortedKeys: readonly PublishedKey[], secret: Buffer, tekmac: Buffer): boolean {
  return tekmacCleartexts(sortedKeys).some((text) => isSame(hmac(secret, text), tekmac));
}

/**
 * The texts that a tekmac may cover: each key as `<text>.<start>.<period>.<risk>`, joined by commas; and, if every risk
 * is 0, the same without risks.
 */
export function tekmacCleartexts(sortedKeys: readonly PublishedKey[]): string[] {
  const withoutRisk = sortedKeys.map((key) => `${key.key}.${key.rollingStartNumber}.${key.rollingPeriod}`);
  const withRisk = sortedKeys.map((key, index) => `${withoutRisk[index]}.${key.transmissionRisk}`);
  const allZero = sortedKeys.every((key) => key.transmissionRisk === 0);
  return allZero ? [withRisk.join(","), withoutRisk.join(",")] : [withRisk.join(",")];
}

function hmac(secret: Buffer, text: string): Buffer {
  return createHmac("sha256", secret).update(text, "utf8").digest();
}

function isSame(expected: Buffer, given: Buffer): boolean {
  return expected.length === given.length && timingSafeEqual(expected, given);
}

// JavaScript compares UTF-16 units, the reference server UTF-8 bytes. They differ only between surrogates and what lies above them.
function compareAsUtf8(a: string, b: string): number {
  if (a === b) return 0;
  const lengthMin = Math.min(a.length, b.length);
  let at = 0;
  while (at < lengthMin && a.charCodeAt(at) === b.charCodeAt(at)) at += 1;
  if (at === lengthMin) return a.length - b.length;
  return utf8Rank(a.charCodeAt(at)) - utf8Rank(b.charCodeAt(at));
}

function utf8Rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x1_0000 : unit;
}
