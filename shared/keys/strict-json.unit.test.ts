import { readFileSync } from "node:fs";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { decodePublishBody, statsBody } from "./publish-body.js";
import { bodyBytesMax, decodeStrictJson, refuseContentType } from "./strict-json.js";

interface Sample {
  name: string;
  request_headers?: Record<string, string>;
  request_body_raw?: string;
  request_body_base64?: string;
  status: number;
  response_body?: { code?: string; error: string };
}

const file: { samples: Sample[] } = JSON.parse(
  readFileSync(new URL("../../test/vectors/http/v1.json", import.meta.url), "utf8"),
);
const samples = file.samples.filter(({ name }) => name.startsWith("json: ") && !name.includes("6400"));

function decode(body: string) {
  return decodePublishBody(Buffer.from(body));
}

function padded(length: number): string {
  return `{"healthAuthorityID":"nobody","padding":"${"A".repeat(length - 43)}"}`;
}

const prefix = "error unmarshalling API call, code: 400: ";

function causeOf(body: string): string {
  const result = decode(body);
  return result.ok ? "decoded" : result.text.replace(prefix, "");
}

describe("bodies decode, or fail, as on the reference server", () => {
  test.each(samples)("$name", (sample) => {
    const body =
      sample.request_body_base64 === undefined
        ? Buffer.from(sample.request_body_raw ?? "")
        : Buffer.from(sample.request_body_base64, "base64");
    const result = decodePublishBody(body);
    const { code, error } = sample.response_body ?? {};
    // Bodies that decode were stopped by the tenant's name, which the answer quotes.
    if (result.ok) expect(`unauthorized health authority: ${result.value.healthAuthorityID}`).toBe(error);
    else expect(result).toEqual({ ok: false, status: sample.status, code, text: error });
  });

  test("there are 28 such samples", () => {
    expect(samples).toHaveLength(28);
  });
});

describe("a complete body", () => {
  test("gives every field", () => {
    const keys = [
      { key: "a", rollingStartNumber: -2_147_483_648, rollingPeriod: 2_147_483_647, transmissionRisk: 8 },
    ];
    const body = {
      temporaryExposureKeys: keys,
      healthAuthorityID: "gov.example.app",
      verificationPayload: "a.b.c",
      hmacKey: "c2VjcmV0",
      symptomOnsetInterval: 2_992_032,
      traveler: true,
      revisionToken: "token",
      padding: "p",
    };
    expect(decode(JSON.stringify(body))).toEqual({ ok: true, value: body });
    expect(decode(JSON.stringify(body, undefined, "\t\r\n "))).toEqual({ ok: true, value: body });
  });

  test("lacks nothing when fields are absent", () => {
    expect(decode('{"temporaryExposureKeys":[{},null]}')).toMatchObject({
      value: {
        temporaryExposureKeys: Array.from({ length: 2 }, () => ({
          key: "",
          rollingStartNumber: 0,
          rollingPeriod: 0,
          transmissionRisk: 0,
        })),
        healthAuthorityID: "",
        traveler: false,
        symptomOnsetInterval: 0,
      },
    });
  });

  test.each([
    ['{"healthAuthorityID":"a","HealthAuthorityId":"b"}', { healthAuthorityID: "b" }],
    ['{"healthAuthorityID":"a","healthAuthorityID":null}', { healthAuthorityID: "a" }],
    ['{"temporaryExposureKeys":[{}],"temporaryExposureKeys":null}', { temporaryExposureKeys: [] }],
    [
      '{"hmac\u212Aey":"x","pa\\u0064ding":"y","revi\u017FionToken":"z"}',
      { hmacKey: "x", padding: "y", revisionToken: "z" },
    ],
    ['{"symptomOnsetInterval":-0}', { symptomOnsetInterval: 0 }],
    [
      String.raw`{"padding":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00\ud83dx\ude00"}`,
      { padding: '"\\/\b\f\n\r\té😀\uFFFDx\uFFFD' },
    ],
    ['{"padding":"é😀\u2028\u007f"}', { padding: "é😀\u2028\u007f" }],
    ['{"padding":"ends with a backslash\\\\"}', { padding: "ends with a backslash\\" }],
    ["null", { padding: "" }],
    ["{}}x", { padding: "" }],
    ["{} ] x", { padding: "" }],
  ])("%s decodes", (body, expected) => {
    expect(decode(body)).toMatchObject({ ok: true, value: expected });
  });

  test("keeps every character of a long text", () => {
    const characters = Array.from({ length: 0x250 }, (_, code) => String.fromCodePoint(code)).join("");
    for (const padding of [characters, "A".repeat(40) + characters, `${"[".repeat(40)}\u{1F600}`]) {
      expect(decode(JSON.stringify({ padding }))).toMatchObject({ ok: true, value: { padding } });
    }
  });

  test.each([
    ["-9223372036854775808", -9_223_372_036_854_775_808n],
    ["9223372036854775807", 9_223_372_036_854_775_807n],
    ["9007199254740991", 9_007_199_254_740_991],
    ["-0", 0],
  ])("risk %s is kept to the last digit", (digits, transmissionRisk) => {
    expect(decode(`{"temporaryExposureKeys":[{"transmissionRisk":${digits}}]}`)).toMatchObject({
      value: { temporaryExposureKeys: [{ transmissionRisk }] },
    });
  });
});

describe("a wrong body", () => {
  test.each([
    ['{"temporaryExposureKeys":{}}', 'invalid value "temporaryExposureKeys" at position 26'],
    ['{"temporaryExposureKeys":"x"}', 'invalid value "temporaryExposureKeys" at position 28'],
    ['{"temporaryExposureKeys":[5]}', 'invalid value "temporaryExposureKeys" at position 27'],
    ['{"temporaryExposureKeys":[[]]}', 'invalid value "temporaryExposureKeys" at position 27'],
    ['{"padding":[{"a":[]}]}', 'invalid value "padding" at position 12'],
    ['{"padding":true}', 'invalid value "padding" at position 15'],
    ['{"traveler":1}', 'invalid value "traveler" at position 13'],
    ['{"TRAVELER" : "x" }', 'invalid value "traveler" at position 17'],
    ['{"symptomOnsetInterval":-2147483649}', 'invalid value "symptomOnsetInterval" at position 35'],
    ['{"symptomOnsetInterval":true}', 'invalid value "symptomOnsetInterval" at position 28'],
    [
      '{"temporaryExposureKeys":[{"transmissionRisk":9223372036854775808}]}',
      'invalid value "temporaryExposureKeys.transmissionRisk" at position 65',
    ],
    ["  5", 'invalid value "" at position 3'],
    ["true", 'invalid value "" at position 4'],
    // Positions count bytes, not characters.
    ['{"padding":"é😀","traveler":1}', 'invalid value "traveler" at position 32'],
    // The first in document order, whatever its kind; but syntax before everything.
    ['{"traveler":1,"foo":2}', 'invalid value "traveler" at position 13'],
    ['{"foo":[{"bar":"}\\""}],"traveler":1}', 'unknown field "foo"'],
    ['{"traveler":1,"foo":2,}', "malformed json at position 23"],
    ['{"traveler":1', "malformed json"],
    ['{"\\u0001é\\"":1}', 'unknown field "\\x01é\\""'],
    ['{"\\u00ad\\n\\u007f":1}', String.raw`unknown field "\u00ad\n\x7f"`],
    ['{"":1}', 'unknown field ""'],
    ["", "body must not be empty"],
    [" \t\r\n", "body must not be empty"],
    ["{} x", "body must contain only one JSON object"],
    ["null null", "body must contain only one JSON object"],
    ["nullx", "body must contain only one JSON object"],
    ["{'a':1}", "malformed json at position 2"],
    ["[1,]", "malformed json at position 4"],
    ['{"a":01}', "malformed json at position 7"],
    ['{"a":1.}', "malformed json at position 8"],
    ['{"a":1e+}', "malformed json at position 9"],
    ['{"a":-x}', "malformed json at position 7"],
    ['{"a":"\t"}', "malformed json at position 7"],
    ['{"a":"\\x"}', "malformed json at position 8"],
    ['{"a":"\\u12g4"}', "malformed json at position 11"],
    ['{"a" 1}', "malformed json at position 6"],
    ['{"a":1]', "malformed json at position 7"],
    ['{"a":tru}', "malformed json at position 9"],
    ["-", "malformed json"],
    ['{"a', "malformed json"],
    ['{"a":"\\', "malformed json"],
    ['{"a":"\\u12', "malformed json"],
    ["[".repeat(10_000), "malformed json"],
    ["[".repeat(10_001), "malformed json at position 10001"],
  ])("%s", (body, cause) => {
    expect(causeOf(body)).toBe(cause);
  });
});

describe("bodies are cut off at 64,000 bytes", () => {
  const tooLarge = "error unmarshalling API call, code: 413: http: request body too large";

  test("a body of exactly that length passes", () => {
    expect(Buffer.byteLength(padded(bodyBytesMax))).toBe(bodyBytesMax);
    expect(decode(padded(bodyBytesMax))).toMatchObject({ ok: true });
  });

  test.each([padded(bodyBytesMax + 1), " ".repeat(bodyBytesMax + 1), `${" ".repeat(bodyBytesMax - 4)}null `])(
    "a value that needs one byte more is too large",
    (body) => {
      expect(decode(body)).toMatchObject({ status: 413, code: "bad_request", text: tooLarge });
    },
  );

  test("what comes behind a complete value beyond the limit goes unseen", () => {
    expect(decode(`${padded(bodyBytesMax - 1)} x`)).toMatchObject({ ok: true });
  });

  test("a syntax error within the limit counts first", () => {
    expect(causeOf(`{]${padded(bodyBytesMax)}`)).toBe("malformed json at position 2");
  });
});

test.each([
  ["application/json", true],
  ["application/json; charset=utf-8", true],
  ["application/jsonfoo", true],
  ["Application/JSON", false],
  [" application/json", false],
  ["application/jso", false],
  [undefined, false],
])("content type %s is accepted: %s", (contentType, accepted) => {
  const refusal = refuseContentType(contentType);
  expect(refusal === undefined).toBe(accepted);
  if (refusal !== undefined) {
    const text = "error unmarshalling API call, code: 415: content-type is not application/json";
    expect(refusal).toEqual({ ok: false, status: 415, code: "bad_request", text });
  }
});

test("other bodies are described the same way", () => {
  expect(decodeStrictJson(Buffer.from('{"Padding":"x"}'), statsBody)).toEqual({
    ok: true,
    value: { padding: "x" },
  });
  expect(decodeStrictJson(Buffer.from('{"a":1}'), statsBody)).toMatchObject({
    ok: false,
    text: `${prefix}unknown field "a"`,
  });
});

describe("strings hold any bytes", () => {
  test("what is not UTF-8 becomes U+FFFD, byte by byte, and the rest stays", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
        const content = Buffer.from(bytes.filter((byte) => byte >= 0x20 && byte !== 0x22 && byte !== 0x5c));
        const body = Buffer.concat([Buffer.from('{"padding":"'), content, Buffer.from('"}')]);
        expect(decodePublishBody(body)).toMatchObject({ ok: true, value: { padding: oracle(content) } });
      }),
      { numRuns: 1000 },
    );
  });

  test.each([
    [[0xe2, 0x82, 0x41], "\uFFFD\uFFFDA"],
    [[0xf0, 0x9f, 0x98], "\uFFFD\uFFFD\uFFFD"],
    [[0xed, 0xa0, 0x80], "\uFFFD\uFFFD\uFFFD"],
    [[0xc0, 0xaf], "\uFFFD\uFFFD"],
    [[0xef, 0xbb, 0xbf], "\uFEFF"],
  ])("bytes %j read %j", (bytes, text) => {
    const body = Buffer.concat([Buffer.from('{"padding":"'), Buffer.from(bytes), Buffer.from('"}')]);
    expect(decodePublishBody(body)).toMatchObject({ value: { padding: text } });
  });
});

// The longest sequence that a strict decoder takes as one character, or one bad byte.
function oracle(bytes: Buffer): string {
  let text = "";
  for (let at = 0; at < bytes.length;) {
    const length = [1, 2, 3, 4].find((count) => isCharacter(bytes.subarray(at, at + count)));
    text += length === undefined ? "\uFFFD" : bytes.toString("utf8", at, at + length);
    at += length ?? 1;
  }
  return text;
}

function isCharacter(bytes: Buffer): boolean {
  try {
    return Array.from(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes)).length === 1;
  } catch {
    return false;
  }
}
