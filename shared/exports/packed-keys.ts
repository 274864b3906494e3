import type { ExportKey } from "./export-key.js";
import {
  KEY_BYTES_MAX,
  TEK_AT,
  TEK_BYTES,
  keyTag,
  writeKey,
  type KeyFieldNumber,
  type TekPlace,
} from "./write-key.js";

const SEGMENT_BYTES = 1_048_576;
/** Two to the power of 29: together with 24 bits of TEK, a position fits into a double. */
const POSITION_COUNT = 536_870_912;

/**
 * The keys of a window, each encoded when it comes, one after the other in a few large buffers: as objects, two million
 * of them would take more than a gigabyte.
 *
 * Of each key there is one number besides: the first three bytes of its TEK, then its position. Numbers are sorted many
 * times as fast as objects, and only the few keys that begin alike have to be compared.
 */
export class PackedKeys {
  readonly #segments: Buffer[] = [];
  /** Where the next key goes; the first segment is made with the first key. */
  #end = 0;
  #words = new Float64Array(64);
  #count = 0;

  get count(): number {
    return this.#count;
  }

  /** Throws a RangeError when the TEK has not 16 bytes, or there is no room for so many keys. */
  add(key: ExportKey): void {
    if (key.tek.length !== TEK_BYTES)
      throw new RangeError(`a TEK has ${TEK_BYTES} bytes, not ${key.tek.length}`);
    this.addFrom({ bytes: key.tek, tekAt: 0 }, key);
  }

  /** Adds a key whose TEK lies among other bytes. Throws a RangeError when there is no room for so many keys. */
  addFrom(tek: TekPlace, key: Omit<ExportKey, "tek">): void {
    const segment = this.#roomForOne();
    const start = this.#end % SEGMENT_BYTES;
    this.#took(segment, start, writeKey(segment, start, tek, key));
  }

  /** Takes back what was added last, so that `count` are left. Only before they are sorted. */
  backTo(count: number): void {
    if (count >= this.#count) return;
    this.#end = (this.#words[count] ?? 0) % POSITION_COUNT;
    this.#count = count;
  }

  /** Adds a key that is the one at `index` but for its TEK. */
  addLike(index: number, tek: Uint8Array): void {
    const original = this.#keyAt(index);
    const segment = this.#roomForOne();
    const start = this.#end % SEGMENT_BYTES;
    segment.set(original, start);
    segment.set(tek, start + TEK_AT);
    this.#took(segment, start, start + original.length);
  }

  /** The TEK of a key, not copied. */
  tekAt(index: number): Buffer {
    return this.#keyAt(index).subarray(TEK_AT, TEK_AT + TEK_BYTES);
  }

  /**
   * Puts the keys in the order of an export file, by the bytes of the TEK, so that the order tells nothing of the
   * phones. Equal TEKs are ordered by the rest, so that the result depends on the set of keys alone.
   */
  sort(): void {
    const words = this.#words.subarray(0, this.#count).sort();
    for (let from = 0; from < words.length;) {
      const to = endOfRun(words, from);
      if (to - from > 1) words.subarray(from, to).sort((a, b) => this.#compare(a, b));
      from = to;
    }
  }

  /** Writes the keys from index `from` to before `to` as one repeated field, and gives where they end. */
  copyTo(out: Buffer, at: number, fieldNumber: KeyFieldNumber, from: number, to: number): number {
    const tag = keyTag(fieldNumber);
    let end = at;
    for (let index = from; index < to; index++) {
      const position = (this.#words[index] ?? 0) % POSITION_COUNT;
      const segment = this.#segmentAt(position);
      const start = position % SEGMENT_BYTES;
      const keyEnd = start + keyBytes(segment, start);
      // Byte by byte: for so few bytes a call into Buffer.copy costs more.
      out[end++] = tag;
      for (let byte = start + 1; byte < keyEnd; byte++) out[end++] = segment[byte] ?? 0;
    }
    return end;
  }

  #took(segment: Buffer, start: number, end: number): void {
    if (this.#count === this.#words.length) this.#words = twiceAsLong(this.#words);
    const prefix = segment.readUInt32BE(start + TEK_AT) >>> 8;
    this.#words[this.#count++] = prefix * POSITION_COUNT + this.#end;
    this.#end += end - start;
  }

  /** The segment that the next key goes into; a key never lies in two. */
  #roomForOne(): Buffer {
    const used = this.#end % SEGMENT_BYTES;
    if (used + KEY_BYTES_MAX > SEGMENT_BYTES) this.#end += SEGMENT_BYTES - used;
    const index = Math.floor(this.#end / SEGMENT_BYTES);
    if (index * SEGMENT_BYTES >= POSITION_COUNT) throw new RangeError("a window can't hold so many keys");
    return (this.#segments[index] ??= Buffer.allocUnsafeSlow(SEGMENT_BYTES));
  }

  #keyAt(index: number): Buffer {
    return this.#keyOf(this.#words[index] ?? 0);
  }

  #keyOf(word: number): Buffer {
    const position = word % POSITION_COUNT;
    const segment = this.#segmentAt(position);
    const start = position % SEGMENT_BYTES;
    return segment.subarray(start, start + keyBytes(segment, start));
  }

  #segmentAt(position: number): Buffer {
    const segment = this.#segments[Math.floor(position / SEGMENT_BYTES)];
    if (segment === undefined) throw new RangeError("there is no such key");
    return segment;
  }

  #compare(a: number, b: number): number {
    return Buffer.compare(this.#keyOf(a).subarray(TEK_AT), this.#keyOf(b).subarray(TEK_AT));
  }
}

/** Its tag, its length, and as many bytes as that says. */
function keyBytes(segment: Buffer, start: number): number {
  return 2 + (segment[start + 1] ?? 0);
}

/** Where the run of keys ends whose TEKs have the same first three bytes. */
function endOfRun(words: Float64Array, from: number): number {
  const prefix = Math.floor((words[from] ?? 0) / POSITION_COUNT);
  const nextPrefix = (prefix + 1) * POSITION_COUNT;
  let to = from + 1;
  while ((words[to] ?? nextPrefix) < nextPrefix) to++;
  return to;
}

function twiceAsLong(words: Float64Array): Float64Array<ArrayBuffer> {
  const longer = new Float64Array(words.length * 2);
  longer.set(words);
  return longer;
}
