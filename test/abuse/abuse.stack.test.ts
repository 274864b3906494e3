import { readdirSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aPhone, publishBody } from "../phones/phone.js";
import { residentBytesOf } from "../hard-places/flood.js";
import { aRiver, type River } from "../river/a-river.js";
import type { RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import type { AbuseKind, AbuseTally } from "./abuse-order.js";
import { honestCrowd } from "./honest-crowd.js";
import { closedConnections, holdingsOf, untilShrunk, type Holdings } from "./holdings.js";
import { startAbuse, type Abuse } from "./start-abuse.js";

// The short form of abuse.long.test.ts: limits so low that a few abusers reach them. Times are not looked at; answers,
// limits, and that nothing stays, are.

const [connectionsMax, inFlightMax] = [80, 20];
const settings = {
  CONNECTIONS_MAX: String(connectionsMax),
  KEEP_ALIVE_TIMEOUT: "2s",
  HEADER_TIMEOUT: "1s",
  HTTP_REQUEST_TIMEOUT: "3s",
  HTTP_RESPONSE_TIMEOUT: "1s",
  PUBLISH_IN_FLIGHT_MAX: String(inFlightMax),
};
/** Honest phones try again as phones do: on a slow machine, whoever takes too long to send is answered 408. */
const honest = { perSecond: 5, seconds: 3, retriesMax: 60 };
let river: River;
let gateway: RunningProcess;
let before: Holdings;
const running = new Set<Abuse>();

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["gateway", "key-store"], settings });
  gateway = river.process("gateway");
  await honestCrowd(river, { ...honest, apiUrl: river.apiUrls[0] ?? "" });
  before = await holdingsOf(gateway);
});
afterAll(async () => {
  await Promise.all([...running].map((abuse) => abuse.stop()));
  await river.stop();
});

function abuse(kind: AbuseKind, connections: number, apiUrl = river.apiUrls[0] ?? ""): Abuse {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { authority, appName } = river;
  const bodies = Array.from({ length: connections }, () =>
    publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID: appName, nowSeconds }),
  );
  const started = startAbuse({ kind, port: Number(new URL(apiUrl).port), connections, bodies });
  running.add(started);
  return started;
}

/** Resolves when the abusers have seen what the limits do to them. */
async function seen(what: string, { tally }: Abuse, look: (tally: AbuseTally) => boolean): Promise<void> {
  await eventually(what, async () => look(tally()));
}

/** Every honest phone's keys are taken, if not at once, and whoever was refused was told when to come again. */
async function expectHonestServed(): Promise<void> {
  const { statuses, offences } = await honestCrowd(river, { ...honest, apiUrl: river.apiUrls[0] ?? "" });
  expect(offences).toEqual([]);
  expect(statuses).toEqual({ 200: honest.perSecond * honest.seconds });
}

test("header floods are answered 431 and 408", async () => {
  const floods = abuse("header floods", 20);
  await expectHonestServed();
  await seen(
    "both answers",
    floods,
    ({ statuses }) => statuses[431] !== undefined && statuses[408] !== undefined,
  );
  await floods.stop();
  await untilShrunk(gateway, before);
});

test("bodies that never end are answered 413 and 408, and stand in nobody's way", async () => {
  // More than may be in flight.
  const bodies = abuse("endless bodies", 3 * inFlightMax);
  await expectHonestServed();
  await seen(
    "both answers",
    bodies,
    ({ statuses }) => statuses[413] !== undefined && statuses[408] !== undefined,
  );
  expect((await bodies.stop()).statuses).not.toHaveProperty("503");
  await untilShrunk(gateway, before);
});

test("idle connections are closed, and there are never more than the limit", async () => {
  const idle = abuse("idle connections", 2 * connectionsMax);
  let filesMax = 0;
  await eventually("connections to be refused", async () => {
    filesMax = Math.max(filesMax, readdirSync(`/proc/${gateway.pid}/fd`).length);
    return ((await closedConnections(gateway))["too_many_connections"] ?? 0) > connectionsMax;
  });
  await seen("connections to be closed and opened again", idle, ({ opened }) => opened > 4 * connectionsMax);
  filesMax = Math.max(filesMax, readdirSync(`/proc/${gateway.pid}/fd`).length);
  expect(filesMax).toBeLessThanOrEqual(before.files + connectionsMax + 10);
  await idle.stop();
  await untilShrunk(gateway, before);
  await expectHonestServed();
});

test("a burst of several times the capacity is answered 200 or 503, and 503 says when to come again", async () => {
  const bursts = abuse("bursts", 7 * inFlightMax);
  await expectHonestServed();
  await seen("refusals", bursts, ({ statuses }) => (statuses[503] ?? 0) > 0 && (statuses[200] ?? 0) > 0);
  const { statuses, refusedWithoutTime } = await bursts.stop();
  // A slow machine may not get to read a request in time.
  expect(Object.keys(statuses).filter((status) => status !== "408")).toEqual(["200", "503"]);
  expect(refusedWithoutTime).toBe(0);
  await untilShrunk(gateway, before);
});

test("answers that nobody reads are given up", async () => {
  // Answers so large that the kernel does not take many.
  const padded = await river.add("gateway", "padded", { RESPONSE_PADDING_MIN_BYTES: "1000000" });
  await padded.ready();
  const apiUrl = river.apiUrls.at(-1) ?? "";
  const beforeReaders = await holdingsOf(padded);
  const bytesBefore = residentBytesOf(padded.pid);
  const readers = abuse("slow readers", 6, apiUrl);
  await eventually("connections to be given up", async () => {
    const closed = await closedConnections(padded);
    return (closed["answer_not_taken"] ?? 0) + (closed["too_many_requests"] ?? 0) > 6;
  });
  await sleep(1000);
  // Eight answers of 1.4 MB for each of them at most, with as much again for how they are made.
  expect(residentBytesOf(padded.pid) - bytesBefore).toBeLessThan(6 * 8 * 2 * 2_800_000);
  await readers.stop();
  await untilShrunk(padded, beforeReaders);
});
