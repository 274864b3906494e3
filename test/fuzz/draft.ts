import type { SeededRandom } from "../phones/seeded-random.js";

/** A request before it becomes bytes: what mutations change. */
export interface Draft {
  readonly method: string;
  /** As it stands in the request line. */
  readonly target: string;
  /** Texts are Latin-1, so that any byte can be sent. The length and the framing are added to them. */
  readonly headers: readonly Header[];
  readonly body: Buffer;
  /** How the body's end is told; "broken chunks" tells it wrongly. */
  readonly framing: "length" | "chunks" | "broken chunks";
  /** Whether the client goes away in the middle of the request. */
  readonly goesAway: boolean;
  /** In how many writes it is sent, with pauses in between. */
  readonly writes: number;
}

export type Header = readonly [name: string, value: string];

/** A request as it is sent. */
export interface WireRequest {
  /** What is written at once, in this order. */
  readonly pieces: readonly Buffer[];
  /** Whether the client goes away behind the last piece instead of waiting for the answer. */
  readonly goesAway: boolean;
  /** An answer to HEAD has the length of a body and no body. */
  readonly isHead: boolean;
}

/** Node answers 431 to longer heads by itself, which would test Node only. */
export const headBytesMax = 16_000;

/** @throws {Error} when the head is too long: then a mutation is at fault. */
export function toWire(draft: Draft, random: SeededRandom): WireRequest {
  const framed = framedBody(draft, random);
  const lines = [["Host", "127.0.0.1"], ...draft.headers, framed.header].map((header) => header.join(": "));
  const head = Buffer.from(
    `${draft.method} ${draft.target} HTTP/1.1\r\n${lines.join("\r\n")}\r\n\r\n`,
    "latin1",
  );
  if (head.length > headBytesMax) throw new Error(`a head of ${head.length} bytes`);
  const whole = Buffer.concat([head, framed.bytes]);
  const sent = draft.goesAway ? whole.subarray(0, 1 + random.below(whole.length - 1)) : whole;
  return {
    pieces: cut(sent, draft.writes, random),
    goesAway: draft.goesAway,
    isHead: draft.method === "HEAD",
  };
}

/** The value of the last header of this name. */
export function headerOf(draft: Draft, name: string): string | undefined {
  return draft.headers.findLast(([other]) => other.toLowerCase() === name.toLowerCase())?.[1];
}

function framedBody({ body, framing }: Draft, random: SeededRandom): { header: Header; bytes: Buffer } {
  if (framing === "length") return { header: ["Content-Length", String(body.length)], bytes: body };
  const chunks = cut(body, 1 + random.below(8), random).map((chunk) =>
    Buffer.concat([Buffer.from(`${chunk.length.toString(16)}\r\n`), chunk, Buffer.from("\r\n")]),
  );
  const end = framing === "chunks" ? "0\r\n\r\n" : (brokenEnds[random.below(brokenEnds.length)] ?? "");
  return { header: ["Transfer-Encoding", "chunked"], bytes: Buffer.concat([...chunks, Buffer.from(end)]) };
}

const brokenEnds = [
  "zz\r\n\r\n",
  "-1\r\n\r\n",
  "fffffffffffffffff\r\n\r\n",
  "5\r\nabcdefgh\r\n0\r\n\r\n",
  "0\rx\n\r\n",
];

/** Cuts bytes into at most `count` pieces, none of them empty. */
function cut(bytes: Buffer, count: number, random: SeededRandom): Buffer[] {
  const marks = Array.from({ length: count - 1 }, () => random.below(bytes.length + 1)).sort((a, b) => a - b);
  return [0, ...marks]
    .map((from, index) => bytes.subarray(from, marks[index] ?? bytes.length))
    .filter(({ length }) => length > 0);
}
