import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { Statistics } from "../../shared/view/statistics.js";
import { eventually } from "../river/eventually.js";
import { aSampleDeployment, type SampleDeployment } from "./a-sample-deployment.js";
import { comparableAnswer, comparableSample } from "./comparable.js";
import { sampleSeconds } from "./sample-time.js";
import { other, v1, type Sample } from "./samples.js";
import { seededOutcomes } from "./seeded-outcomes.js";
import { sendSample } from "./send-sample.js";
import { outcomeWriter } from "./write-outcomes.js";

// What the reference server answered on `/v1/stats`, asked again of ours.

const isOfStatistics = ({ path }: Sample): boolean => path === "/v1/stats";
const numbered = v1.map((sample, index) => ({ ...sample, index })).filter(isOfStatistics);
/** Before this sample the reference server was given a history. */
const firstWithHistory = 84;
const firstWithoutDatabase = 90;
/** The samples' tokens are issued so long after the rest, and are good for a minute. */
const laterSeconds = 60;

let deployment: SampleDeployment;
let port: number;

beforeAll(async () => {
  deployment = await aSampleDeployment(inject("endpoints"));
  port = await deployment.gateway({}, laterSeconds);
});
afterAll(() => deployment.stop());

/** Sends a sample and compares the answer; `wanted` is what is meant to differ. */
async function replay(sample: Sample, wanted: Partial<Sample> = {}): Promise<void> {
  const expected = { ...sample, ...wanted };
  const answer = comparableAnswer(await sendSample(port, sample));
  const { body, ...rest } = comparableSample(expected);
  const { padding, ...fields } = answer.body as Record<string, unknown>;
  const { padding: wantedPadding, ...wantedFields } = body as Record<string, unknown>;
  expect({ ...answer, body: fields }).toEqual({ ...rest, body: wantedFields });
  // More of it than elsewhere: 2048 to 3071 bytes in base64, and none where the request can't be read.
  if (wantedPadding === undefined) expect(padding).toBeUndefined();
  else if (expected.status === 400) expect(padding).toBe("");
  else expect(String(padding)).toMatch(/^[A-Za-z0-9+/]{2730,4096}=*$/);
}

describe("before there is a history", () => {
  test.each(numbered.filter(({ index }) => index < firstWithHistory))("$index: $name", (sample) =>
    replay(sample),
  );
});

describe("with a history", () => {
  let view: View;
  beforeAll(async () => {
    const { env } = deployment;
    const outcomes = await outcomeWriter(env);
    for (const [index, outcome] of seededOutcomes("1", sampleSeconds + laterSeconds).entries())
      await outcomes.write(index % 3, [outcome]);
    await outcomes.stop();
    const [mongodbUrl = "", prefix = ""] = [env["TEKSTREAM_MONGODB_URL"], env["TEKSTREAM_PREFIX"]];
    view = connectView({ mongodbUrl, prefix, process: "test" });
    const statistics = new Statistics(view);
    await eventually("the history to be counted", async () => {
      const counts = (await statistics.hoursOf("1")).flatMap(({ publish }) => publish);
      return counts.reduce((sum, count) => sum + count, 0) === 20;
    });
  });
  afterAll(() => view.stop());

  test.each(numbered.filter(({ index }) => index >= firstWithHistory && index < firstWithoutDatabase))(
    "$index: $name",
    (sample) => replay(sample),
  );
});

describe("without a database", () => {
  beforeAll(async () => {
    const url = "mongodb://127.0.0.1:9/";
    port = await deployment.gateway({ TEKSTREAM_MONGODB_URL: url }, laterSeconds);
  });

  test.each(numbered.filter(({ index }) => index >= firstWithoutDatabase))("$index: $name", (sample) =>
    replay(sample, {
      status: 503,
      response_headers: { ...sample.response_headers, "Retry-After": "5" },
      response_body: {
        code: "internal_error",
        error: "temporarily unavailable: send the same request again",
        padding: "<base64>",
      },
    }),
  );
});

describe("in maintenance mode", () => {
  beforeAll(async () => {
    port = await deployment.gateway({ MAINTENANCE_MODE: "true" });
  });

  test.each(other.maintenance.filter(isOfStatistics))("$name", (sample) => replay(sample));
});

test("every sample of the statistics is played", () => {
  expect(numbered.map(({ index }) => index)).toEqual([77, 78, 79, 80, 81, 82, 83, 84, 85, 91]);
});
