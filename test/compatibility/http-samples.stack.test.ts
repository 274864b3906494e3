import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { OpenApi } from "../openapi/open-api.js";
import { eventually } from "../river/eventually.js";
import { aSampleDeployment, type SampleDeployment } from "./a-sample-deployment.js";
import { comparableAnswer, comparableSample, rowOf } from "./comparable.js";
import { other, v1, v1Alpha1, type Row, type Sample } from "./samples.js";
import { sendSample, type SampleAnswer } from "./send-sample.js";
import { severableLink, type SeverableLink } from "../river/severable-link.js";

// The samples of the reference server's publish service, in their order, against gateway, key-store and stats on the
// real Kafka, MongoDB and registry, at the samples' own time.
//
// Each answer is held against schemas/openapi.yaml as well, and in the end the document against all of them.
//
// Differences that are meant (docs/compatibility.md): chaff is answered like a real request, and a database that is away is answered 503
// with Retry-After and nothing of what went wrong.

/** All but chaff, whose answers are meant to differ from the reference server's. */
const isPlayed = (sample: Sample): boolean => (sample.request_headers?.["X-Chaff"] ?? "") === "";

/** It shows that the publishes before it are not shown yet. */
const firstOfStatistics = 77;
/** From here on the reference server's statistics had a history. */
const firstWithHistory = 84;
/** From here on the reference server's database was broken. */
const firstWithoutDatabase = 90;

let deployment: SampleDeployment;
let link: SeverableLink;
let port: number;

beforeAll(async () => {
  const endpoints = inject("endpoints");
  deployment = await aSampleDeployment(endpoints);
  link = await severableLink(endpoints.mongodb.url);
  port = await deployment.gateway({ TEKSTREAM_MONGODB_URL: link.url });
});
afterAll(() => deployment.stop());

// The recorded tokens are for another server's data keys: ours of the earlier step stand in for them.
const ownTokens = new Map<string, string>();
const openApi = new OpenApi();

/** Sends a sample; its answer must be as the document has it. */
async function documented(sample: Sample, revisionToken?: string): Promise<SampleAnswer> {
  const answer = await sendSample(port, sample, revisionToken);
  expect(openApi.differences(sample.path, answer)).toEqual([]);
  return answer;
}

async function play(sample: Sample): Promise<SampleAnswer> {
  const sent = sample.request_body?.["revisionToken"];
  const answer = await documented(sample, typeof sent === "string" ? ownTokens.get(sent) : undefined);
  const recorded = sample.response_body?.["revisionToken"];
  if (typeof recorded === "string" && answer.status === 200) {
    const { revisionToken } = JSON.parse(answer.text) as { revisionToken?: string };
    if (revisionToken !== undefined) ownTokens.set(recorded, revisionToken);
  }
  return answer;
}

/** Waits for the rows, since key-store decides after the answer; what is there when it has had its time is judged. */
async function expectRows(rows: readonly Row[]): Promise<void> {
  const teks = rows.map(({ Key }) => Key);
  const stored = async (): Promise<Row[]> => [...(await deployment.stored(teks)).values()].map(rowOf);
  const sorted = (list: readonly Row[]): Row[] =>
    list
      .map((row) => ({ ...row, Regions: row.Regions.toSorted() }))
      .toSorted((a, b) => (a.Key < b.Key ? -1 : 1));
  const isThere = async (): Promise<boolean> =>
    JSON.stringify(sorted(await stored())) === JSON.stringify(sorted(rows));
  await eventually("the rows", isThere).catch(() => undefined);
  expect(sorted(await stored())).toEqual(sorted(rows));
}

const numbered = v1.map((sample, index) => ({ ...sample, index }));

/** The successful answer of the sample's path instead of the reference server's, which anybody could tell from it. */
async function expectRealLookingChaff(sample: Sample): Promise<void> {
  const { status, headers, body } = comparableAnswer(await documented(sample));
  expect(status).toBe(200);
  if (sample.path === "/health") {
    expect({ headers, body }).toEqual({
      headers: { "content-type": "text/plain; charset=utf-8" },
      body: { status: "ok" },
    });
    return;
  }
  expect(headers).toEqual({ "content-type": "application/json", "x-api-version": "v1" });
  // Drawn from the real ones: after one that has revised keys, or was repeated, there is no number.
  const { insertedExposures = 1, ...rest } = body as { readonly insertedExposures?: unknown };
  expect(insertedExposures).toEqual(expect.any(Number));
  expect(rest).toEqual({ revisionToken: "a token", padding: "padding" });
}

const chaffSamples = v1.filter((sample) => !isPlayed(sample));

describe("chaff", () => {
  test.each(other.chaff_fresh)("before any publish: $name", expectRealLookingChaff);
});

describe("v1", () => {
  test.each(numbered.filter(({ index }) => index < firstWithoutDatabase).filter(isPlayed))(
    "$index: $name",
    async (sample) => {
      if (sample.index === firstOfStatistics) await deployment.untilCounted();
      if (sample.index === firstWithHistory) await deployment.seedStatistics();
      const answer = await play(sample);
      expect(comparableAnswer(answer)).toEqual(comparableSample(sample));
      expectPaddingOf(sample, answer);
      await expectRows(sample.rows_for_request_keys_after ?? []);
      if (!Array.isArray(sample.rows_for_request_keys_after)) await expectNothingStored(sample);
    },
  );
});

/** Of the API's two kinds of answers. */
function expectPaddingOf({ path, response_padding_chars: recorded }: Sample, { text }: SampleAnswer): void {
  if (recorded === undefined) return;
  const { padding } = JSON.parse(text) as { padding: string };
  const [least, most] = path === "/v1/stats" ? [2732, 4096] : [1368, 2732];
  expect(padding.length).toBeGreaterThanOrEqual(least);
  expect(padding.length).toBeLessThanOrEqual(most);
}

async function expectNothingStored({ request_body: body }: Sample): Promise<void> {
  const keys = (body?.["temporaryExposureKeys"] ?? []) as readonly { readonly key: string }[];
  expect((await deployment.stored(keys.map(({ key }) => key))).size).toBe(0);
}

describe("chaff after publishes", () => {
  test.each(chaffSamples)("$name", expectRealLookingChaff);
});

describe("v1alpha1", () => {
  beforeAll(async () => {
    port = await deployment.gateway({ TEKSTREAM_MONGODB_URL: link.url, ENABLE_V1ALPHA1_API: "true" });
  });

  test.each(v1Alpha1.samples)("$name", async (sample) => {
    expect(comparableAnswer(await play(sample))).toEqual(comparableSample(sample));
  });

  test.each([
    [413, { appPackageName: "a".repeat(64_000) }, "application/json"],
    [415, {}, "text/plain"],
    [500, { appPackageName: "noregion" }, "application/json"],
  ])("is answered %i as documented", async (status, body, contentType) => {
    expect(await documented(aRequest("/", body, contentType))).toMatchObject({ status });
  });

  test("has stored its rows", async () => {
    await expectRows(v1Alpha1.rows_stored);
  });
});

describe("maintenance", () => {
  beforeAll(async () => {
    port = await deployment.gateway({ MAINTENANCE_MODE: "true", ENABLE_V1ALPHA1_API: "true" });
  });

  test.each(openApi.paths)("%s is answered as documented", async (path) => {
    expect(await documented(aRequest(path, {}))).toMatchObject({ status: 429 });
  });

  test.each(other.maintenance.filter(isPlayed))("$name", async (sample) => {
    const answer = await play(sample);
    expect(comparableAnswer(answer)).toEqual(comparableSample(sample));
    if (answer.status === 429) expect(answer.text).toBe('{"error": "please try again later"}');
  });

  test.each(other.maintenance.filter((sample) => !isPlayed(sample)))("$name", expectRealLookingChaff);
});

describe("without a database", () => {
  beforeAll(async () => {
    port = await deployment.gateway({ TEKSTREAM_MONGODB_URL: link.url, ENABLE_V1ALPHA1_API: "true" });
    await link.sever();
  });

  test("v1alpha1 is answered as documented", async () => {
    const first = v1Alpha1.samples.find(({ status }) => status === 200);
    expect(await documented(first ?? aRequest("/", {}))).toMatchObject({ status: 503 });
  });

  test.each(numbered.filter(({ index }) => index >= firstWithoutDatabase).filter(isPlayed))(
    "$index: $name",
    async (sample) => {
      const { headers, body, status } = comparableAnswer(await play(sample));
      expect({ status, headers }).toEqual({
        status: 503,
        headers: { ...comparableSample(sample).headers, "retry-after": expect.stringMatching(/^[0-9]+$/) },
      });
      expect(body).toEqual({
        code: "internal_error",
        error: "temporarily unavailable: send the same request again",
        padding: "padding",
      });
    },
  );

  test.each(other.health_db_down)("$name", async (sample) => {
    expect(comparableAnswer(await play(sample))).toEqual(comparableSample(sample));
  });
});

test("every answer that the document promises has been given", () => {
  expect(openApi.unseen()).toEqual([]);
});

function aRequest(path: string, body: object, contentType = "application/json"): Sample {
  const headers = { "Content-Type": contentType };
  return {
    name: path,
    method: "POST",
    path,
    request_headers: headers,
    request_body_raw: JSON.stringify(body),
    status: 0,
    response_headers: {},
  };
}

test("nothing of any request is logged", () => {
  const secrets = [...v1, ...v1Alpha1.samples].flatMap(
    ({ request_body: body = {}, request_headers: headers = {} }) => [
      ...["verificationPayload", "hmacKey", "revisionToken"].map((name) => body[name]),
      ...((body["temporaryExposureKeys"] ?? []) as readonly { readonly key: string }[]).map(({ key }) => key),
      headers["User-Agent"],
      headers["Authorization"],
    ],
  );
  const texts = secrets.filter((secret): secret is string => typeof secret === "string" && secret.length > 8);
  const lines = deployment.logLines.join("");
  expect(texts.length).toBeGreaterThan(100);
  expect(deployment.logLines.length).toBeGreaterThan(5);
  expect(texts.filter((text) => lines.includes(text))).toEqual([]);
  expect(lines).not.toMatch(/"(?:remoteAddress|ip|address)"/);
});

test("every sample is compared as it is, but those of chaff", () => {
  const left = numbered.filter((sample) => !isPlayed(sample)).map(({ index }) => index);
  expect(left).toEqual([86, 87]);
  expect([v1.length, v1Alpha1.samples.length]).toEqual([93, 11]);
  expect(v1Alpha1.samples.every(isPlayed)).toBe(true);
});
