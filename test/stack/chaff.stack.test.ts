import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { keysSubmitted } from "../../shared/topology.js";
import { aRiver, patientGateway, type River } from "../river/a-river.js";
import { freePort } from "../river/free-port.js";
import { readStream } from "../river/read-topic.js";
import { meanChaff, realAndChaff, type RealAndChaff } from "./real-and-chaff.js";
import { separationOf } from "./telling-apart.js";

// Chaff of the real gateway beside real publishes. With a few hundred answers of each kind, and whole batches of them
// at one time, chance alone moves an area under the curve by some hundredths: the bound here is wide, that of chaff.long.test.ts is the real one.

let river: River;
beforeAll(async () => {
  river = await aRiver(inject("endpoints"), {
    services: ["gateway", "key-store"],
    settings: { ...patientGateway, ENABLE_V1ALPHA1_API: "true", LOG_LEVEL: "debug" },
  });
});
afterAll(() => river.stop());

const chaff = (path: string, init: RequestInit = {}, apiUrl = river.apiUrls[0] ?? ""): Promise<Response> =>
  fetch(`${apiUrl}${path}`, { method: "POST", headers: { "X-Chaff": "1" }, ...init });

describe("before any real answer", () => {
  test.each([
    ["/v1/publish", "revisionToken,insertedExposures,padding", "v1"],
    ["/", "revisionToken,insertedExposures,error,padding", "v1alpha"],
    ["/v1/stats", "days,padding", null],
  ])("chaff at %s has a successful answer's fields and headers", async (path, fields, version) => {
    const response = await chaff(path, { body: "not even json" });
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("application/json");
    expect(response.headers.get("x-api-version")).toBe(version);
    expect(Object.keys((await response.json()) as object).join()).toBe(fields);
  });

  test("chaff at /health has its answer", async () => {
    const response = await chaff("/health", { method: "GET" });
    expect([response.status, await response.text()]).toEqual([200, '{"status": "ok"}']);
    expect(response.headers.get("content-type")).toBe("text/plain; charset=utf-8");
  });

  test("chaff on no route's path is 404", async () => {
    expect((await chaff("/v2/publish")).status).toBe(404);
  });

  test("chaff leaves nothing in the log of keys", async () => {
    expect(await readStream(river.env, keysSubmitted)).toEqual([]);
  });
});

test("chaff is neither turned away by maintenance nor by a limit", async () => {
  const PORT = String(await freePort());
  const settings = { PORT, MAINTENANCE_MODE: "true", PUBLISH_LIMIT: "1" };
  await (await river.add("gateway", "in-maintenance", settings)).ready();
  const apiUrl = `http://127.0.0.1:${PORT}`;
  const statuses: number[] = [];
  for (let count = 0; count < 4; count += 1) statuses.push((await chaff("/v1/publish", {}, apiUrl)).status);
  expect(statuses).toEqual([200, 200, 200, 200]);
  const real = await fetch(`${apiUrl}/v1/publish`, { method: "POST", body: "{}" });
  expect(real.status).toBe(429);
});

/** At 64 connections, these are but a few batches, in whose times neighbours find a pattern. */
const nearestMax = 0.7;

test.each([
  [1, 300, 0.6],
  [64, 600, 0.65],
])("at %i connections chaff can't be told from real answers", async (connections, each, areaMax) => {
  const seen = await aSampleAtOnePace(connections, each, areaMax);
  for (const kind of ["head", "fields", "status", "tokenChars"] as const)
    expect(new Set(seen.chaff.map((answer) => answer[kind]))).toEqual(
      new Set(seen.real.map((answer) => answer[kind])),
    );
  expect(seen.real.every(({ status }) => status === 200)).toBe(true);
  const separation = separationOf(seen.real, seen.chaff);
  expect(separation.bytes).toBeLessThanOrEqual(areaMax);
  expect(separation.seconds).toBeLessThanOrEqual(areaMax);
  expect(separation.nearest).toBeLessThanOrEqual(nearestMax);
  expect(separationOf(seen.real, meanChaff(seen.real)).nearest).toBeGreaterThanOrEqual(0.9);
});

/**
 * Chaff follows the answers before it, so that a machine that changes its pace in the middle tells the two apart by
 * their times for a while. What does so by itself does it in each of three samples.
 */
async function aSampleAtOnePace(connections: number, each: number, areaMax: number): Promise<RealAndChaff> {
  for (let samples = 1; ; samples += 1) {
    const seen = await realAndChaff(oneGateway(river), { each, connections });
    const { seconds, nearest } = separationOf(seen.real, seen.chaff);
    if (samples === 3 || (seconds <= areaMax && nearest <= nearestMax)) return seen;
  }
}

/** The first gateway alone: the others are for other tests. */
function oneGateway({ apiUrls: [url = ""], ...rest }: River): River {
  return { ...rest, apiUrls: [url] };
}
