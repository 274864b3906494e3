import type { IncomingMessage } from "node:http";
import { Readable } from "node:stream";
import { expect, test } from "vitest";
import type { PublishAnswer } from "./answer.js";
import { chaffGate, drawAnswer, type ChaffOptions } from "./chaff.js";
import { RecentAnswers } from "./recent-answers.js";

const token = (bytes: number): string => Buffer.alloc(bytes, 7).toString("base64");
const accepted: PublishAnswer = { status: 200, revisionToken: token(100), insertedExposures: 14 };

function options(changes: Partial<ChaffOptions> = {}) {
  const pauses: number[] = [];
  const counted: true[] = [];
  return {
    pauses,
    counted,
    events: { chaffAnswered: () => void counted.push(true) },
    recent: new RecentAnswers(4),
    replies: new Map([["/a", () => ({ status: 200, headers: {}, body: "like a real one" })]]),
    promptPaths: new Set<string>(),
    tokenLike: (bytes = 500) => token(bytes),
    latencyMsMax: 1000,
    chance: () => 0.5,
    nowMs: () => 5,
    pause: async (lengthMs: number) => void pauses.push(lengthMs),
    ...changes,
  };
}

/** With each value of `X-Chaff` as a header of its own. */
function aRequest(chaff: readonly string[], body = "anything"): IncomingMessage {
  const [headers, headersDistinct] =
    chaff.length === 0 ? [{}, {}] : [{ "x-chaff": chaff.join(", ") }, { "x-chaff": chaff }];
  const parts = { headers, headersDistinct };
  return Object.assign(Readable.from([Buffer.from(body)]), parts) as unknown as IncomingMessage;
}

/** It came two milliseconds ago. */
const call = { requestId: "", path: "/a", arrivedAtMs: 3 };

test("each answer is one of the recent ones, as it was, and each of them comes", () => {
  const recent = new RecentAnswers(4);
  const kinds = [10, 20, 30, 90].map((latencyMs, index) => ({
    latencyMs,
    bytes: 100 + index,
    keys: index + 1,
  }));
  for (const { latencyMs, bytes, keys } of kinds)
    recent.record({ ...accepted, revisionToken: token(bytes), insertedExposures: keys }, latencyMs);
  const drawn = [0, 0.25, 0.5, 0.99].map((value) => drawAnswer(options({ recent, chance: () => value })));
  expect(
    drawn.map(({ latencyMs, publish: { revisionToken = "", insertedExposures } }) => ({
      latencyMs,
      bytes: Buffer.from(revisionToken, "base64").length,
      keys: insertedExposures,
    })),
  ).toEqual(kinds);
});

test("only the last answers are remembered", () => {
  const recent = new RecentAnswers(4);
  for (let count = 0; count < 10; count += 1) recent.record(accepted, count);
  const drawn = [0, 0.25, 0.5, 0.75].map((value) => recent.draw(() => value)?.latencyMs ?? -1);
  expect(drawn.toSorted((a, b) => a - b)).toEqual([6, 7, 8, 9]);
});

test.each<[string, PublishAnswer]>([
  ["a refusal", { status: 400, code: "bad_request", error: "no" }],
  ["an outage", { status: 503, code: "internal_error" }],
  ["half a success", { ...accepted, code: "partial_failure" }],
  ["an answer without a token", { ...accepted, revisionToken: "" }],
])("%s is not remembered", (_what, answer) => {
  const recent = new RecentAnswers(4);
  recent.record(answer, 1);
  expect(recent.draw(() => 0)).toBeUndefined();
});

test.each([
  [1000, 1000],
  [0, 5000],
])("a cap of %i ms makes 5,000 ms %i ms", (latencyMsMax, expected) => {
  const recent = new RecentAnswers(1);
  recent.record(accepted, 5000);
  expect(drawAnswer(options({ recent, latencyMsMax })).latencyMs).toBe(expected);
});

test("before any real answer it is like a usual one, and not always the same", () => {
  const drawn = [0, 0.2, 0.5, 0.9].map((value) => drawAnswer(options({ chance: () => value })));
  for (const { latencyMs, publish } of drawn) {
    expect(latencyMs).toBeGreaterThanOrEqual(5);
    expect(latencyMs).toBeLessThan(25);
    expect(publish).toMatchObject({ status: 200, revisionToken: token(500) });
    expect([12, 13, 14]).toContain(publish.insertedExposures);
  }
  expect(new Set(drawn.map(({ latencyMs }) => latencyMs)).size).toBe(4);
});

test("a chaff request is answered after the delay, and takes nothing of its body", async () => {
  const recent = new RecentAnswers(4);
  recent.record(accepted, 42);
  const all = options({ recent });
  const request = aRequest(["1"]);
  expect(await chaffGate(all)(request, call)).toMatchObject({ body: "like a real one" });
  expect(all.pauses).toEqual([40]);
  expect(all.counted).toHaveLength(1);
  expect(request.readableEnded).toBe(true);
});

test("chaff is not remembered", async () => {
  const recent = new RecentAnswers(4);
  await chaffGate(options({ recent }))(aRequest(["1"]), call);
  expect(recent.draw(() => 0)).toBeUndefined();
});

test("a path that answers at once does so to chaff", async () => {
  const all = options({ promptPaths: new Set(["/a"]) });
  expect(await chaffGate(all)(aRequest(["1"]), call)).toMatchObject({ status: 200 });
  expect(all.pauses).toEqual([]);
});

test.each<[string, readonly string[]]>([
  ["without the header", []],
  ["whose header is empty", [""]],
  ["with two empty headers", ["", ""]],
  ["whose first header is empty", ["", "1"]],
])("a request %s is a real one, and left alone", async (_what, chaff) => {
  const all = options();
  const request = aRequest(chaff);
  expect(await chaffGate(all)(request, call)).toBeUndefined();
  expect(request.readableFlowing).toBeNull();
  expect(all.pauses).toEqual([]);
  expect(all.counted).toEqual([]);
});

test("a client that goes away before its body has ended is not waited for", async () => {
  const all = options();
  const request = aRequest(["1"]);
  request.destroy();
  expect(await chaffGate(all)(request, call)).toBeDefined();
  expect(all.pauses).toEqual([]);
});
