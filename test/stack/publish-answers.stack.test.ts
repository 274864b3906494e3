import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { keysSubmitted } from "../../shared/topology.js";
import { aHealthAuthority, signCertificate } from "../phones/health-authority.js";
import { aPhone, publishBody, type Phone, type PublishOptions } from "../phones/phone.js";
import { aRiver, patientGateway, type River } from "../river/a-river.js";
import { postPublish, type PublishAnswer } from "./post-publish.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";
import { untilStored } from "./until-stored.js";

// What phones are answered, over HTTP, by the real gateway: statuses, codes and texts are the reference server's
// (reference server facts, §1.2 to §1.5).

const nowSeconds = Math.floor(Date.now() / 1000);
const prefix = "error unmarshalling API call, code:";
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), {
    services: ["gateway", "key-store"],
    settings: patientGateway,
  });
});
afterAll(() => river.stop());

function post(body: string, contentType?: string): Promise<PublishAnswer> {
  return postPublish(river.apiUrls[0] ?? "", body, contentType);
}

function bodyOf(phone: Phone, changes: Partial<PublishOptions> = {}): string {
  return publishBody(phone, {
    authority: river.authority,
    healthAuthorityID: river.appName,
    nowSeconds,
    ...changes,
  });
}

/** A sound publish with some of its fields replaced, after it was certified. */
function changed(fields: Record<string, unknown>, phone = aPhone({ nowSeconds })): string {
  return JSON.stringify({ ...(JSON.parse(bodyOf(phone)) as object), ...fields });
}

/** A publish whose certificate says something else. */
function certified(claims: Record<string, unknown>, authority = river.authority): string {
  const phone = aPhone({ nowSeconds });
  const { keys, hmacSecret } = phone;
  const request = {
    keys,
    hmacSecret,
    reportType: "confirmed",
    issuedAtSeconds: nowSeconds - 60,
    claims,
  } as const;
  return changed({ verificationPayload: signCertificate(authority, request) }, phone);
}

async function submissions(): Promise<number> {
  return (await readStream(river.env, keysSubmitted)).length;
}

describe("a request that can't be read", () => {
  const padded = (bytes: number): string => JSON.stringify({ padding: "x".repeat(bytes - 14) });
  test.each<[string, number, string, string, string]>([
    ["an empty body", 400, "bad_request", "", "body must not be empty"],
    ["malformed JSON", 400, "bad_request", `{"padding": oops}`, "malformed json at position 13"],
    ["JSON that ends early", 400, "bad_request", `{"padding": "x`, "malformed json"],
    [
      "a number in quotes",
      400,
      "bad_request",
      `{"symptomOnsetInterval": "1"}`,
      `invalid value "symptomOnsetInterval" at position 28`,
    ],
    ["an unknown field", 400, "bad_request", `{"platform": "android"}`, `unknown field "platform"`],
    ["two objects", 400, "bad_request", "{} {}", "body must contain only one JSON object"],
    ["64,001 bytes", 413, "bad_request", padded(64_001), "http: request body too large"],
  ])("%s is answered %i", async (_what, status, code, body, text) => {
    const answer = await post(body);
    expect(answer.status).toBe(status);
    expect(answer.body).toMatchObject({ code, error: `${prefix} ${status}: ${text}` });
  });

  test("a body of exactly 64,000 bytes is read", async () => {
    const answer = await post(padded(64_000));
    expect(answer.status).toBe(401);
  });

  test.each([["text/plain"], ["Application/JSON"]])("content type %s is answered 415", async (type) => {
    const answer = await post("{}", type);
    expect(answer.status).toBe(415);
    expect(answer.body.error).toBe(`${prefix} 415: content-type is not application/json`);
  });
});

describe("a request that nobody vouches for", () => {
  const invalid = "health_authority_verification_certificate_invalid";
  test.each<[string, () => string, string, string]>([
    [
      "of an unknown app",
      () => changed({ healthAuthorityID: "No.Body" }),
      "unknown_health_authority_id",
      "unauthorized health authority: No.Body",
    ],
    [
      "with no certificate",
      () => changed({ verificationPayload: "" }),
      invalid,
      "token contains an invalid number of segments",
    ],
    [
      "signed by a stranger",
      () => certified({}, { ...aHealthAuthority(), issuer: river.authority.issuer }),
      invalid,
      "crypto/ecdsa: verification error",
    ],
    ["of an unknown issuer", () => certified({ iss: "nobody" }), invalid, "issuer not found: nobody"],
    [
      "for another audience",
      () => certified({ aud: "other" }),
      invalid,
      `audience mismatch for issuer: gov.example.doh (+other, -exposure-key-server)`,
    ],
    [
      "not valid yet",
      () => certified({ nbf: nowSeconds + 600 }),
      invalid,
      "not valid yet (NBF or IAT) in the future",
    ],
    [
      "with another HMAC secret",
      () => changed({ hmacKey: Buffer.alloc(16, 7).toString("base64") }),
      invalid,
      "HMAC mismatch, publish request does not match disgnosis verification certificate",
    ],
    [
      "with an unknown report type",
      () => certified({ reportType: "rumour" }),
      invalid,
      `invalid report type: "rumour"`,
    ],
  ])("%s is answered 401", async (_what, body, code, text) => {
    const answer = await post(body());
    expect(answer.status).toBe(401);
    const wanted = code === invalid ? `unable to validate diagnosis verification: ${text}` : text;
    expect(answer.body).toMatchObject({ code, error: wanted });
  });

  test("leaves nothing in the log", async () => {
    expect(await submissions()).toBe(0);
  });
});

describe("keys", () => {
  test("that are all unusable fail the request", async () => {
    const phone = aPhone({ nowSeconds, dailyKeys: 1 });
    const keys = phone.keys.map((key) => ({ ...key, rollingPeriod: 145 }));
    const answer = await post(bodyOf({ ...phone, keys }));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: "bad_request",
      error:
        "unable to read request data: 1 error occurred:\n\t* key 0 cannot be imported: " +
        "invalid interval count, 145, must be >= 1 && <= 144\n\n",
    });
  });

  test("that are unusable are left out where others are fine", async () => {
    const phone = aPhone({ nowSeconds, dailyKeys: 2 });
    const [first, second] = phone.keys;
    if (first === undefined || second === undefined) throw new Error("two keys");
    const answer = await post(bodyOf({ ...phone, keys: [first, { ...second, transmissionRisk: 9 }] }));
    expect(answer.status).toBe(200);
    expect(answer.body).toMatchObject({ code: "partial_failure", insertedExposures: 1 });
    expect(answer.body.error).toMatch(
      /^1 error occurred:\n\t\* key [01] cannot be imported: invalid transmission risk: 9/,
    );
  });

  test("in too great a number fail the request", async () => {
    const phone = aPhone({ nowSeconds });
    const keys = Array.from({ length: 3 }, () => aPhone({ nowSeconds, dailyKeys: 14 }).keys)
      .flat()
      .slice(0, 31);
    const answer = await post(bodyOf({ ...phone, keys }));
    expect(answer.status).toBe(400);
    expect(answer.body.error).toBe(
      "unable to read request data: too many exposure keys in publish: 31, max of 30 is allowed",
    );
  });
});

describe("keys that are known", () => {
  const seconds = (offset: number): Partial<PublishOptions> => ({ nowSeconds: nowSeconds - offset });
  /** Publishes and waits until key-store has the keys. */
  async function published(reportType: PublishOptions["reportType"] = "likely"): Promise<Phone> {
    const phone = aPhone({ nowSeconds });
    const answer = await post(bodyOf(phone, { reportType, ...seconds(60) }));
    expect(answer.status).toBe(200);
    phone.revisionToken = String(answer.body.revisionToken);
    await untilStored(river, phone);
    return phone;
  }

  test("are refused without their token, with another's and with junk for one", async () => {
    const [phone, other] = await Promise.all([published(), published()]);
    const cases = [
      [undefined, "missing_revision_token", "no revision token, but sent existing keys"],
      [other.revisionToken, "invalid_revision_token", "revision token is invalid"],
      [Buffer.from("junk").toString("base64"), "invalid_revision_token", "revision token is invalid"],
    ] as const;
    const before = await submissions();
    for (const [revisionToken, code, error] of cases) {
      const answer = await post(
        bodyOf({ ...phone, revisionToken }, { reportType: "confirmed", ...seconds(62) }),
      );
      expect(answer.status).toBe(400);
      expect(answer.body).toMatchObject({ code, error });
    }
    expect(await submissions()).toBe(before);
  });

  test("are revised with it, once", async () => {
    const phone = await published();
    const revised = await post(bodyOf(phone, { reportType: "confirmed", ...seconds(63) }));
    expect(revised.status).toBe(200);
    expect(revised.body).not.toHaveProperty("insertedExposures");
    phone.revisionToken = String(revised.body.revisionToken);
    const again = await post(bodyOf(phone, { reportType: "negative", ...seconds(64) }));
    expect(again.status).toBe(400);
    expect(again.body).toMatchObject({ code: "key_already_revised", error: "key was already revised" });
  });

  test("change nothing when they come again with it as they are", async () => {
    const phone = await published();
    const before = await submissions();
    const answer = await post(bodyOf(phone, { reportType: "likely", ...seconds(65) }));
    expect(answer.status).toBe(200);
    expect(answer.body).not.toHaveProperty("insertedExposures");
    expect(answer.body.revisionToken).toBeTypeOf("string");
    expect(await submissions()).toBe(before);
  });

  test("are not revised against the rules", async () => {
    const phone = await published("confirmed");
    const answer = await post(bodyOf(phone, { reportType: "likely", ...seconds(66) }));
    expect(answer.status).toBe(400);
    expect(answer.body).toMatchObject({
      code: "invalid_report_type_transition",
      error: `invalid report type transition: cannot transition from "confirmed" to "likely"`,
    });
  });

  test("are told as at first when the very same request comes again, with a fresh token", async () => {
    const body = bodyOf(aPhone({ nowSeconds }), seconds(67));
    const first = await post(body);
    const second = await post(body);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect([first.body.insertedExposures, second.body.insertedExposures]).toEqual([14, 14]);
    expect(second.body.revisionToken).not.toBe(first.body.revisionToken);
  });
});

test("a revoked key of an authority is refused within seconds, a reinstated one is good again", async () => {
  const key = ["--id", "doh", "--key-version", river.authority.keyVersion];
  const status = async (): Promise<number> => (await post(bodyOf(aPhone({ nowSeconds })))).status;
  await river.tekstream("health-authority", "revoke-key", ...key);
  await eventually("the refusal", async () => (await status()) === 401);
  const { body } = await post(bodyOf(aPhone({ nowSeconds })));
  expect(body.error).toMatch(/: no active public keys for health authority$/);
  await river.tekstream("health-authority", "reinstate-key", ...key);
  await eventually("the acceptance", async () => (await status()) === 200);
});

describe("every answer", () => {
  test("has the API's headers, and padding of a random length", async () => {
    const lengths = new Set<number>();
    for (const body of ["", "{}", bodyOf(aPhone({ nowSeconds }))]) {
      const answer = await post(body);
      expect(answer.headers.get("content-type")).toBe("application/json");
      expect(answer.headers.get("x-api-version")).toBe("v1");
      const padding = String(answer.body.padding);
      expect(padding.length).toBeGreaterThanOrEqual(1368);
      expect(padding.length).toBeLessThanOrEqual(2732);
      lengths.add(padding.length);
    }
    expect(lengths.size).toBeGreaterThan(1);
  });

  test.each([
    ["/health", 200, '{"status": "ok"}'],
    ["/v1/publish/", 404, "404 page not found\n"],
  ])("of %s is %i", async (path, status, text) => {
    const response = await fetch(`${river.apiUrls[0]}${path}`);
    expect(response.status).toBe(status);
    expect(await response.text()).toBe(text);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });
});
