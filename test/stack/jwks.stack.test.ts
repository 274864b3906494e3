import { generateKeyPairSync, type KeyObject } from "node:crypto";
import { mkdtempSync, writeFileSync } from "node:fs";
import type { RequestListener } from "node:http";
import { createServer, type Server } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aTlsCertificate } from "../../producers/jwks/a-tls-certificate.test-support.js";
import { configChanged } from "../../shared/topology.js";
import type { HealthAuthority } from "../phones/health-authority.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { aRiver, patientGateway, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";
import { postPublish } from "./post-publish.js";

// A health authority rotates its keys by the document in which it lists them, and the real gateway follows within
// seconds. The test plays the health authority's server. The tests build on one another, in order.

const periodSeconds = 0.5;
let river: River;
let server: Server;
let answer: RequestListener;
let served = 0;
let settings: Record<string, string>;

const [one, two, three] = [aKey("k1"), aKey("k2"), aKey("k3")];

beforeAll(async () => {
  const certificate = aTlsCertificate();
  const trusted = join(mkdtempSync(join(tmpdir(), "tekstream-jwks-")), "trusted.pem");
  writeFileSync(trusted, certificate.cert);
  server = createServer(certificate, (request, response) => {
    served += 1;
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  serve([one, two]);
  river = await aRiver(inject("endpoints"), { services: ["gateway"], settings: patientGateway });
  settings = {
    NODE_EXTRA_CA_CERTS: trusted,
    JWKS_ALLOWED_HOSTS: host,
    JWKS_PERIOD: `${periodSeconds}s`,
    REQUEST_TIMEOUT: "1s",
    JWKS_DOCUMENT_BYTES_MAX: "4096",
  };
  await (await river.add("jwks", "jwks", settings)).ready();
  await river.tekstream("health-authority", "update", "--id", "doh", "--jwks-uri", `https://${host}/keys`);
});
afterAll(async () => {
  await river.stop();
  server.closeAllConnections();
  server.close();
});

interface AuthorityKey {
  readonly kid: string;
  readonly publicKey: KeyObject;
  readonly privateKey: KeyObject;
}

function aKey(kid: string): AuthorityKey {
  return { kid, ...generateKeyPairSync("ec", { namedCurve: "P-256" }) };
}

function jwksOf(keys: readonly AuthorityKey[]): object[] {
  return keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid }));
}

function serve(keys: readonly AuthorityKey[]): void {
  serveText(JSON.stringify(jwksOf(keys)));
}

function serveText(text: string): void {
  answer = (_request, response) => response.end(text);
}

/** Whether the gateway takes a certificate that was signed with this key. */
async function isAccepted({ kid, privateKey }: AuthorityKey): Promise<boolean> {
  const authority: HealthAuthority = { ...river.authority, keyVersion: kid, privateKey };
  const nowSeconds = Math.floor(Date.now() / 1000);
  const body = publishBody(aPhone({ nowSeconds }), {
    authority,
    healthAuthorityID: river.appName,
    nowSeconds,
  });
  const { status } = await postPublish(river.apiUrls[0] ?? "", body);
  expect([200, 401]).toContain(status);
  return status === 200;
}

async function allAccepted(keys: readonly AuthorityKey[]): Promise<boolean> {
  return (await Promise.all(keys.map(isAccepted))).every(Boolean);
}

/** Within seconds, and in a noisy place some more. */
const secondsMax = 60;

async function untilAccepted(key: AuthorityKey): Promise<void> {
  await eventually(`certificates of ${key.kid} to be accepted`, () => isAccepted(key), secondsMax);
}

async function untilRefused(key: AuthorityKey): Promise<void> {
  await eventually(
    `certificates of ${key.kid} to be refused`,
    async () => !(await isAccepted(key)),
    secondsMax,
  );
}

async function metric(line: string): Promise<number> {
  const response = await fetch(`http://127.0.0.1:${river.process("jwks").port}/metrics`);
  const found = (await response.text()).split("\n").find((text) => text.startsWith(`${line} `));
  return Number(found?.split(" ")[1] ?? Number.NaN);
}

/** Waits until the document was looked at with this outcome, so often more than now. */
async function untilLookedAt(outcome: string, times = 2): Promise<void> {
  const line = `jwks_refreshes_total{outcome="${outcome}"}`;
  const before = await metric(line);
  await eventually(`looks that end with ${outcome}`, async () => (await metric(line)) >= before + times);
}

const given = (): AuthorityKey => {
  const { keyVersion, privateKey } = river.authority;
  return { kid: keyVersion, privateKey, publicKey: privateKey };
};

test("listed keys are accepted once the document is named, and what an operator gave and it lacks is not", async () => {
  await untilAccepted(one);
  await untilAccepted(two);
  await untilRefused(given());
});

test("the command line tells which keys were discovered, and an operator's word about a key counts more", async () => {
  const shown = await river.tekstream("health-authority", "show", "--id", "doh");
  expect(shown).toMatch(/key k1: valid, from .*, thru no end, discovered/);
  expect(shown).toMatch(/key v1: ended/);
  await river.tekstream("health-authority", "reinstate-key", "--id", "doh", "--key-version", "v1");
  await river.tekstream("health-authority", "revoke-key", "--id", "doh", "--key-version", "k2");
  await untilAccepted(given());
  await untilRefused(two);
  await untilLookedAt("unchanged");
  expect([await isAccepted(given()), await isAccepted(two)]).toEqual([true, false]);
  await river.tekstream("health-authority", "reinstate-key", "--id", "doh", "--key-version", "k2");
  await untilAccepted(two);
});

test("looking again and again writes nothing", async () => {
  const records = async (): Promise<number> => (await readStream(river.env, configChanged)).length;
  const before = await records();
  await untilLookedAt("unchanged", 3);
  expect(await records()).toBe(before);
});

test("a key that the document drops is refused within seconds, and accepted when it is back, in either form", async () => {
  serve([two]);
  await untilRefused(one);
  expect(await isAccepted(two)).toBe(true);
  serveText(JSON.stringify({ keys: jwksOf([one, two]) }));
  await untilAccepted(one);
});

test("no document that can't be used makes any key invalid", async () => {
  const unusable: [string, RequestListener][] = [
    ["empty", (_request, response) => response.end("[]")],
    ["empty", (_request, response) => response.end()],
    ["not_json", (_request, response) => response.end("<html></html>")],
    ["bad_status", (_request, response) => response.writeHead(500).end(JSON.stringify(jwksOf([three])))],
    ["no_usable_key", (_request, response) => response.end('[{"kty":"RSA"}]')],
    ["too_large", (_request, response) => response.end(" ".repeat(5000) + JSON.stringify(jwksOf([three])))],
    ["timeout", (_request, response) => void response.write("[")],
    ...["127.0.0.1", "169.254.169.254", "localhost"].map((host): [string, RequestListener] => [
      "private_address",
      redirect(`https://${host}/`),
    ]),
    ["not_https", redirect("http://127.0.0.1:1/")],
  ];
  for (const [outcome, listener] of unusable) {
    answer = listener;
    await untilLookedAt(outcome, 1);
    expect(await allAccepted([one, two, given()]), outcome).toBe(true);
  }
  await eventually(
    "the trouble to show",
    async () => (await metric("jwks_failing_health_authorities")) === 1,
  );
  expect(await isAccepted(three)).toBe(false);
});

test("when the document is right again, the last success is recent", async () => {
  serve([one, two]);
  const since = Date.now() / 1000;
  await eventually("a success", async () => (await metric("jwks_last_success_seconds")) > since);
  await eventually(
    "the trouble to be over",
    async () => (await metric("jwks_failing_health_authorities")) === 0,
  );
});

test("a new key under the kid of another takes its version over", async () => {
  const successor = aKey("k1");
  serve([successor, two]);
  await untilAccepted(successor);
  await untilRefused(one);
  serve([one, successor, two]);
  await untilLookedAt("unchanged");
  expect([await isAccepted(successor), await isAccepted(one)]).toEqual([true, false]);
});

test("a second instance does no harm", async () => {
  const second = await river.add("jwks", "jwks-2", settings);
  await second.ready();
  serve([two, three]);
  await untilAccepted(three);
  await untilLookedAt("unchanged");
  expect(await allAccepted([two, three, given()])).toBe(true);
  await second.signal("SIGKILL");
});

test("a document that is not named any more is not looked at, and its keys stay as they are", async () => {
  await river.tekstream("health-authority", "update", "--id", "doh", "--no-jwks-uri");
  await eventually("the looks to stop", async () => {
    const before = served;
    await new Promise((resolve) => setTimeout(resolve, 3 * periodSeconds * 1000));
    return served === before;
  });
  expect(await allAccepted([two, three, given()])).toBe(true);
});

function redirect(location: string): RequestListener {
  return (_request, response) => response.writeHead(302, { location }).end();
}
