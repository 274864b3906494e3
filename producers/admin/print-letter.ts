import type { Judgement } from "./judge-letter.js";
import { explanationOf } from "./letter-reason.js";
import type { Letter, LetterView } from "./letter.js";
import { details, table, timeText } from "./print.js";

/** One line a letter. */
export function lettersText(letters: readonly LetterView[], whenEmpty: string): string {
  const rows = letters.map((letter) => [
    letter.topic,
    String(letter.offset),
    letter.source === null ? "-" : `${letter.source.partition}/${letter.source.offset}`,
    letter.reason ?? "-",
    timeText(letter.atSeconds),
    String(letter.bytes),
    letter.decision?.action ?? "open",
  ]);
  const headings = ["TOPIC", "OFFSET", "FROM", "REASON", "TIME", "BYTES", "DECISION"];
  return table(headings, rows, whenEmpty);
}

/** One letter in full, without what the record holds. */
export function letterText(letter: Letter, view: LetterView, now: Judgement | undefined): string {
  const { source, decision } = view;
  return details([
    ["topic", view.topic],
    ["offset", String(view.offset)],
    ["rejected by", view.process],
    [
      "from",
      source === null ? "-" : `${source.topic}, partition ${source.partition}, offset ${source.offset}`,
    ],
    ["time", timeText(view.atSeconds)],
    ["bytes", String(view.bytes)],
    ["record key", keyText(letter)],
    ["record headers", headersText(letter)],
    ["decision", decision === null ? "open" : `${decision.action} at ${timeText(decision.decidedAtSeconds)}`],
    ["reason", view.reason ?? "-"],
    ["it means", view.reason === null ? notALetter : explanationOf(view.reason)],
    ["read now", judgementText(now)],
  ]);
}

/** Bytes in hex and as far as they are text, 16 in a line. */
export function hexDump(bytes: Buffer): string {
  const lines = Array.from({ length: Math.ceil(bytes.length / 16) }, (_, index) => {
    const line = bytes.subarray(index * 16, index * 16 + 16);
    const hex = line.toString("hex").replaceAll(/(..)(?!$)/g, "$1 ");
    const text = line.toString("latin1").replaceAll(/[^\x20-\x7e]/g, ".");
    return `${(index * 16).toString(16).padStart(8, "0")}  ${hex.padEnd(47)}  ${text}\n`;
  });
  return lines.join("");
}

const notALetter =
  "None of our processes wrote this: the headers that tell of a rejected record are missing.";

function keyText({ content }: Letter): string {
  const key = content?.record.key;
  return key === null || key === undefined ? "none" : `${key.length} bytes`;
}

/** Their names only: another program may have put anything into them. */
function headersText({ content }: Letter): string {
  const names = Object.keys(content?.record.headers ?? {});
  return names.length === 0 ? "none" : names.join(" ");
}

function judgementText(now: Judgement | undefined): string {
  if (now === undefined) return "this version does not know";
  return now.reason === undefined ? "it would be accepted" : `it would be rejected again: ${now.reason}`;
}
