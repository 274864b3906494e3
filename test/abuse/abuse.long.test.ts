import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { settledBytesOf } from "../fuzz/settled-memory.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { aRiver, type River } from "../river/a-river.js";
import type { RunningProcess } from "../river/a-process.js";
import { eventually } from "../river/eventually.js";
import type { AbuseKind } from "./abuse-order.js";
import { honestCrowd, type HonestResult } from "./honest-crowd.js";
import { closedConnections, holdingsOf, untilShrunk, type Holdings } from "./holdings.js";
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
const rounds = 3;
const honest = { perSecond: 20, seconds: Number(process.env.SECONDS ?? 25), retriesMax: 0 };
const p99SecondsMax = 1;
/** What may be there after the last round for each byte that was there after the one before; in the first two the heap finds its size. */
const growthMax = 1.15;
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

/** Honest phones among this many abusers. */
async function among(kind: AbuseKind, connections: number): Promise<HonestResult> {
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
  return result;
}

function print(text: string): void {
  console.log(text);
}

function report(what: string, { statuses, p99Seconds, secondsMax, offences }: HonestResult): void {
  const [p99, most] = [p99Seconds, secondsMax].map((seconds) => `${(seconds * 1000).toFixed(0)} ms`);
  print(`${what}: honest phones ${JSON.stringify(statuses)}, p99 ${p99}, at most ${most}`);
  for (const offence of offences.slice(0, 5)) print(`  ${offence}`);
}

test("honest phones are served within a second or told when to come again, and nothing grows", async () => {
  report("alone", await publishHonestly());
  before = await holdingsOf(gateway);
  const memory: number[] = [];
  const results: { what: string; result: HonestResult }[] = [];
  for (let round = 1; round <= rounds; round += 1) {
    for (const [kind, connections] of abusers) {
      const what = `round ${round}, ${connections} ${kind}`;
      const result = await among(kind, connections);
      report(what, result);
      results.push({ what, result });
    }
    memory.push(await settledBytesOf(gateway.pid));
    print(`resident MB after each round: ${memory.map((bytes) => (bytes / 1e6).toFixed(0)).join(", ")}`);
  }
  for (const { what, result } of results) {
    expect(result.offences, what).toEqual([]);
    expect(result.p99Seconds, what).toBeLessThan(p99SecondsMax);
  }
  expect(memory.at(-1)).toBeLessThanOrEqual((memory.at(-2) ?? 0) * growthMax);
  expect(gateway.exitCode).toBeNull();
});
