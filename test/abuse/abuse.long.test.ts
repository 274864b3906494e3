import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { settledBytesOf } from "../fuzz/settled-memory.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { aRiver, type River } from "../river/a-river.js";
import type { RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import type { AbuseKind } from "./abuse-order.js";
import { honestCrowd, type HonestResult } from "./honest-crowd.js";
import { closedConnections, holdingsOf, untilShrunk, type Holdings } from "./holdings.js";
import { judgeHonest } from "./judge-honest.js";
import { memoryGrowth } from "./memory-growth.js";
import { startAbuse } from "./start-abuse.js";

// Thousands of abusers at a gateway with its usual limits, one kind after the other, while honest phones publish at a
// steady rate and never try again: whoever is served is served within a second, and whoever is not is told when to come
// again. Afterwards the gateway holds no more than it did. `SECONDS=<number>` changes how long each kind goes on.

/** Below the default, so that ten times as many bursting clients fit on one machine with everything else. */
const inFlightMax = 200;
const abusers: readonly (readonly [AbuseKind, number])[] = [
  ["idle connections", 10_000],
  ["slow readers", 20],
  ["endless bodies", 300],
  ["header floods", 100],
  ["bursts", 10 * inFlightMax],
];
const rounds = 6;
const honest = { perSecond: 20, seconds: Number(process.env.SECONDS ?? 25), retriesMax: 0 };
const phones = honest.perSecond * honest.seconds;
/** In all rounds after the first; the heap takes more than one to find its size. */
const growthMax = 0.25;
const bodiesMax = 200;
let river: River;
let gateway: RunningProcess;
let before: Holdings;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), {
    services: ["gateway", "key-store"],
    settings: { PUBLISH_IN_FLIGHT_MAX: String(inFlightMax), HTTP_RESPONSE_TIMEOUT: "5s" },
  });
  gateway = river.process("gateway");
});
afterAll(() => river.stop());

function publishHonestly(): Promise<HonestResult> {
  return honestCrowd(river, { ...honest, apiUrl: river.apiUrls[0] ?? "" });
}

/** Honest phones among this many abusers; gives also how many publishes of these were accepted. */
async function among(
  kind: AbuseKind,
  connections: number,
): Promise<{ result: HonestResult; abusersServed: number }> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const { authority, appName } = river;
  const bodies = Array.from({ length: Math.min(connections, bodiesMax) }, () =>
    publishBody(aPhone({ nowSeconds }), { authority, healthAuthorityID: appName, nowSeconds }),
  );
  const abuse = startAbuse({ kind, port: Number(new URL(river.apiUrls[0] ?? "").port), connections, bodies });
  await eventually("the abusers to be there", async () => abuse.tally().opened >= connections);
  const result = await publishHonestly();
  const tally = await abuse.stop();
  print(`${kind}: ${JSON.stringify(tally)}, closed: ${JSON.stringify(await closedConnections(gateway))}`);
  expect(tally.refusedWithoutTime).toBe(0);
  await untilShrunk(gateway, before);
  return { result, abusersServed: tally.statuses[200] ?? 0 };
}

function print(text: string): void {
  console.log(text);
}

function report(what: string, { statuses, p99Seconds, secondsMax, offences }: HonestResult): void {
  const [p99, most] = [p99Seconds, secondsMax].map((seconds) =>
    seconds === undefined ? "unknown" : `${(seconds * 1000).toFixed(0)} ms`,
  );
  print(`${what}: honest phones ${JSON.stringify(statuses)}, p99 ${p99}, at most ${most}`);
  for (const offence of offences.slice(0, 5)) print(`  ${offence}`);
}

test("honest phones are served within a second or told when to come again, and nothing grows", async () => {
  const alone = await publishHonestly();
  report("alone", alone);
  expect(judgeHonest(alone, { phones, isCapacityLeft: true })).toEqual([]);
  before = await holdingsOf(gateway);
  const memory: number[] = [];
  const complaints: Record<string, readonly string[]> = {};
  for (let round = 1; round <= rounds; round += 1) {
    for (const [kind, connections] of abusers) {
      const what = `round ${round}, ${connections} ${kind}`;
      const { result, abusersServed } = await among(kind, connections);
      report(what, result);
      const isCapacityLeft = kind !== "bursts";
      const found = [...judgeHonest(result, { phones, isCapacityLeft })];
      // Their publishes are sound: who fills the gateway is served as far as it goes.
      if (!isCapacityLeft && abusersServed === 0) found.push("nobody of those who filled it was served");
      if (found.length > 0) complaints[what] = found;
    }
    memory.push(await settledBytesOf(gateway.pid));
    print(`resident MB after each round: ${memory.map((bytes) => (bytes / 1e6).toFixed(0)).join(", ")}`);
  }
  expect(complaints).toEqual({});
  expect(memoryGrowth(memory)).toBeLessThanOrEqual(growthMax);
  expect(gateway.exitCode).toBeNull();
});
