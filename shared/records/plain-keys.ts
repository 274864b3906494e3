import { tekstream as acceptedV1 } from "../../schemas/generated/keys/v1/accepted.js";
import type { AcceptedRecord } from "../topology.js";
import type { ReportTypeNumber } from "./report-type-number.js";

type Origin = AcceptedRecord["origins"][number];

/** Tags of keys.v1.Accepted and of its messages: the field number times eight, and the wire type. */
const tag = { origins: 0x12, inserted: 0x1a, revised: 0x22, outcomes: 0x2a, source: 0x32 } as const;
const varint = 0;
const byteString = 2;

const tekBytes = 16;
const bitsOfReportTypes = 0b101111;

/** What a diagnosis says of a key. */
class Diagnosis {
  reportType: ReportTypeNumber = 0;
  transmissionRisk = 0;
  daysSinceOnset: number | undefined = undefined;
  /** Index into the origins; undefined where the message does not say. */
  origin: number | undefined = undefined;

  clear(): void {
    this.reportType = 0;
    this.transmissionRisk = 0;
    this.daysSinceOnset = undefined;
    this.origin = undefined;
  }
}

/**
 * The keys of one record of keys.accepted or keys.embargoed, one after the other, read where they lie: a window has
 * hundreds of thousands, and to make objects of each costs most of what reading them does.
 *
 * Only records as this project writes them are read this way, with sound values. At the first byte that is anything
 * else, well-formed or not, reading ends and `isPlain` is false: then the generated code has to judge the whole record.
 */
export class PlainKeys {
  readonly bytes: Uint8Array;
  #at = 0;

  isPlain = true;
  /** Those read so far; keys come after the origins that they point to. */
  readonly origins: Origin[] = [];

  // The key that `next` has come to.
  isRevised = false;
  /** Where its 16 bytes begin. */
  tekAt = 0;
  rollingStartIntervalNumber = 0;
  rollingPeriod = 0;
  releaseSeconds = 0;
  readonly first = new Diagnosis();
  /** Meaningful in revised keys. */
  readonly revision = new Diagnosis();

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Comes to the next key; false when there is none, or the record is not plain. */
  next(): boolean {
    while (this.isPlain && this.#at < this.bytes.length) {
      const found = this.bytes[this.#at++];
      const end = this.#endOfMessage(this.bytes.length);
      if (found === tag.inserted || found === tag.revised) {
        this.isRevised = found === tag.revised;
        return this.#readKey(end);
      }
      this.#readByGeneratedCode(found, end);
      this.#at = end;
    }
    return false;
  }

  /** What is not a key is read for its origins, and to know that it can be read. */
  #readByGeneratedCode(found: number | undefined, end: number): void {
    const { Origin, Outcome, SourceRange } = acceptedV1.keys.v1.Accepted;
    const message = this.bytes.subarray(this.#at, end);
    try {
      if (found === tag.origins) this.origins.push(Origin.decode(message));
      else if (found === tag.outcomes) Outcome.decode(message);
      else if (found === tag.source) SourceRange.decode(message);
      else this.isPlain = false;
    } catch {
      this.isPlain = false;
    }
  }

  #readKey(end: number): boolean {
    this.first.clear();
    this.tekAt = -1;
    this.rollingStartIntervalNumber = 0;
    this.rollingPeriod = 0;
    this.releaseSeconds = 0;
    let hasRevision = false;
    while (this.#at < end && this.isPlain) {
      const found = this.bytes[this.#at++] ?? 0;
      const field = found >>> 3;
      if ((found & 7) === varint) this.#readNumberOfKey(field, this.#varint(end));
      else if ((found & 7) === byteString) {
        const fieldEnd = this.#endOfMessage(end);
        if (field === 1) this.tekAt = fieldEnd - this.#at === tekBytes ? this.#at : -1;
        else if (field === 12) {
          // A second one would replace the first.
          if (hasRevision) this.isPlain = false;
          hasRevision = true;
          this.#readRevision(fieldEnd);
        } else if (field !== 9) this.isPlain = false;
        this.#at = fieldEnd;
      } else this.isPlain = false;
    }
    return this.#isSound(hasRevision) || (this.isPlain = false);
  }

  #readNumberOfKey(field: number, value: number): void {
    if (field === 2) this.rollingStartIntervalNumber = value;
    else if (field === 3) this.rollingPeriod = value;
    else if (field === 4) this.first.transmissionRisk = value;
    else if (field === 5) this.first.daysSinceOnset = zigzag(value);
    else if (field === 6) this.first.reportType = value as ReportTypeNumber;
    else if (field === 7) this.first.origin = value;
    else if (field === 11) this.releaseSeconds = value;
    else if (field !== 8 && field !== 10 && field !== 13) this.isPlain = false;
  }

  #readRevision(end: number): void {
    this.revision.clear();
    while (this.#at < end && this.isPlain) {
      const found = this.bytes[this.#at++] ?? 0;
      const field = found >>> 3;
      if ((found & 7) === varint) this.#readNumberOfRevision(field, this.#varint(end));
      else if ((found & 7) === byteString && (field === 5 || field === 6)) {
        const fieldEnd = this.#endOfMessage(end);
        if (field === 5) this.#expectAscii(fieldEnd);
        this.#at = fieldEnd;
      } else this.isPlain = false;
    }
  }

  /** A string that is not UTF-8 makes the generated code refuse the record. */
  #expectAscii(end: number): void {
    for (let at = this.#at; at < end; at++) if ((this.bytes[at] ?? 0) >= 0x80) this.isPlain = false;
  }

  #readNumberOfRevision(field: number, value: number): void {
    if (field === 1) this.revision.reportType = value as ReportTypeNumber;
    else if (field === 2) this.revision.transmissionRisk = value;
    else if (field === 3) this.revision.daysSinceOnset = zigzag(value);
    else if (field === 9) this.revision.origin = value;
    else if (field !== 4 && field !== 7 && field !== 8) this.isPlain = false;
  }

  /** The rules of `checkKeyRecords`, or stricter ones. */
  #isSound(hasRevision: boolean): boolean {
    const { tekAt, rollingStartIntervalNumber, rollingPeriod, first, revision, origins } = this;
    return (
      tekAt >= 0 &&
      this.isRevised === hasRevision &&
      rollingStartIntervalNumber >= 1 &&
      rollingStartIntervalNumber <= 0x7fffffff &&
      rollingPeriod >= 1 &&
      rollingPeriod <= 144 &&
      isSound(first, origins.length) &&
      (!hasRevision || isSound(revision, origins.length))
    );
  }

  /** Reads a length, and gives where as many bytes end. */
  #endOfMessage(limit: number): number {
    const length = this.#varint(limit);
    if (length > limit - this.#at) this.isPlain = false;
    return Math.min(this.#at + length, limit);
  }

  /** Reads at most six bytes: negative numbers, which take ten, are never sound. */
  #varint(end: number): number {
    let value = 0;
    let factor = 1;
    for (let count = 0; count < 6 && this.#at < end; count++) {
      const byte = this.bytes[this.#at++] ?? 0;
      if (byte < 0x80) return value + byte * factor;
      value += (byte & 0x7f) * factor;
      factor *= 128;
    }
    this.isPlain = false;
    return 0;
  }
}

/** Whether a record holds sound keys, as this project writes them, and nothing else. */
export function isPlain(payload: Uint8Array): boolean {
  const read = new PlainKeys(payload);
  while (read.next());
  return read.isPlain;
}

function isSound(
  { reportType, transmissionRisk, daysSinceOnset, origin }: Diagnosis,
  origins: number,
): boolean {
  return (
    reportType < 6 &&
    ((bitsOfReportTypes >>> reportType) & 1) === 1 &&
    transmissionRisk <= 8 &&
    (daysSinceOnset === undefined || (daysSinceOnset >= -14 && daysSinceOnset <= 14)) &&
    (origin ?? 0) < origins
  );
}

/** 0, -1, 1, -2 are written as 0, 1, 2, 3. */
function zigzag(value: number): number {
  return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
}
