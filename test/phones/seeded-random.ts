import { createHash, randomBytes } from "node:crypto";

/** A small, fast random generator that gives the same numbers for the same seed. Not for secrets. */
export interface SeededRandom {
  /** An integer from 0 to `limit` - 1. */
  below(limit: number): number;
  bytes(count: number): Buffer;
}

/**
 * xoshiro128** (Blackman and Vigna), its 128 bits of state taken from a hash of the seed: with a smaller state the
 * phones of a large crowd would roll the same keys. Without a seed the state is random.
 */
export function seededRandom(seed?: string | number): SeededRandom {
  const state = seed === undefined ? randomBytes(16) : createHash("sha256").update(`${seed}`).digest();
  let a = state.readUInt32LE(0);
  let b = state.readUInt32LE(4);
  let c = state.readUInt32LE(8);
  let d = state.readUInt32LE(12);
  function next(): number {
    const result = Math.imul(rotateLeft(Math.imul(b, 5), 7), 9) >>> 0;
    const shifted = b << 9;
    c ^= a;
    d ^= b;
    b ^= c;
    a ^= d;
    c ^= shifted;
    d = rotateLeft(d, 11);
    return result;
  }
  return { below: (limit) => Math.floor((next() / 2 ** 32) * limit), bytes: (count) => fill(count, next) };
}

function fill(count: number, next: () => number): Buffer {
  const words = Uint32Array.from({ length: Math.ceil(count / 4) }, next);
  return Buffer.from(words.buffer, 0, count);
}

function rotateLeft(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits));
}
