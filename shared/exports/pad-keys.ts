import { createHmac, type KeyObject } from "node:crypto";
import type { PackedKeys } from "./packed-keys.js";
import type { ExportWindow } from "./window.js";
import { TEK_BYTES } from "./write-key.js";

// Few keys in an export are few people. Padding adds clones: keys that nobody has, each like a real one in all but its
// TEK. docs/decisions/0015-small-exports-are-padded.md tells what that hides and what it does not.

/** How a configuration's exports of few keys are padded. */
export interface Padding {
  /** Windows with fewer keys are padded; 0: none is. */
  readonly recordsMin: number;
  /** Padded are as many as the minimum and a number drawn from 0 to this. */
  readonly recordsRange: number;
}

export interface PaddingInput {
  readonly padding: Padding;
  /** Decides every draw and every clone, the same for all configurations of a deployment. */
  readonly secret: KeyObject;
  readonly configurationId: string;
  readonly window: ExportWindow;
  /** Keys and revised keys in one file, at most. */
  readonly recordsMax: number;
}

/** Adds the clones that the window needs to its keys. Revised keys are never padded. */
export function padKeys(keys: PackedKeys, revisedKeys: PackedKeys, input: PaddingInput): void {
  const count = cloneCount(keys.count, revisedKeys.count, {
    recordsMax: input.recordsMax,
    recordsMin: input.padding.recordsMin,
    draw: draw(input),
  });
  if (count === 0) return;
  const taken = new Set([...teks(keys), ...teks(revisedKeys)].map((tek) => tek.toString("hex")));
  for (const { source, tek } of earliestClones(keys, input.secret, taken, count)) keys.addLike(source, tek);
}

/**
 * How many clones fill up the last file, as the reference server counts (facts, §6.4), but to the target exactly and
 * not in whole rounds: a count that is a multiple of the real one gives that away.
 */
export function cloneCount(
  keyCount: number,
  revisedKeyCount: number,
  { recordsMax, recordsMin, draw }: { recordsMax: number; recordsMin: number; draw: number },
): number {
  if (keyCount === 0 || keyCount >= recordsMin) return 0;
  const inFullFiles = Math.floor((keyCount + revisedKeyCount - 1) / recordsMax) * recordsMax;
  const keysInLastFile = keyCount - inFullFiles;
  const target = recordsMin + draw;
  if (keysInLastFile <= 0 || keysInLastFile >= target) return 0;
  return Math.min(target - keysInLastFile, recordsMax - keysInLastFile - revisedKeyCount);
}

/** The text is longer than what a clone is derived from, so that the two uses of the secret can't meet. */
function draw({ secret, padding, configurationId, window }: PaddingInput): number {
  const text = `how many clones/${configurationId}/${window.startSeconds}-${window.endSeconds}`;
  return createHmac("sha256", secret).update(text).digest().readUIntBE(0, 6) % (padding.recordsRange + 1);
}

interface Clone {
  /** Index of the key that it imitates. */
  readonly source: number;
  readonly tek: Buffer;
  /** Clones are taken in the order of these. */
  readonly turn: number;
}

/** Gaps between the turns of a key's clones are the product of two numbers of 24 bits. */
const GAP_MEAN = 2 ** 46;

/**
 * The clones whose turn comes first. When a key's clones have their turns is up to the key alone, so that two exports
 * that hold the same keys take the same clones of each, as far as both need so many.
 */
function earliestClones(
  keys: PackedKeys,
  secret: KeyObject,
  taken: ReadonlySet<string>,
  count: number,
): Clone[] {
  const sources = Array.from({ length: keys.count }, (_, source) => source);
  for (let until = GAP_MEAN * (count / keys.count + 1); ; until *= 2) {
    const clones = sources.flatMap((source) =>
      clonesUntil({ source, until }, keys.tekAt(source), secret, taken),
    );
    if (clones.length >= count) return clones.sort(byTurn).slice(0, count);
  }
}

/**
 * The clones of one key whose turn comes by then. The product of two uniform numbers varies nearly as the gaps between
 * independent events do, so that some keys have none and others many, and it is the same on every machine.
 */
function clonesUntil(
  { source, until }: { source: number; until: number },
  tek: Buffer,
  secret: KeyObject,
  taken: ReadonlySet<string>,
): Clone[] {
  const clones: Clone[] = [];
  let turn = 0;
  for (let number = 1; ; number++) {
    const bytes = cloneBytes(secret, tek, number);
    turn += bytes.readUIntBE(16, 3) * bytes.readUIntBE(19, 3);
    if (turn > until) return clones;
    const clone = bytes.subarray(0, TEK_BYTES);
    // Somebody may have published a clone that he had downloaded.
    if (!taken.has(clone.toString("hex"))) clones.push({ source, tek: clone, turn });
  }
}

/** 16 bytes of TEK, and what its turn comes from. */
function cloneBytes(secret: KeyObject, tek: Buffer, number: number): Buffer {
  const input = Buffer.alloc(TEK_BYTES + 4);
  input.set(tek);
  input.writeUInt32BE(number, TEK_BYTES);
  return createHmac("sha256", secret).update(input).digest();
}

function byTurn(a: Clone, b: Clone): number {
  return a.turn - b.turn || Buffer.compare(a.tek, b.tek);
}

function* teks(keys: PackedKeys): Generator<Buffer, void, void> {
  for (let index = 0; index < keys.count; index++) yield keys.tekAt(index);
}
