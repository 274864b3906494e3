import { encodeKeys, type EncodedKeys, type KeyFieldNumber } from "./encode-keys.js";
import type { ExportKey } from "./export-key.js";

/** The TEK begins behind the key's tag and length and its own tag and length. */
const TEK_AT = 4;
/** Two to the power of 29: the index of any key fits, and together with 24 bits of TEK into a double. */
const INDEX_COUNT = 536_870_912;

/**
 * The keys of an export file in its order, by the bytes of the TEK, so that the order tells nothing of the phones.
 * Equal TEKs are ordered by the rest, so that the result depends on the set of keys alone.
 *
 * The keys are encoded in the order given and sorted afterwards, because visiting half a million keys in another order
 * than that in which they were made costs ten times as much. Throws a RangeError when a TEK has not 16 bytes.
 */
export function encodeSortedKeys(fieldNumber: KeyFieldNumber, keys: readonly ExportKey[]): EncodedKeys {
  const encoded = encodeKeys(fieldNumber, keys);
  const words = sortableWords(encoded).sort();
  sortRuns(encoded, words);
  return inOrder(encoded, words);
}

/**
 * One number a key: the first three bytes of the TEK, then the key's index. Numbers are sorted many times as fast as
 * objects, and only the few keys that begin alike have to be compared.
 */
function sortableWords({ bytes, starts }: EncodedKeys): Float64Array {
  const words = new Float64Array(starts.length - 1);
  for (let i = 0; i < words.length; i++) {
    const prefix = bytes.readUInt32BE((starts[i] ?? 0) + TEK_AT) >>> 8;
    words[i] = prefix * INDEX_COUNT + i;
  }
  return words;
}

/** Puts in order the keys that begin alike. */
function sortRuns(encoded: EncodedKeys, words: Float64Array): void {
  for (let from = 0; from < words.length;) {
    const to = endOfRun(words, from);
    if (to - from > 1) words.subarray(from, to).sort((a, b) => compareFromTek(encoded, a, b));
    from = to;
  }
}

/** Where the run of keys ends whose TEKs have the same first three bytes. */
function endOfRun(words: Float64Array, from: number): number {
  const prefix = Math.floor((words[from] ?? 0) / INDEX_COUNT);
  const nextPrefix = (prefix + 1) * INDEX_COUNT;
  let to = from + 1;
  while ((words[to] ?? nextPrefix) < nextPrefix) to++;
  return to;
}

function compareFromTek({ bytes, starts }: EncodedKeys, a: number, b: number): number {
  const [i, j] = [a % INDEX_COUNT, b % INDEX_COUNT];
  const first = bytes.subarray((starts[i] ?? 0) + TEK_AT, starts[i + 1]);
  return Buffer.compare(first, bytes.subarray((starts[j] ?? 0) + TEK_AT, starts[j + 1]));
}

/** Byte by byte in JavaScript: for so few bytes a call into Buffer.copy costs more. */
function inOrder({ bytes, starts }: EncodedKeys, words: Float64Array): EncodedKeys {
  const sortedBytes = Buffer.allocUnsafe(bytes.length);
  const sortedStarts = new Uint32Array(starts.length);
  let to = 0;
  for (let position = 0; position < words.length; position++) {
    const index = (words[position] ?? 0) % INDEX_COUNT;
    const end = starts[index + 1] ?? 0;
    for (let from = starts[index] ?? 0; from < end; from++) sortedBytes[to++] = bytes[from] ?? 0;
    sortedStarts[position + 1] = to;
  }
  return { bytes: sortedBytes, starts: sortedStarts };
}
