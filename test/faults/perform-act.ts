import { setTimeout as sleep } from "node:timers/promises";
import type { HealthAuthority, ReportType } from "../phones/health-authority.js";
import { enter } from "../phones/ledger.js";
import { aPhone, keepRevisionToken, publishBody, type Phone } from "../phones/phone.js";
import type { PublishAnswer, PublishClient } from "../phones/publish-client.js";
import { countAnswer, type Account } from "./account.js";
import type { Act } from "./acts.js";

/** Whom the phones of a trial talk to, and who keeps account. */
export interface Stage {
  readonly client: PublishClient;
  readonly authority: HealthAuthority;
  readonly healthAuthorityID: string;
  readonly account: Account;
}

const dailyKeys = 4;
/** So long ago the certificate was issued, of the 15 minutes that it lasts: gateways' clocks may differ both ways. */
const certifiedBeforeSeconds = 400;

/** Lets a phone do what its act says. Never rejects: what goes wrong is in the account. */
export async function performAct(stage: Stage, act: Act): Promise<void> {
  const { phoneSeed: seed, includingToday } = act;
  const phone = aPhone({ seed, nowSeconds: nowSeconds(), dailyKeys, includingToday });
  switch (act.kind) {
    case "once":
      await say(stage, phone, "confirmed", "a publish");
      return;
    case "twice":
      return sayTwice(stage, phone);
    case "revise":
      await say(stage, phone, "likely", "a publish");
      await sleep(act.pauseMs);
      if (phone.revisionToken !== undefined) await say(stage, phone, act.to, "a revision");
      return;
    case "race":
      return race(stage, phone, act);
  }
}

/** One request, repeated until it is answered, and entered into the ledger. */
async function say(
  stage: Stage,
  phone: Phone,
  reportType: ReportType,
  what: string,
  expected: readonly number[] = [200],
): Promise<PublishAnswer> {
  const answer = await stage.client.publish(bodyOf(stage, phone, reportType));
  record(stage, phone, { reportType, what, expected }, answer);
  return answer;
}

async function sayTwice(stage: Stage, phone: Phone): Promise<void> {
  const body = bodyOf(stage, phone, "confirmed");
  const entry = { reportType: "confirmed", what: "one of two identical requests", expected: [200] } as const;
  const answers = await Promise.all([stage.client.publish(body), stage.client.publish(body)]);
  for (const answer of answers) record(stage, phone, entry, answer);
  const [first, second] = answers.map(({ body }) => body?.insertedExposures);
  if (first === second) return;
  const detail = `identical requests were told ${first} and ${second} inserted keys`;
  stage.account.findings.push({ reason: "answers_differ", detail });
}

/** Two phones with one key in common: the token of exactly one of them opens it afterwards. */
async function race(stage: Stage, phone: Phone, act: Act & { kind: "race" }): Promise<void> {
  const { phoneSeed, includingToday } = act;
  const made = aPhone({ seed: `${phoneSeed}/rival`, nowSeconds: nowSeconds(), dailyKeys, includingToday });
  const rival = { ...made, keys: [...phone.keys.slice(0, 1), ...made.keys.slice(1)] };
  const racers = [
    { phone, revisedTo: "confirmed" },
    { phone: rival, revisedTo: "negative" },
  ] as const;
  await Promise.all(
    racers.map((racer) => say(stage, racer.phone, "likely", "a racer's publish", [200, 400])),
  );
  await sleep(act.pauseMs);
  const tried = await Promise.all(
    racers.map(async ({ phone: racer, revisedTo }) => {
      if (racer.revisionToken === undefined) return undefined;
      const { status } = await say(stage, racer, revisedTo, "a racer's revision", [200, 400]);
      return { status, revisedTo };
    }),
  );
  judgeRace(stage, phone.keys[0]?.key ?? "", tried);
}

function judgeRace(
  { account }: Stage,
  tek: string,
  tried: readonly ({ status: number; revisedTo: "confirmed" | "negative" } | undefined)[],
): void {
  const winners = tried.flatMap((racer) => (racer?.status === 200 ? [racer] : []));
  const isKnown = tried.every((racer) => racer === undefined || racer.status === 200 || racer.status === 400);
  const [winner] = winners;
  if (winners.length > 1) account.findings.push({ reason: "race_with_two_winners", detail: tek });
  else if (winner !== undefined) account.races.push({ tek, revisedTo: winner.revisedTo });
  else if (isKnown) account.findings.push({ reason: "race_without_winner", detail: tek });
}

function record(
  { account }: Stage,
  phone: Phone,
  { reportType, what, expected }: { reportType: ReportType; what: string; expected: readonly number[] },
  answer: PublishAnswer,
): void {
  countAnswer(account, what, answer, expected);
  keepRevisionToken(phone, answer);
  enter(account.ledger, { phone, answer, reportType, regions: ["US"], nowMs: Date.now() });
}

function bodyOf({ authority, healthAuthorityID }: Stage, phone: Phone, reportType: ReportType): string {
  const certifiedSeconds = nowSeconds() - certifiedBeforeSeconds;
  return publishBody(phone, { authority, healthAuthorityID, reportType, nowSeconds: certifiedSeconds });
}

function nowSeconds(): number {
  return Math.floor(Date.now() / 1000);
}
