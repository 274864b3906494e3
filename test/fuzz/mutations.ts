import type { SeededRandom } from "../phones/seeded-random.js";
import type { FuzzRequest } from "./fuzz-request.js";

/** Makes another request of a sound one. */
export type Mutation = (request: FuzzRequest, random: SeededRandom) => FuzzRequest;

const bodyBytesMax = 64_000;
/** With the other headers this stays below Node's limit, above which it answers 431 before any code of ours runs. */
const headerBytesMax = 12_000;

const odd = [
  "null",
  "true",
  "-1",
  "0",
  "1e3",
  "144.0",
  "2147483648",
  "-2147483649",
  "9007199254740993",
  "1".repeat(400),
  '""',
  '"\\u0000"',
  '"\\ud800"',
  '"\\udc00\\ud800"',
  '"<&>\u2028"',
  "[]",
  "{}",
  "[[]]",
  '{"a":1}',
  "NaN",
  "01",
  "-",
  '"',
  "[".repeat(5000),
  `${"[".repeat(500)}${"]".repeat(500)}`,
];
const fields = [
  "temporaryExposureKeys",
  "healthAuthorityID",
  "verificationPayload",
  "hmacKey",
  "symptomOnsetInterval",
  "traveler",
  "revisionToken",
  "padding",
  "key",
  "rollingStartNumber",
  "rollingPeriod",
  "transmissionRisk",
];

/** By name. The same random numbers make the same request. */
export const mutations: Readonly<Record<string, Mutation>> = {
  "nothing changed": (request) => request,
  "bytes flipped": (request, random) => {
    const body = Buffer.from(request.body);
    for (let count = 1 + random.below(8); count > 0 && body.length > 0; count--)
      body[random.below(body.length)] = random.below(256);
    return { ...request, body };
  },
  "cut short": (request, random) => ({
    ...request,
    body: request.body.subarray(0, random.below(request.body.length + 1)),
  }),
  "a piece repeated": (request, random) => {
    const from = random.below(request.body.length + 1);
    const piece = request.body.subarray(from, from + random.below(2000));
    return {
      ...request,
      body: Buffer.concat([request.body.subarray(0, from), piece, request.body.subarray(from)]),
    };
  },
  "a piece left out": (request, random) => {
    const from = random.below(request.body.length + 1);
    const rest = request.body.subarray(from + random.below(50));
    return { ...request, body: Buffer.concat([request.body.subarray(0, from), rest]) };
  },
  "a value replaced": (request, random) =>
    withText(request, (text) =>
      text.replace(nth(/(?<=:)("[^"]*"|-?\d+|true|false|null)/g, text, random), pick(odd, random)),
    ),
  "a field in other letters": (request, random) =>
    withText(request, (text) => {
      const name = pick(fields, random);
      return text.replace(name, random.below(2) === 0 ? name.toUpperCase() : name.toLowerCase());
    }),
  "a field twice": (request, random) =>
    withText(request, (text) => text.replace("{", `{"${pick(fields, random)}":${pick(odd, random)},`)),
  "an unknown field": (request, random) =>
    withText(request, (text) => text.replace("{", `{"${someText(random)}":${pick(odd, random)},`)),
  "something behind it": (request, random) =>
    withText(request, (text) => text + pick(["}", "]", " ", "\n{}", "null", "x", "\0", ",", "//"], random)),
  "another beginning": (request, random) =>
    withText(request, (text) => pick(["\ufeff", " ", "\0", "[", "null", "0"], random) + text),
  "invalid UTF-8": (request, random) => {
    const at = random.below(request.body.length + 1);
    const bad = Buffer.from(pick(["c0af", "ff", "eda080", "f4908080", "c3", "80"], random), "hex");
    return {
      ...request,
      body: Buffer.concat([request.body.subarray(0, at), bad, request.body.subarray(at)]),
    };
  },
  "about as large as may be": (request, random) =>
    withText(request, (text) => {
      const wanted = bodyBytesMax - 3 + random.below(7);
      return text.replace(
        '"padding":"',
        `"padding":"${"x".repeat(Math.max(0, wanted - Buffer.byteLength(text)))}`,
      );
    }),
  "much too large": (request, random) => ({
    ...request,
    body: Buffer.concat([request.body, Buffer.alloc(random.below(300_000), 0x20)]),
  }),
  "a damaged certificate": (request, random) =>
    withText(request, (text) =>
      text.replace(/(?<="verificationPayload":")[^"]*/, (token) => damagedToken(token, random)),
    ),
  "damaged base64": (request, random) =>
    withText(request, (text) =>
      text.replace(nth(/(?<="(?:key|hmacKey)":")[^"]*/g, text, random), () =>
        pick(["", "=", "A=A", "AAAA", "\\n\\r", "AA AA", "____", "é", "A".repeat(1000)], random),
      ),
    ),
  "a token nobody gave": (request, random) =>
    withText(request, (text) =>
      text.replace("{", `{"revisionToken":"${random.bytes(random.below(900)).toString("base64")}",`),
    ),
  "many keys": (request, random) =>
    withText(request, (text) =>
      text.replace(/(?<="temporaryExposureKeys":\[)(\{[^}]*\})/, (key) =>
        Array.from({ length: 1 + random.below(40) }, () => key).join(),
      ),
    ),
  "another content type": (request, random) => ({
    ...request,
    headers: [
      [
        "Content-Type",
        pick(["text/plain", "Application/JSON", "application/jsonx", "application/jso", ""], random),
      ],
    ],
  }),
  "odd headers": (request, random) => ({
    ...request,
    headers: [...request.headers, ...Array.from({ length: 1 + random.below(20) }, () => oddHeader(random))],
  }),
  "another target": (request, random) => ({
    ...request,
    target: pick(
      [
        "/",
        "/v1/publish/",
        "//v1/publish",
        "/v1/../v1/publish",
        "/v1/publish?x=%",
        "/%",
        "/%00",
        "/v1/stats",
        "/health",
        "/v1/%70ublish",
        "/v2",
        "/.",
        `/${"a".repeat(4000)}`,
        "/v1/stats?",
        "/v1\\publish",
        "/%ff",
        "/constructor",
        "/__proto__",
      ],
      random,
    ),
  }),
  "another method": (request, random) => ({
    ...request,
    method: pick(["GET", "PUT", "DELETE", "PATCH", "OPTIONS", "HEAD", "PROPFIND"], random),
  }),
  "another delivery": (request, random) => ({
    ...request,
    delivery: pick(["slow", "chunked", "cut"] as const, random),
  }),
};

function withText(request: FuzzRequest, change: (text: string) => string): FuzzRequest {
  return { ...request, body: Buffer.from(change(request.body.toString("utf8"))) };
}

function pick<T>(list: readonly T[], random: SeededRandom): T {
  const found = list[random.below(list.length)];
  if (found === undefined) throw new RangeError("an empty list");
  return found;
}

/** One of the matches, or a text that is not there. */
function nth(pattern: RegExp, text: string, random: SeededRandom): string {
  const found = text.match(pattern) ?? [];
  return found.length === 0 ? "\0nowhere" : pick(found, random);
}

function someText(random: SeededRandom): string {
  return random.bytes(random.below(20)).toString("base64");
}

function damagedToken(token: string, random: SeededRandom): string {
  // Another change may have damaged it before.
  const parts = [...token.split("."), "", ""].slice(0, 3);
  const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const at = random.below(parts.length);
  return pick(
    [
      () => parts.slice(0, at).join("."),
      () => parts.with(at, "").join("."),
      () => parts.with(at, random.bytes(random.below(60)).toString("base64url")).join("."),
      () =>
        parts
          .with(0, encode({ alg: pick(["none", "HS256", "RS256", "ES384", ""], random), kid: "v1" }))
          .join("."),
      () => parts.with(1, encode({ iss: 1, aud: [], exp: "1", tekmac: null })).join("."),
      () => parts.with(2, `${parts[2]}AA`).join("."),
      () => `${token}.${token}`,
      () => token.replaceAll("-", "+"),
    ],
    random,
  )();
}

function oddHeader(random: SeededRandom): readonly [string, string] {
  return pick(
    [
      ["X-Chaff", ""],
      ["X-Chaff", "1"],
      ["Authorization", `Bearer ${random.bytes(random.below(200)).toString("base64")}`],
      ["User-Agent", random.bytes(40).toString("base64")],
      ["X-Forwarded-For", pick(["::1", "1.2.3.4, 5.6.7.8", "x", ","], random)],
      ["Content-Encoding", "gzip"],
      ["Connection", pick(["close", "keep-alive", "upgrade"], random)],
      ["Expect", "100-continue"],
      ["Accept", "*/*"],
      ["Cookie", "x".repeat(random.below(headerBytesMax / 20))],
    ] as const,
    random,
  );
}
