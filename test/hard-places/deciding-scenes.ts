import { expect } from "vitest";
import type { ReportType } from "../phones/health-authority.js";
import { aPhone, type Phone } from "../phones/phone.js";
import type { PublishAnswer } from "../phones/publish-client.js";
import { eventually } from "../river/eventually.js";
import { windowsOf, type DecidingRiver } from "./deciding-river.js";
import { overtaking, toldKeys, type ToldKeys } from "./told-keys.js";

// What phones do in the tests of who decides, and what has to come of it.

const typeNumbers = { confirmed: 1, likely: 2, negative: 5, "user-report": 3 } as const;
const nowSeconds = (): number => Math.floor(Date.now() / 1000);

/** A phone, and what it revises its keys to. */
export interface Reviser {
  readonly phone: Phone;
  readonly to: "confirmed" | "negative";
}

/** Every second one has today's key, which is held back; every second one is revoked. */
export function revisers(count: number): Reviser[] {
  return Array.from({ length: count }, (_, index) => ({
    phone: aPhone({ nowSeconds: nowSeconds(), dailyKeys: 2, includingToday: index % 4 < 2 }),
    to: index % 2 === 0 ? "confirmed" : "negative",
  }));
}

/** Lets all publish and revise right behind it; gives the answers to the revisions. */
export async function publishAndRevise(
  { say }: DecidingRiver,
  all: readonly Reviser[],
): Promise<PublishAnswer[]> {
  return Promise.all(
    all.map(async ({ phone, to }) => {
      const first = await say(phone, "likely");
      expect(first).toMatchObject({ status: 200, body: { insertedExposures: phone.keys.length } });
      const revision = await say(phone, to);
      // A revision that was decided without its key would count the key as new.
      expect([revision.status, revision.body?.insertedExposures, revision.body?.error]).toEqual([
        200,
        undefined,
        undefined,
      ]);
      return revision;
    }),
  );
}

/** Each key is told once, and its revision once, behind it; and so it is in the exports, as far as it may leave. */
export async function expectRevisedOnce(deciding: DecidingRiver, all: readonly Reviser[]): Promise<void> {
  const teks = all.flatMap(({ phone }) => phone.keys.map(({ key }) => key));
  const told = await eventually("all revisions", async () => {
    const now = await toldKeys(deciding.river.env);
    return teks.every((tek) => now.revised.has(tek)) && now;
  });
  expectToldOnce(told, all);
  const reader = await deciding.river.reader();
  const open = teks.filter((tek) => told.inserted.get(tek)?.[0]?.isEmbargoed === false);
  const read = await eventually("all revisions in exports", async () => {
    const now = await reader.readNew();
    return open.every((tek) => now.revised.has(tek)) && now;
  });
  expect(read.problems).toEqual([]);
  for (const tek of teks) {
    const { primary, revised } = windowsOf(read, tek);
    const isOpen = told.inserted.get(tek)?.[0]?.isEmbargoed === false;
    expect([primary.length, revised.length]).toEqual(isOpen ? [1, 1] : [0, 0]);
    if (isOpen) expect(revised[0]).toBeGreaterThanOrEqual(primary[0] ?? Number.POSITIVE_INFINITY);
  }
  for (const { phone, to } of all) {
    for (const { key } of phone.keys.filter(({ key: tek }) => open.includes(tek)))
      expect(read.revised.get(key)).toMatchObject([{ reportType: typeNumbers[to] }]);
  }
}

function expectToldOnce(told: ToldKeys, all: readonly Reviser[]): void {
  for (const { phone, to } of all) {
    for (const { key } of phone.keys) {
      expect(told.inserted.get(key)).toMatchObject([{ reportType: typeNumbers.likely }]);
      expect(told.revised.get(key)).toMatchObject([{ reportType: typeNumbers[to] }]);
    }
  }
  expect(overtaking(told)).toEqual([]);
}

/** Two phones with one key in common, their newest, and one of its own each. */
export type Pair = readonly [Reviser, Reviser];

export function pairs(count: number): Pair[] {
  return Array.from({ length: count }, () => {
    const [a, b] = [
      aPhone({ nowSeconds: nowSeconds(), dailyKeys: 2 }),
      aPhone({ nowSeconds: nowSeconds(), dailyKeys: 2 }),
    ];
    const shared = { ...b, keys: [...a.keys.slice(0, 1), ...b.keys.slice(1)] };
    return [
      { phone: a, to: "confirmed" },
      { phone: shared, to: "negative" },
    ];
  });
}

/** How a pair ended. */
export interface Race {
  readonly winner: Reviser;
  readonly loser: Reviser;
}

/** Both revise at the same time: one is accepted, and the other's token opens nothing, then or later. */
export async function reviseBoth({ say }: DecidingRiver, pair: Pair): Promise<Race> {
  const answers = await Promise.all(pair.map(({ phone, to }) => say(phone, to)));
  const statuses = answers.map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([200, 400]);
  const [winner, loser] = statuses[0] === 200 ? pair : [pair[1], pair[0]];
  const refusal = answers.find(({ status }) => status === 400);
  expect(refusal?.body?.code).toBe("invalid_revision_token");
  const [shared, ...own] = loser.phone.keys;
  for (const reportType of ["confirmed", "negative"] as const) {
    const again = await say({ ...loser.phone, keys: shared === undefined ? own : [shared] }, reportType);
    expect([again.status, again.body?.code]).toEqual([400, "invalid_revision_token"]);
  }
  // The race has cost it one key: its others are its own.
  expect((await say({ ...loser.phone, keys: own }, loser.to)).status).toBe(200);
  return { winner, loser };
}

/** The shared key is told once, and revised once, as its winner wants it; each phone's own key as that phone does. */
export async function expectOneWinner({ river }: DecidingRiver, races: readonly Race[]): Promise<ToldKeys> {
  const wanted = races.flatMap(({ winner, loser }): [string, ReportType][] => [
    ...winner.phone.keys.map(({ key }): [string, ReportType] => [key, winner.to]),
    ...loser.phone.keys.slice(1).map(({ key }): [string, ReportType] => [key, loser.to]),
  ]);
  const told = await eventually("all revisions", async () => {
    const now = await toldKeys(river.env);
    return wanted.every(([tek]) => now.revised.has(tek)) && now;
  });
  for (const [tek, to] of wanted) {
    expect(told.inserted.get(tek)).toMatchObject([{ reportType: typeNumbers.likely }]);
    expect(told.revised.get(tek)).toMatchObject([{ reportType: typeNumbers[to] }]);
  }
  expect(overtaking(told)).toEqual([]);
  return told;
}
