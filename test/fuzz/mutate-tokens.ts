import { sign } from "node:crypto";
import type { SeededRandom } from "../phones/seeded-random.js";
import type { Mutation, Surroundings } from "./mutation.js";
import { pick } from "./pick.js";

/** Mutations of what proves something: certificates, and revision tokens. */
export const tokenMutations = {
  "broken segments": onField("verificationPayload", (certificate, random) => {
    const parts = certificate.split(".");
    const at = random.below(parts.length);
    const part = parts[at] ?? "";
    parts[at] = pick(random, [
      "",
      "AAAA",
      "!",
      `${part}=`,
      `${part}.`,
      part.slice(1),
      part + part,
      "e30",
      "bnVsbA",
      "W10",
    ]);
    return parts.join(".");
  }),
  "another header": onField("verificationPayload", (certificate, random, surroundings) => {
    const header = pick(random, headers);
    const payload = certificate.split(".")[1] ?? "";
    return sealed(surroundings, Buffer.from(header).toString("base64url"), payload);
  }),
  "claims without a signature": onField("verificationPayload", (certificate, random) => {
    const [header = "", payload = "", signature = ""] = certificate.split(".");
    return [header, changedClaims(payload, random), signature].join(".");
  }),
  "odd claims, signed": onField("verificationPayload", (certificate, random, surroundings) => {
    const [header = "", payload = ""] = certificate.split(".");
    return sealed(surroundings, header, changedClaims(payload, random));
  }),
  "a forged revision token": onField("revisionToken", (token, random) => {
    const forged = token === "" ? random.bytes(1 + random.below(600)) : Buffer.from(token, "base64");
    const at = random.below(forged.length);
    forged[at] = (forged[at] ?? 0) ^ (1 << random.below(8));
    return pick(random, [forged.toString("base64"), forged.toString("base64url"), forged.toString("hex")]);
  }),
} satisfies Record<string, Mutation>;

const headers = [
  '{"alg":"none"}',
  '{"alg":"none","kid":"v1"}',
  '{"alg":"HS256","kid":"v1"}',
  '{"alg":"ES384","kid":"v1"}',
  '{"alg":"ES256"}',
  '{"alg":"ES256","kid":"v2"}',
  '{"alg":"ES256","kid":1}',
  '{"alg":"ES256","kid":null}',
  '{"kid":"v1"}',
  '{"alg":["ES256"],"kid":"v1"}',
  '{"alg":"es256","kid":"v1"}',
  "[]",
  "null",
  "{",
  '"ES256"',
  '{"alg":"ES256","alg":"none","kid":"v1"}',
  '{"alg":"ES256","kid":"__proto__"}',
  `{"kid":"${"v".repeat(9e3)}"}`,
  '{"alg":"ES256","kid":"v1","crit":["x"]}',
  '{"alg":"ES256","kid":"v1","jku":"http://127.0.0.1:1/"}',
];
const claims = [
  "iss",
  "aud",
  "iat",
  "nbf",
  "exp",
  "reportType",
  "symptomOnsetInterval",
  "tekmac",
  "trisk",
  "keyVersion",
];
const values: readonly unknown[] = [
  null,
  true,
  0,
  -1,
  1.5,
  1e300,
  2 ** 53,
  "",
  "a",
  "__proto__",
  [],
  {},
  ["exposure-key-server"],
  [1],
  "1",
  "likely",
  "negative",
  "user-report",
  "\ud800",
  "\0",
  "A".repeat(9e3),
  [
    {
      tr: 1,
      sk: 2,
    },
  ],
  undefined,
];

function changedClaims(payload: string, random: SeededRandom): string {
  const fields = parsed(Buffer.from(payload, "base64url").toString("utf8")) ?? {};
  const changed = { ...fields, [pick(random, claims)]: pick(random, values) };
  return Buffer.from(JSON.stringify(changed)).toString("base64url");
}

function sealed({ authority }: Surroundings, header: string, payload: string): string {
  const signed = `${header}.${payload}`;
  const key = { key: authority.privateKey, dsaEncoding: "ieee-p1363" } as const;
  return `${signed}.${sign("sha256", Buffer.from(signed), key).toString("base64url")}`;
}

/** Changes a text of the body, which begins as empty where there is none. The rest of the body need not be JSON any more. */
function onField(
  name: string,
  change: (value: string, random: SeededRandom, surroundings: Surroundings) => string,
): Mutation {
  const member = new RegExp(`"${name}"\\s*:\\s*"([^"\\\\]*)"`);
  return (draft, random, surroundings) => {
    const text = draft.body.toString("latin1");
    const [found, value = ""] = member.exec(text) ?? [];
    const changed = `"${name}":"${change(value, random, surroundings)}"`;
    const replaced =
      found === undefined ? text.replace("{", () => `{${changed},`) : text.replace(found, () => changed);
    return { ...draft, body: Buffer.from(replaced, "latin1") };
  };
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
