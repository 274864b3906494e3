import { request } from "node:http";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysAccepted } from "../../shared/topology.js";
import { aPhone, publishBody, type Phone } from "../phones/phone.js";
import { publishClient, type PublishAnswer, type PublishClient } from "../phones/publish-client.js";
import type { ReportType } from "../phones/health-authority.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";
import { apiKeys } from "./faulty-sockets.js";
import { flood } from "./flood.js";
import { tokenReader } from "./token-reader.js";
import { faultyProcess } from "./faulty-process.js";

// A phone's view of hard place 1: a real gateway whose connections to Kafka fail on order. 503 says that the outcome is
// unknown; the very same request again gets the first answer, and nothing comes twice.

const faulty = faultyProcess();
const answerSecondsMax = 3;
const keysPerPhone = 14;
const [inFlightMax, floodPublishes] = [300, 900];
let river: River;
/** Never tries again by itself. */
let once: PublishClient;
/** Tries again as phones do. */
let patient: PublishClient;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), {
    services: ["key-store"],
    settings: {
      TEKSTREAM_PARTITIONS: "1",
      PUBLISH_TIMEOUT: `${answerSecondsMax}s`,
      PUBLISH_QUEUE_BYTES_MAX: "1000000",
      PUBLISH_IN_FLIGHT_MAX: String(inFlightMax),
    },
  });
  const gateway = await river.add("gateway", "gateway", faulty.env);
  await gateway.ready();
  once = publishClient({ urls: river.apiUrls, retriesMax: 0, timeoutMs: 60_000 });
  patient = publishClient({ urls: river.apiUrls, retriesMax: 40, timeoutMs: 60_000, pauseMsMax: 1000 });
});

afterAll(async () => {
  once.close();
  patient.close();
  await river.stop();
});

const nowSeconds = (): number => Math.floor(Date.now() / 1000);

function bodyOf(phone: Phone, reportType: ReportType = "likely"): string {
  const { authority, appName } = river;
  return publishBody(phone, { authority, healthAuthorityID: appName, reportType, nowSeconds: nowSeconds() });
}

function phones(count: number): { phone: Phone; body: string }[] {
  return Array.from({ length: count }, () => {
    const phone = aPhone({ nowSeconds: nowSeconds() });
    return { phone, body: bodyOf(phone) };
  });
}

/** Repeats the request until it is answered, then revises through the token of that answer. */
async function repeatAndRevise({ phone, body }: { phone: Phone; body: string }): Promise<void> {
  const repeated = await patient.publish(body);
  expect(repeated).toMatchObject({ status: 200, body: { insertedExposures: keysPerPhone } });
  phone.revisionToken = repeated.body?.revisionToken;
  const revised = await patient.publish(bodyOf(phone, "confirmed"));
  expect(revised).toMatchObject({ status: 200 });
  expect(revised.body?.error).toBeUndefined();
}

/** The keys of these phones, and how keys.accepted tells of them. */
async function keysOf(asked: readonly { phone: Phone }[]) {
  const sent = asked.flatMap(({ phone }) => phone.keys.map(({ key }) => key)).toSorted();
  const teks = (list: readonly { tek?: Uint8Array | null }[]): string[] =>
    list.map(({ tek }) => Buffer.from(tek ?? []).toString("base64")).filter((tek) => sent.includes(tek));
  const records = await readStream(river.env, keysAccepted);
  const inserted = records.flatMap(({ message }) => teks(message.inserted)).toSorted();
  const revised = records.flatMap(({ message }) => teks(message.revised)).toSorted();
  return { sent, inserted, revised };
}

/** Each key of each phone is in keys.accepted once as inserted and once as revised. */
async function expectOnce(asked: readonly { phone: Phone }[]): Promise<void> {
  const { sent, inserted, revised } = await eventually("the revisions", async () => {
    const keys = await keysOf(asked);
    return keys.revised.length >= keys.sent.length && keys;
  });
  expect(inserted).toEqual(sent);
  expect(revised).toEqual(sent);
}

/** Sends all of the request and closes the connection, whatever the gateway makes of it. */
function sendAndHangUp(body: string): Promise<void> {
  const [url = ""] = river.apiUrls;
  const headers = { "content-type": "application/json", "content-length": Buffer.byteLength(body) };
  return new Promise((resolve) => {
    const sent = request(new URL("/v1/publish", url), { method: "POST", headers, agent: false });
    sent.on("error", () => undefined).on("close", resolve);
    sent.end(body, () => sent.destroy());
  });
}

test("a request that was answered 503 and never reached the log gets its answer when it is repeated", async () => {
  faulty.order({ apiKey: apiKeys.produce, faults: ["cut before"] });
  const asked = phones(8);
  const first = await Promise.all(asked.map(({ body }) => once.publish(body)));
  expect(first.map(({ status }) => status)).toEqual(asked.map(() => 503));
  faulty.heal();
  await Promise.all(asked.map(repeatAndRevise));
  await expectOnce(asked);
});

test("a request that was answered 503 and is in the log gets its answer when it is repeated", async () => {
  faulty.order({ apiKey: apiKeys.produce, faults: ["cut after"] });
  const asked = phones(8);
  const first = await Promise.all(asked.map(({ body }) => once.publish(body)));
  expect(first.map(({ status }) => status)).toEqual(asked.map(() => 503));
  faulty.heal();
  await Promise.all(asked.map(repeatAndRevise));
  await expectOnce(asked);
});

test("it gets it also before the key-store has seen the first attempt", async () => {
  const keyStore = river.process("key-store");
  await keyStore.signal("SIGSTOP");
  faulty.order({ apiKey: apiKeys.produce, faults: ["cut after"] });
  const asked = phones(8);
  const first = await Promise.all(asked.map(({ body }) => once.publish(body)));
  expect(first.map(({ status }) => status)).toEqual(asked.map(() => 503));
  faulty.heal();
  const repeated = await Promise.all(asked.map(({ body }) => patient.publish(body)));
  expect(repeated.map(({ body }) => body?.insertedExposures)).toEqual(asked.map(() => keysPerPhone));
  await keyStore.signal("SIGCONT");
  await Promise.all(asked.map(repeatAndRevise));
  await expectOnce(asked);
});

test("the first answer comes again: the same count, and a token that says the same", async () => {
  const asked = phones(8);
  const first = await Promise.all(asked.map(({ body }) => patient.publish(body)));
  await eventually("the keys to be accepted", async () => {
    const { sent, inserted } = await keysOf(asked);
    return inserted.length >= sent.length;
  });
  // The padding is no part of the request.
  const padded = asked.map(({ body }) =>
    JSON.stringify({ ...(JSON.parse(body) as object), padding: "AA==" }),
  );
  const again = await Promise.all(padded.map((body) => patient.publish(body)));
  expect(again.map(({ status }) => status)).toEqual(asked.map(() => 200));
  const open = await tokenReader(river.env);
  const saying = ({ body }: PublishAnswer) => ({
    ...body,
    padding: undefined,
    revisionToken: open(body?.revisionToken ?? ""),
  });
  expect(again.map(saying)).toEqual(first.map(saying));
  expect(again.map(saying)).toMatchObject(asked.map(() => ({ revisionToken: { kind: "valid" } })));
  await Promise.all(asked.map(repeatAndRevise));
  await expectOnce(asked);
});

test("a phone that hung up before the answer gets it when it repeats the request", async () => {
  const asked = phones(8);
  await Promise.all(asked.map(({ body }) => sendAndHangUp(body)));
  await eventually("the keys to be accepted", async () => {
    const { sent, inserted } = await keysOf(asked);
    return inserted.length >= sent.length;
  });
  await Promise.all(asked.map(repeatAndRevise));
  await expectOnce(asked);
});

test("while the broker stands still, a flood is answered 503, and told when to come again", async () => {
  faulty.order({ apiKey: apiKeys.produce, faults: ["lose request"] });
  const quickBefore = await quickAnswers();
  const answers = await flood(once, phones(floodPublishes));
  faulty.heal();
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([503]));
  const retryAfter = answers.flatMap(({ attempts }) =>
    attempts.map((attempt) => (attempt.outcome === "answered" ? attempt.retryAfterSeconds : undefined)),
  );
  expect(new Set(retryAfter)).toEqual(new Set([5]));
  // What was over the limits did not wait for an outcome.
  expect(await quickAnswers()).toBeGreaterThan(quickBefore);
});

/** How many publishes the gateway has answered within a second, by its own clock: phones may wait to be served. */
async function quickAnswers(): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${river.process("gateway").port}/metrics`)).text();
  return Number(/^gateway_publish_seconds_bucket{le="1"} (\d+)$/m.exec(metrics)?.[1] ?? 0);
}
