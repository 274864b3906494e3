import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Document } from "mongodb";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { gatewaySettings } from "../../producers/gateway/config.js";
import { start } from "../../producers/gateway/start.js";
import { anOutcome } from "../../shared/stats/an-outcome.test-support.js";
import { countOutcomes, type Outcome } from "../../shared/stats/count-outcomes.js";
import { noCounts, sumOfCounts, type Counts } from "../../shared/stats/counts.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { Statistics } from "../../shared/view/statistics.js";
import { outcomeWriter, type OutcomeWriter } from "../compatibility/write-outcomes.js";
import { aHealthAuthority, signStatsToken, type HealthAuthority } from "../phones/health-authority.js";
import { aPhone, publish, type Phone, type PublishOptions } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { startInProcess, type InProcess } from "../river/start-in-process.js";

// The statistics of a health authority, from the phones to the answer that it gets, and what may happen on the way.

const nowSeconds = Math.floor(Date.now() / 1000);
/** When phones published: long enough ago for hour and day to be over. */
const thenSeconds = nowSeconds - 26 * 3600;

let river: River;
let view: View;
let outcomes: OutcomeWriter;
let gatewayThen: InProcess<{ readonly apiPort: number }>;
let gatewayNow: InProcess<{ readonly apiPort: number }>;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), {
    services: ["key-store", "stats"],
    keyFrom: "2020-01-01T00:00:00Z",
    settings: { KEYS_RETENTION: "500000h" },
  });
  const mongodbUrl = river.env["TEKSTREAM_MONGODB_URL"] ?? "";
  view = connectView({ mongodbUrl, prefix: river.prefix, process: "test" });
  outcomes = await outcomeWriter(river.env);
  [gatewayThen, gatewayNow] = await Promise.all([aGateway(thenSeconds), aGateway(nowSeconds)]);
});
afterAll(async () => {
  await Promise.all([gatewayThen.stop(), gatewayNow.stop(), outcomes.stop(), view.stop()]);
  await river.stop();
});

/** A gateway whose clock stands still. */
function aGateway(clockSeconds: number): Promise<InProcess<{ readonly apiPort: number }>> {
  const standing = (): number => clockSeconds;
  return startInProcess(gatewaySettings, { ...river.env, PORT: "0" }, (context) =>
    start(context, { nowSeconds: standing, recordTime: standing }),
  );
}

async function ask(authority: HealthAuthority): Promise<{ status: number; body: Record<string, unknown> }> {
  const token = signStatsToken(authority, { issuedAtSeconds: nowSeconds });
  const response = await fetch(`http://127.0.0.1:${gatewayNow.running.apiPort}/v1/stats`, {
    method: "POST",
    headers: { "Content-Type": "application/json", Authorization: `Bearer ${token}` },
    body: JSON.stringify({ padding: "cGFkZGluZw==" }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const userAgents = {
  android: "Dalvik/2.1.0 (Linux; Android 12)",
  ios: "App/1 iPhone13,2",
  unknown: "curl/8",
};

async function publishAs(
  platform: keyof typeof userAgents,
  phone: Phone,
  changes: Partial<PublishOptions> = {},
): Promise<number> {
  const { running } = gatewayThen;
  const urls = [`http://127.0.0.1:${running.apiPort}`];
  const client = publishClient({ urls, headers: { "User-Agent": userAgents[platform] } });
  const { authority, appName: healthAuthorityID } = river;
  const options = { authority, healthAuthorityID, nowSeconds: thenSeconds, ...changes };
  const { status } = await publish(phone, client, options);
  client.close();
  return status;
}

function phoneThen(symptomOnsetDaysAgo = 3, dailyKeys = 14): Phone {
  return aPhone({ nowSeconds: thenSeconds, symptomOnsetDaysAgo, dailyKeys });
}

function entries(count: number, ones: Readonly<Record<number, number>>): number[] {
  return Array.from({ length: count }, (_, index) => ones[index] ?? 0);
}

test("a health authority reads what phones published, each publish once, and nobody else's", async () => {
  const statuses = [
    ...(await Promise.all(Array.from({ length: 6 }, () => publishAs("android", phoneThen())))),
    ...(await Promise.all(Array.from({ length: 3 }, () => publishAs("ios", phoneThen(5, 10))))),
    await publishAs("unknown", { ...phoneThen(), symptomOnsetInterval: 0 }),
    await publishAs("ios", phoneThen(), { reportType: "negative" }),
  ];
  const revising = phoneThen(0, 2);
  statuses.push(await publishAs("android", revising, { reportType: "likely" }));
  statuses.push(await publishAs("android", revising, { reportType: "confirmed" }));
  expect(new Set(statuses)).toEqual(new Set([200]));
  // The same keys again change nothing, and a publish that is refused counts for nobody.
  expect(await publishAs("android", revising, { reportType: "confirmed" })).toBe(200);
  expect(await publishAs("android", phoneThen(), { authority: aHealthAuthority() })).toBe(401);
  const { days } = await eventually("the day to be shown", async () => {
    const { body } = await ask(river.authority);
    const [first] = (body["days"] ?? []) as readonly { publish_requests: Record<string, number> }[];
    // All platforms together: partitions are counted each at its own time.
    const shown = Object.values(first?.publish_requests ?? {}).reduce((sum, count) => sum + count, 0);
    return shown === 13 && body;
  });
  const day = new Date(Math.floor(thenSeconds / 86_400) * 86_400_000).toISOString().replace(".000", "");
  expect(days).toEqual([
    {
      day,
      publish_requests: { unknown: 1, android: 8, ios: 4 },
      total_teks_published: 6 * 14 + 3 * 10 + 14 + 2 + 2,
      requests_with_revisions: 1,
      tek_age_distribution: entries(16, { 2: 1, 10: 3, 14: 8 }),
      onset_to_upload_distribution: entries(30, { 0: 1, 3: 7, 5: 3 }),
      requests_missing_onset_date: 1,
    },
  ]);
});

test("a health authority without publishes is told of no day, and one that may not ask is told so", async () => {
  const other = aHealthAuthority({ issuer: "gov.example.other" });
  const pem = join(river.logFolder, "other.pem");
  writeFileSync(pem, other.publicPem);
  const names = ["--id", "other", "--name", "Other", "--issuer", other.issuer, "--audience", other.audience];
  await river.tekstream("health-authority", "create", ...names);
  const key = ["--key-version", other.keyVersion, "--public-key", pem, "--from", "2020-01-01T00:00:00Z"];
  await river.tekstream("health-authority", "add-key", "--id", "other", ...key);
  const answer = await eventually("the new health authority to be known", async () => {
    const asked = await ask(other);
    return asked.status === 200 && asked;
  });
  expect(Object.keys(answer.body)).toEqual(["padding"]);
  await river.tekstream("health-authority", "update", "--id", "other", "--no-stats");
  const refused = await eventually("the change to take effect", async () => {
    const asked = await ask(other);
    return asked.status !== 200 && asked;
  });
  expect(refused).toMatchObject({
    status: 401,
    body: { code: "unauthorized", error: "unauthorized: API access forbidden" },
  });
  expect((await ask(river.authority)).status).toBe(200);
});

/** What the documents say of a health authority, all hours and partitions together. */
async function countsOf(healthAuthorityId: string): Promise<Counts> {
  const hours = await new Statistics(view).hoursOf(healthAuthorityId);
  return hours.reduce<Counts>((sum, hour) => {
    const { healthAuthorityId: _id, hourSeconds: _hour, ...counts } = hour;
    return sumOfCounts(sum, counts);
  }, noCounts);
}

/** All but which session counts. */
function documents(): Promise<Document[]> {
  return view.db
    .collection("statistics")
    .find({}, { projection: { session: 0 } })
    .sort({ _id: 1 })
    .toArray();
}

/** Different ones, of three hours. */
function someOutcomes(record: number): readonly Outcome[] {
  return Array.from({ length: 1 + (record % 25) }, (_, index) =>
    anOutcome({
      healthAuthorityId: "load",
      receivedWindowSeconds: thenSeconds - (record % 3) * 3600,
      inserted: index,
      platform: ([0, 1, 2] as const)[index % 3] ?? 0,
      oldestTekDays: record % 17,
      missingOnset: index % 5 === 0,
    }),
  );
}

test("every outcome counts once while processes are killed, added and taken away", async () => {
  const records = 120;
  const expected = countOutcomes(
    Array.from({ length: records }, (_, record) =>
      someOutcomes(record).map((outcome) => ({ ...outcome, receivedWindowSeconds: 0 })),
    ).flat(),
  ).map(({ healthAuthorityId: _id, hourSeconds: _hour, ...counts }) => counts);
  const load = (async () => {
    for (let record = 0; record < records; record += 1) {
      await outcomes.write(record % 3, someOutcomes(record));
      await sleep(15);
    }
  })();
  const second = await river.add("stats", "stats-2");
  await sleep(500);
  await river.process("stats").signal("SIGKILL");
  river.process("stats").start();
  await Promise.all([load, second.ready()]);
  await second.signal("SIGTERM");
  await eventually("all outcomes to be counted", async () => {
    const { publish } = await countsOf("load");
    return publish.join() === expected[0]?.publish.join();
  });
  expect([await countsOf("load")]).toEqual(expected);
});

test("statistics that were thrown away are filled again from the log, document for document", async () => {
  const before = await documents();
  const stats = river.process("stats");
  await stats.signal("SIGTERM");
  await view.db.collection("statistics").drop();
  stats.start();
  await eventually(
    "the documents to be there again",
    async () => (await documents()).length === before.length,
  );
  await expect.poll(documents, { timeout: 60_000 }).toEqual(before);
});

test("thrown away under a running process, they are filled again after its next start", async () => {
  const before = await countsOf("load");
  const stats = river.process("stats");
  const ended = new Promise((resolve) => {
    stats.onExit(resolve);
  });
  await view.db.collection("statistics").drop();
  await outcomes.write(0, [anOutcome({ healthAuthorityId: "load" })]);
  await ended;
  expect(stats.exitCode).toBe(1);
  stats.start();
  const {
    healthAuthorityId: _id,
    hourSeconds: _hour,
    ...one
  } = countOutcomes([anOutcome()])[0] ?? { healthAuthorityId: "", hourSeconds: 0, ...noCounts };
  await expect.poll(() => countsOf("load"), { timeout: 60_000 }).toEqual(sumOfCounts(before, one));
  const indexes = await view.db.collection("statistics").listIndexes().toArray();
  expect(indexes.map(({ name }) => String(name))).toContain("dayEnd_ttl");
});
