import type { SeededRandom } from "../phones/seeded-random.js";
import type { Mutation } from "./mutation.js";
import { pick } from "./pick.js";

const token = /"(?:[^"\\]|\\.)*"(?:\s*:)?|-?[0-9][0-9.eE+-]*|[a-z]+|[{}[\],:]/g;
const isName = /:$/;
const isText = /"$/;
const isNumber = /^[-0-9]/;
const isScalar = /"$|^[-0-9a-z]/;

/** Mutations of a body by the tokens of its JSON. They work on text, because no object could hold what they make. */
export const jsonMutations = {
  "a token twice": onToken(/./, (token) => token + token),
  "a token gone": onToken(/./, () => ""),
  "another case": onToken(isName, (token, random) =>
    pick(random, [
      token.toUpperCase(),
      token.toLowerCase(),
      token.replace("k", "\u212a"),
      token.replace("s", "\u017f"),
    ]),
  ),
  "another name": onToken(isName, (_, random) => JSON.stringify(pick(random, names))),
  "a member twice": onToken(/^\{$/, (_, random) => `{"${pick(random, names)}":${pick(random, values)},`),
  "deep nesting": onToken(isScalar, (token, random) => {
    const depth = pick(random, [2, 100, 9_999, 10_001, 25_000]);
    const [open, close] = pick(random, [["[", "]"] as const, ['{"a":', "}"] as const, ["[", ""] as const]);
    return open.repeat(depth) + token + close.repeat(depth);
  }),
  "an odd number": onToken(isNumber, (_, random) => pick(random, numbers)),
  "an odd text": onToken(isText, (_, random) => `"${pick(random, texts)}"`),
  "another kind of value": onToken(isScalar, (_, random) => pick(random, values)),
  "another count of keys": onKeys((keys, random) => {
    const count = pick(random, [0, 1, 15, 30, 31, 300]);
    return Array.from({ length: count }, (_, index) => keys[index % keys.length] ?? "{}");
  }),
  "broken base64": onToken(isText, (token, random) => {
    const text = token.slice(1, -1);
    const at = random.below(text.length + 1);
    const put = pick(random, ["=", "==", "\\n", "\\r", "-", "_", "!", " ", "A", "\\u0000", ""]);
    return `"${text.slice(0, at)}${put}${text.slice(at + random.below(2))}"`;
  }),
} satisfies Record<string, Mutation>;

const names = [
  "temporaryExposureKeys",
  "healthAuthorityID",
  "verificationPayload",
  "hmacKey",
  "symptomOnsetInterval",
  "traveler",
  "revisionToken",
  "padding",
  "key",
  "rollingPeriod",
  "rollingStartNumber",
  "transmissionRisk",
  "regions",
  "appPackageName",
  "__proto__",
  "constructor",
  "toString",
  "",
  "a.b",
  "\0",
  "\ud800",
];
const values = [
  "null",
  "true",
  "false",
  "0",
  "-1",
  "1.5",
  '""',
  '"a"',
  "[]",
  "{}",
  "[null]",
  '{"key":1}',
  '"__proto__"',
];
const numbers = [
  "-1",
  "-0",
  "00",
  "01",
  "1.0",
  "1.5",
  "1e0",
  "1e3",
  "1E+2",
  "1e400",
  "-1e400",
  "1e-400",
  "144e-1",
  ".5",
  "1.",
  "+1",
  "2147483647",
  "2147483648",
  "-2147483648",
  "-2147483649",
  "4294967296",
  "9007199254740993",
  "18446744073709551616",
  "0x10",
  "NaN",
  "Infinity",
  "1_000",
  "9".repeat(5e3),
  `1${"0".repeat(400)}.5`,
];
const texts = [
  "\\u0000",
  "\\ud800",
  "\\udc00\\ud800",
  "\\ud83d\\ude00",
  "\\x",
  "\\u12",
  "\\u+123",
  "\\",
  "\\/\\b\\f\\n\\r\\t",
  "%00",
  "${x}",
  "../..",
  "$where",
  "' OR 1=1 --",
  "<script>",
  "\u2028",
  "‮",
  "a".repeat(1e4),
  "\\u0041".repeat(2e3),
  "=".repeat(24),
  "A".repeat(22),
  "A".repeat(43),
  "gov.example.app\\u0000",
  "GOV.EXAMPLE.APP",
];

/** Changes one token of the wanted kind. Bodies are taken as Latin-1, so that each byte stays what it is. */
function onToken(wanted: RegExp, change: (token: string, random: SeededRandom) => string): Mutation {
  return (draft, random) => {
    const text = draft.body.toString("latin1");
    const found = [...text.matchAll(token)].filter(([whole]) => wanted.test(whole));
    if (found.length === 0) return draft;
    const { 0: whole, index } = pick(random, found);
    const changed = Buffer.from(change(Buffer.from(whole, "latin1").toString("utf8"), random), "utf8");
    return {
      ...draft,
      body: Buffer.concat([
        draft.body.subarray(0, index),
        changed,
        draft.body.subarray(index + whole.length),
      ]),
    };
  };
}

function onKeys(change: (keys: readonly string[], random: SeededRandom) => readonly string[]): Mutation {
  return (draft, random) => {
    const text = draft.body.toString("latin1");
    const list = /("temporaryExposureKeys"\s*:\s*\[)([^\]]*)\]/.exec(text);
    if (list === null) return draft;
    const [whole, before = "", inside = ""] = list;
    const keys = inside.match(/\{[^{}]*\}/g) ?? [];
    const changed = `${before}${change(keys, random).join(",")}]`;
    return {
      ...draft,
      body: Buffer.from(
        text.replace(whole, () => changed),
        "latin1",
      ),
    };
  };
}
