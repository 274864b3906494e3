import { tekstream } from "../../schemas/generated/revision/v1/token.js";

const { RevisionTokenData } = tekstream.revision.v1;

/** A key that the bearer of a token may revise. */
export interface TokenEntry {
  /** 16 bytes. */
  readonly tek: Buffer;
  readonly rollingStartIntervalNumber: number;
  readonly rollingPeriod: number;
  /** Proof of the submission that inserted the key (16 bytes); absent in tokens of a reference server. */
  readonly insertedBy?: Buffer;
}

/** Where the log holds the latest submission behind a token. */
export interface LogPosition {
  readonly partition: number;
  readonly offset: number;
}

/** What a revision token says. */
export interface TokenContent {
  readonly entries: readonly TokenEntry[];
  /** Absent in tokens of a reference server. */
  readonly position?: LogPosition;
}

/** Entries that a token has room for before its length changes, and by which it grows then. */
export const tokenEntriesDefault = 28;

/** The plaintext of a token, without padding (reference server facts, §4.1). */
export function encodeTokenContent(content: TokenContent): Buffer {
  return asBuffer(RevisionTokenData.encode(toMessage(content)).finish());
}

/**
 * The plaintext of a token, filled up with zeros to a multiple of one length that has room for `entriesStep`
 * entries: the length does not tell how many keys a token holds, up to that number, and beyond only roughly.
 */
export function encodePaddedTokenContent(content: TokenContent, entriesStep: number): Buffer {
  const stepBytes = entriesStep * entryBytesMax + positionBytesMax + paddingBytesMin;
  const writer = RevisionTokenData.encode(toMessage(content));
  const target = Math.ceil((writer.len + paddingBytesMin) / stepBytes) * stepBytes;
  // A message may come in pieces, and the padding has the last number: the bytes are those of the whole.
  const padding = new Uint8Array(target - writer.len - paddingHeadBytes);
  return asBuffer(RevisionTokenData.encode({ padding }, writer).finish());
}

/**
 * Reads the plaintext of a token. Entries whose numbers are both 0 are padding and left out. Throws if the bytes are not
 * such a message.
 */
export function decodeTokenContent(plaintext: Uint8Array): TokenContent {
  const { revisableKeys, partition, offset } = RevisionTokenData.decode(plaintext);
  const entries = revisableKeys.map(toEntry).filter((entry) => !isPadding(entry));
  if (typeof partition !== "number" || typeof offset !== "number") return { entries };
  return { entries, position: { partition, offset } };
}

// Keys of real dates take at most 46 bytes each, the position 17.
const entryBytesMax = 46;
const positionBytesMax = 17;
// A padding of 128 to 16,383 bytes is always preceded by one byte of tag and two of length, so that any target is met.
const paddingHeadBytes = 3;
const paddingBytesMin = paddingHeadBytes + 128;

function toMessage({ entries, position }: TokenContent): tekstream.revision.v1.RevisionTokenData.$Properties {
  const revisableKeys = entries.map((entry) => ({
    temporaryExposureKey: entry.tek,
    intervalNumber: entry.rollingStartIntervalNumber,
    intervalCount: entry.rollingPeriod,
    insertedBy: entry.insertedBy ?? null,
  }));
  return { revisableKeys, partition: position?.partition ?? null, offset: position?.offset ?? null };
}

function toEntry(key: tekstream.revision.v1.RevisableKey.$Properties): TokenEntry {
  const entry = {
    tek: asBuffer(key.temporaryExposureKey ?? new Uint8Array()),
    rollingStartIntervalNumber: key.intervalNumber ?? 0,
    rollingPeriod: key.intervalCount ?? 0,
  };
  const proof = key.insertedBy;
  return proof === null || proof === undefined || proof.length === 0
    ? entry
    : { ...entry, insertedBy: asBuffer(proof) };
}

function isPadding(entry: TokenEntry): boolean {
  return entry.rollingStartIntervalNumber === 0 && entry.rollingPeriod === 0;
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
