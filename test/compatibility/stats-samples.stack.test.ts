import { once } from "node:events";
import { readFileSync } from "node:fs";
import { request as httpRequest, type IncomingHttpHeaders, type IncomingMessage } from "node:http";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { gatewaySettings } from "../../producers/gateway/config.js";
import { start } from "../../producers/gateway/start.js";
import { Statistics } from "../../shared/view/statistics.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { aHealthAuthority } from "../phones/health-authority.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { startInProcess, type InProcess } from "../river/start-in-process.js";
import { seededOutcomes } from "./seeded-outcomes.js";
import { outcomeWriter } from "./write-outcomes.js";

// What the reference server answered on `/v1/stats`, asked again of ours.

interface Sample {
  readonly name: string;
  readonly method: string;
  readonly path: string;
  readonly request_headers: Readonly<Record<string, string>>;
  readonly request_body_raw?: string;
  readonly status: number;
  readonly response_headers: Readonly<Record<string, string>>;
  readonly response_body: Readonly<Record<string, unknown>>;
  readonly response_padding_chars?: number;
}

const vectors = new URL("../vectors/", import.meta.url);
const read = (name: string): string => readFileSync(new URL(name, vectors), "utf8");
const v1 = JSON.parse(read("http/v1.json")) as { samples: readonly Sample[] };
const other = JSON.parse(read("http/other.json")) as { maintenance: readonly Sample[] };
const isStats = ({ path }: Sample): boolean => path === "/v1/stats";
const samples = v1.samples.filter(isStats);
/** The tokens of the samples are valid from two seconds before this time on, for a minute. */
const sampleSeconds = 1_795_470_380;

let river: River;
let view: View;
const gateways: InProcess<{ readonly apiPort: number }>[] = [];

beforeAll(async () => {
  const authority = aHealthAuthority({ privatePem: read("verification/keys/ha-v1.private.pem") });
  river = await aRiver(inject("endpoints"), {
    services: ["stats"],
    authority,
    keyFrom: String(sampleSeconds - 3600),
    // However long ago the samples are, MongoDB must not sort them out.
    settings: { KEYS_RETENTION: "500000h" },
  });
  view = connectView({
    mongodbUrl: river.env["TEKSTREAM_MONGODB_URL"] ?? "",
    prefix: river.prefix,
    process: "test",
  });
});
afterAll(async () => {
  await Promise.all(gateways.map((gateway) => gateway.stop()));
  await view.stop();
  await river.stop();
});

/** A gateway whose clock stands at the samples' time; gives its address. */
async function aGateway(settings: Readonly<Record<string, string>> = {}): Promise<string> {
  const env = { ...river.env, PORT: "0", ...settings };
  const gateway = await startInProcess(gatewaySettings, env, (context) =>
    start(context, { nowSeconds: () => sampleSeconds }),
  );
  gateways.push(gateway);
  return `http://127.0.0.1:${gateway.running.apiPort}`;
}

/** Sends a sample and compares the answer; gives its headers. */
async function replay(
  url: string,
  sample: Sample,
  wanted: Partial<Sample> = {},
): Promise<IncomingHttpHeaders> {
  const { name, status, response_headers, response_body, response_padding_chars } = { ...sample, ...wanted };
  const response = await send(url, sample);
  const { padding: wantedPadding, ...wantedFields } = response_body;
  const { padding, ...fields } = JSON.parse((await response.toArray()).join("")) as Record<string, unknown>;
  expect(response.statusCode, name).toBe(status);
  expect(fields, name).toEqual(wantedFields);
  for (const [header, value] of Object.entries(response_headers))
    expect(response.headers[header.toLowerCase()], name).toBe(value);
  const paddingChars = typeof padding === "string" ? padding.length : undefined;
  if (response_padding_chars === undefined) {
    expect(paddingChars, name).toBe(wantedPadding === undefined ? undefined : 0);
  } else {
    expect(paddingChars, name).toBeGreaterThanOrEqual(2732);
    expect(paddingChars, name).toBeLessThanOrEqual(4096);
  }
  return response.headers;
}

/** Of Node's clients only this one sends a body with GET. */
async function send(
  url: string,
  { method, path, request_headers, request_body_raw }: Sample,
): Promise<IncomingMessage> {
  const body = request_body_raw ?? "";
  const headers = { ...request_headers, "Content-Length": Buffer.byteLength(body) };
  const request = httpRequest(url + path, { method, headers }).end(body);
  const [response] = (await once(request, "response")) as [IncomingMessage];
  return response;
}

test("every sample is answered as the reference server answered it, whatever was published before", async () => {
  const url = await aGateway();
  const later = samples.findIndex(({ name }) => name === "stats: ok");
  const isAway = ({ name }: Sample): boolean => name === "stats: database failure";
  for (const sample of samples.slice(0, later)) {
    const headers = await replay(url, sample);
    expect(headers["x-api-version"], sample.name).toBeUndefined();
  }
  const outcomes = await outcomeWriter(river.env);
  for (const [index, outcome] of seededOutcomes("doh", sampleSeconds).entries())
    await outcomes.write(index % 3, [outcome]);
  await outcomes.stop();
  const statistics = new Statistics(view);
  await eventually("the history to be counted", async () => {
    const hours = await statistics.hoursOf("doh");
    return hours.flatMap(({ publish }) => publish).reduce((sum, count) => sum + count, 0) === 20;
  });
  const last = samples.slice(later).filter((sample) => !isAway(sample));
  expect(last.length).toBeGreaterThanOrEqual(2);
  for (const sample of last) await replay(url, sample);
});

test("without MongoDB the answer is 503, when to come again, and nothing of the inside", async () => {
  const sample = samples.find(({ name }) => name === "stats: database failure");
  if (sample === undefined) throw new Error("there is no such sample");
  const url = await aGateway({
    TEKSTREAM_MONGODB_URL: "mongodb://127.0.0.1:9/?serverSelectionTimeoutMS=300",
  });
  const error = "temporarily unavailable: send the same request again";
  const { response_body } = sample;
  const headers = await replay(url, sample, { status: 503, response_body: { ...response_body, error } });
  expect(headers["retry-after"]).toBe("5");
});

test("in maintenance mode statistics are refused as everything is", async () => {
  const url = await aGateway({ MAINTENANCE_MODE: "true" });
  const sample = other.maintenance.find(isStats);
  if (sample === undefined) throw new Error("there is no such sample");
  await replay(url, sample);
});
