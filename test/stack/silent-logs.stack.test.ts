import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { MongoClient } from "mongodb";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { pathsFrom, stackDirectory } from "../../compose/paths.js";
import { connectKafka } from "../../shared/kafka/connect.js";
import { keysAccepted, keysSubmitted } from "../../shared/topology.js";
import { aHealthAuthority } from "../phones/health-authority.js";
import { publishClient, type PublishAnswer } from "../phones/publish-client.js";
import { aPhone, keepRevisionToken, publishBody, type Phone, type PublishOptions } from "../phones/phone.js";
import { aRiver, patientGateway, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { logSettingsOf, silentLog } from "../river/read-topic.js";
import { severableLink, type SeverableLink } from "../river/severable-link.js";

// Every process tells as much as it can, phones do all that phones and attackers do, and nothing of a phone may be in
// the logs: no key, no certificate, no token, no address.

const nowSeconds = Math.floor(Date.now() / 1000);
/** Of the phones, as the proxy in front tells it; the gateway counts by the network. */
const network = "203.0.113";
const address = `${network}.77`;
const userAgent = "Unmistakable/9.1 (Android 12)";
/** What it is, by what a log could hold of it. */
const secrets = new Map<string, string>([
  [network, "the address"],
  [userAgent, "the user agent"],
]);
let river: River;
let mongodb: SeverableLink;

beforeAll(async () => {
  await slowFrom(-1);
  mongodb = await severableLink(inject("endpoints").mongodb.url);
  river = await aRiver(inject("endpoints"), {
    services: ["gateway", "clock", "jwks", "key-store", "export-window", "stats"],
    periodSeconds: 2,
    settings: {
      ...patientGateway,
      LOG_LEVEL: "debug",
      PUBLISH_LIMIT: "100",
      TRUSTED_PROXIES: "1",
      TEKSTREAM_MONGODB_URL: mongodb.url,
    },
  });
});
afterAll(async () => {
  await river.stop();
  await mongodb.sever();
  await slowFrom(100);
});

/** In every form in which somebody could log some bytes. */
function keepSecret(what: string, base64: string): void {
  const bytes = Buffer.from(base64, "base64");
  secrets.set(base64.replace(/=+$/, ""), `${what} in base64`);
  secrets.set(bytes.toString("base64url"), `${what} in base64url`);
  secrets.set(bytes.toString("hex"), `${what} in hex`);
  secrets.set(JSON.stringify(bytes.toJSON().data).slice(1, -1), `${what} as bytes`);
}

/** The body of a phone's publish, all of it a secret. */
function secretBody(phone: Phone, changes: Partial<PublishOptions> = {}): string {
  const { authority, appName: healthAuthorityID } = river;
  const body = publishBody(phone, { authority, healthAuthorityID, nowSeconds, ...changes });
  for (const { key } of phone.keys) keepSecret("a key", key);
  keepSecret("an HMAC key", Buffer.from(phone.hmacSecret).toString("base64"));
  const { verificationPayload = "", padding = "" } = JSON.parse(body) as Record<string, string>;
  const [, claims = "", signature = ""] = verificationPayload.split(".");
  secrets.set(claims, "a certificate's claims");
  secrets.set(signature, "a certificate's signature");
  secrets.set(padding.slice(0, 40), "padding");
  return body;
}

async function post(body: string, more: Readonly<Record<string, string>> = {}): Promise<PublishAnswer> {
  const headers = { "X-Forwarded-For": address, "User-Agent": userAgent, ...more };
  const client = publishClient({ urls: river.apiUrls, headers, retriesMax: 0, timeoutMs: 60_000 });
  const answer = await client.publish(body);
  client.close();
  const { revisionToken = "" } = answer.body ?? {};
  if (revisionToken !== "") keepSecret("a revision token", revisionToken);
  return answer;
}

async function publishAs(phone: Phone, changes: Partial<PublishOptions> = {}): Promise<number> {
  const answer = await post(secretBody(phone, changes));
  keepRevisionToken(phone, answer);
  return answer.status;
}

function logs(): string {
  const files = readdirSync(river.logFolder).filter((name) => name.endsWith(".log"));
  return files.map((name) => readFileSync(join(river.logFolder, name), "utf8")).join("\n");
}

function found(text: string): string[] {
  const flat = text.replaceAll(/\s/g, "");
  // Whoever writes hex may write it in capitals.
  const lower = flat.toLowerCase();
  return [...secrets]
    .filter(([secret]) =>
      /^[0-9a-f]+$/.test(secret) ? lower.includes(secret) : text.includes(secret) || flat.includes(secret),
    )
    .map(([, what]) => what);
}

test("what phones send is in no log", async () => {
  const phone = aPhone({ nowSeconds });
  expect(await publishAs(phone, { reportType: "likely" })).toBe(200);
  expect(await publishAs(phone, { reportType: "confirmed" })).toBe(200);
  // Refused for all kinds of reasons.
  expect(await publishAs(aPhone({ nowSeconds }), { authority: aHealthAuthority() })).toBe(401);
  expect(await publishAs(aPhone({ nowSeconds }), { healthAuthorityID: "gov.example.nobody" })).toBe(401);
  expect(await publishAs(aPhone({ nowSeconds }), { nowSeconds: nowSeconds - 86_400 })).toBe(401);
  const other = aPhone({ nowSeconds });
  other.revisionToken = Buffer.alloc(60, 7).toString("base64");
  await publishAs(other);
  const body = secretBody(aPhone({ nowSeconds }));
  expect((await post(body.slice(0, -40))).status).toBe(400);
  expect((await post(body.replace(/"key":"[^"]{6}/, '"key":"'))).status).toBe(401);
  expect((await post(body, { "X-Chaff": "1" })).status).toBe(200);
  await writePoison(phone);
  await publishThroughOutage();
  await publishTooOften();
  await eventually("the export and the letters to be told of", () =>
    Promise.resolve(
      /batch published/.test(logs()) && (logs().match(/dead.letter|rejected/gi) ?? []).length >= 2,
    ),
  );
  expect(found(logs())).toEqual([]);
  expect(found(logOfMongodb())).toEqual([]);
});

/** Of the whole stack; while this is tested every operation is slow. */
function logOfMongodb(): string {
  return readFileSync(join(stackDirectory(pathsFrom(process.env), "test"), "logs", "mongodb.log"), "utf8");
}

/** Operations of so many milliseconds are slow to MongoDB; -1: all are. */
async function slowFrom(milliseconds: number): Promise<void> {
  const client = await MongoClient.connect(inject("endpoints").mongodb.url);
  await client.db("admin").command({ profile: 0, slowms: milliseconds });
  await client.close();
}

/** A phone that asks while MongoDB is away, and again until it is back. */
async function publishThroughOutage(): Promise<void> {
  const phone = aPhone({ nowSeconds });
  await mongodb.sever();
  expect(await publishAs(phone)).toBe(503);
  await eventually("the outage to be told of", () =>
    Promise.resolve(
      /a request was answered 503.*MongoDB does not answer|MongoDB does not answer.*a request was answered 503/.test(
        logs(),
      ),
    ),
  );
  await mongodb.open();
  await eventually("the publish to be taken", async () => (await publishAs(phone)) === 200);
}

/** The phones of a network ask until they are refused; that another network is not shows that theirs is what counts. */
async function publishTooOften(): Promise<void> {
  await eventually("the network to be limited", async () => (await post("{}")).status === 429);
  expect((await post("{}", { "X-Forwarded-For": "198.51.100.1" })).status).toBe(401);
}

/** Records with a phone's keys that can't be read: whoever leaves them out says so. */
async function writePoison(phone: Phone): Promise<void> {
  const { kafka } = connectKafka({ ...logSettingsOf(river.env), process: "admin", log: silentLog });
  const producer = kafka.producer();
  await producer.connect();
  const value = Buffer.concat(phone.keys.map(({ key }) => Buffer.from(key, "base64")));
  for (const { topic } of [keysSubmitted, keysAccepted])
    await producer.send({ topic: `${river.prefix}.${topic}`, messages: [{ value, partition: 0 }] });
  await producer.disconnect();
}

test("a log that did hold something would be found out, whichever it is", () => {
  const keys = [...secrets].filter(([, what]) => what === "a key in hex");
  expect(keys.length).toBeGreaterThan(14 * 5);
  for (const [key] of keys)
    for (const tek of [key, key.toUpperCase()])
      expect(found(`{"msg":"oh no","tek":"${tek}"}`)).toEqual(["a key in hex"]);
  expect(found(`{"msg":"oh no","network":"${address}"}`)).toEqual(["the address"]);
});
