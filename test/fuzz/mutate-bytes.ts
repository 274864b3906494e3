import type { SeededRandom } from "../phones/seeded-random.js";
import { bodyBytesMax } from "../../shared/keys/strict-json.js";
import type { Mutation } from "./mutation.js";
import { pick } from "./pick.js";

/** Mutations of a body that know nothing of what it means. */
export const byteMutations = {
  "bytes flipped": onBody((body, random) => {
    const changed = Buffer.from(body);
    for (let count = 1 + random.below(8); count > 0 && changed.length > 0; count -= 1) {
      const at = random.below(changed.length);
      changed[at] = (changed[at] ?? 0) ^ (1 << random.below(8));
    }
    return changed;
  }),
  "bytes inserted": onBody((body, random) => insert(body, random, random.bytes(1 + random.below(16)))),
  "bytes removed": onBody((body, random) => {
    const from = random.below(body.length + 1);
    return Buffer.concat([body.subarray(0, from), body.subarray(from + 1 + random.below(32))]);
  }),
  truncated: onBody((body, random) => body.subarray(0, random.below(body.length + 1))),
  "no UTF-8": onBody((body, random) => insert(body, random, Buffer.from(pick(random, brokenText), "hex"))),
  "NUL and control characters": onBody((body, random) =>
    insert(body, random, Buffer.alloc(1 + random.below(4), random.below(32))),
  ),
  "about the largest size": onBody((body, random) => {
    const bytes = pick(random, [bodyBytesMax - 1, bodyBytesMax, bodyBytesMax + 1, bodyBytesMax + 2, 200_000]);
    const end = Math.max(body.lastIndexOf("}"), 0);
    const filling = Buffer.alloc(Math.max(0, bytes - body.length), pick(random, [" ", "A", "[", "\n"]));
    return Buffer.concat([body.subarray(0, end), filling, body.subarray(end)]);
  }),
  "another body": onBody((_, random) => Buffer.from(pick(random, otherBodies), "latin1")),
  "something behind": onBody((body, random) =>
    Buffer.concat([
      body,
      Buffer.from(pick(random, ["{}", " {}", "x", "]", "}", ",", "\0", " \r\n\t", "null"])),
    ]),
  ),
} satisfies Record<string, Mutation>;

/** A lone continuation, an overlong slash, surrogates, beyond Unicode, a cut character, a byte order mark. */
const brokenText = ["80", "c0af", "eda080", "edb080eda080", "f4908080", "ff", "e282", "efbbbf"];
const otherBodies = [
  "",
  "null",
  "[]",
  "{}",
  '""',
  "0",
  "true",
  " ",
  "\n",
  "{",
  "[",
  '"',
  "\xef\xbb\xbf{}",
  "{}{}",
];

function onBody(change: (body: Buffer, random: SeededRandom) => Buffer): Mutation {
  return (draft, random) => ({ ...draft, body: change(draft.body, random) });
}

function insert(body: Buffer, random: SeededRandom, more: Buffer): Buffer {
  const at = random.below(body.length + 1);
  return Buffer.concat([body.subarray(0, at), more, body.subarray(at)]);
}
