import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, inject, test } from "vitest";
import { aPublicKeyPem } from "./a-deployment.test-support.js";
import type { DeploymentView } from "./deployment-view.js";
import { run, type Ran } from "./run-admin.test-support.js";

// One deployment is set up command by command; the tests build on one another, in order. Every command reads the log
// anew, so that what one shows went through the log.

const folder = mkdtempSync(join(tmpdir(), "tekstream-admin-"));
const pemFile = join(folder, "ha.pem");
const pem = aPublicKeyPem();
let environment: Record<string, string>;

beforeAll(() => {
  const { kafka, registry } = inject("endpoints");
  environment = {
    TEKSTREAM_KAFKA_BROKERS: kafka.brokers.join(","),
    TEKSTREAM_REGISTRY_URL: registry.url,
    TEKSTREAM_PREFIX: `t-${randomBytes(5).toString("hex")}`,
    TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64"),
  };
  writeFileSync(pemFile, pem);
});

test("a new deployment is empty, and needs no master key to be looked at", async () => {
  const { TEKSTREAM_MASTER_KEY: _unneeded, ...rest } = environment;
  const ran = await run(["config", "show"], rest);
  expect(ran).toMatchObject({ exitCode: 0, err: "" });
  expect(ran.out).toContain("There is no health authority yet.");
});

test("an app needs its health authority first", async () => {
  const command = "app create --name Gov.Example.App --region us,ca --health-authority ha";
  expect(await tekstream(command)).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining('make it first with "tekstream health-authority create"'),
  });
  const authority = "health-authority create --id ha --issuer iss --audience aud --name Health";
  await done(`${authority} --key-version v1 --public-key ${pemFile}`);
  await done(command);
  const { healthAuthorities, apps } = await shown();
  const key = { version: "v1", fromSeconds: expect.any(Number), thruSeconds: null, publicKeyPem: pem };
  expect(healthAuthorities).toMatchObject([{ id: "ha", issuer: "iss", statsEnabled: true, keys: [key] }]);
  expect(apps).toMatchObject([
    { name: "gov.example.app", regions: ["US", "CA"], healthAuthorityIds: ["ha"] },
  ]);
});

test("an entity is made once", async () => {
  const command = "health-authority create --id ha --issuer other --audience aud --name Health";
  expect(await tekstream(command)).toMatchObject({ exitCode: 1, err: expect.stringContaining("update") });
});

test("a signing key's public half is printed and written to a file, its private half is shown nowhere", async () => {
  const file = join(folder, "signing.pem");
  const ran = await done(`signing-key create --id k1 --key-id 310 --key-version v1 --public-key-out ${file}`);
  expect(ran.out).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  expect(readFileSync(file, "utf8")).toBe(ran.out);
  const all = await done("config show --json");
  expect(JSON.parse(all.out)).toMatchObject({ signingKeys: [{ id: "k1", publicKeyPem: ran.out }] });
  expect(all.out).not.toMatch(/private|wrapped/i);
});

test("a signing key made with another master key is refused", async () => {
  const other = { ...environment, TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64") };
  const ran = await run("signing-key create --id k2 --key-id 310 --key-version v2".split(" "), other);
  expect(ran).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining("TEKSTREAM_MASTER_KEY is not the one"),
  });
});

test("an export keeps its earlier versions", async () => {
  await done("export create --id us --filename-root us --period 4h --output-region us --signing-key k1");
  await done("signing-key create --id k2 --key-id 310 --key-version v2");
  await done("export update --id us --signing-key k1 k2 --exclude-region mx --thru +24h");
  await done("export update --id us --no-exclude-region --no-thru");
  const [us] = (await shown()).exports;
  expect(us?.versions.map(({ version }) => version)).toEqual([1, 2, 3]);
  expect(us?.versions[0]).toMatchObject({ outputRegion: "US", signingKeyIds: ["k1"], effectiveAtSeconds: 0 });
  expect(us?.versions[1]).toMatchObject({ excludeRegions: ["MX"], thruSeconds: expect.any(Number) });
  expect(us?.versions[2]).toMatchObject({
    signingKeyIds: ["k1", "k2"],
    excludeRegions: [],
    thruSeconds: null,
  });
});

test("few keys are padded unless the operator says otherwise, and warnings name what phones may not bear", async () => {
  const ran = await done("export create --id hourly --filename-root hourly --period 1h --output-region US");
  expect(ran.err).toMatch(/without a signature[^]*24 windows a day/);
  const update = "export update --id hourly --signing-key k1 k2 --period 4h --min-records 0";
  expect((await done(update)).err).toMatch(/several signatures[^]*few keys show how few/);
  const held = "export update --id hourly --hold-below 500 --hold-at-most 48h --signing-key k1";
  expect((await done(held)).err).not.toMatch(/several|few|windows a day/);
  const hourly = (await shown()).exports.find(({ id }) => id === "hourly");
  expect(hourly?.versions[0]).toMatchObject({
    paddingRecordsMin: 1000,
    paddingRecordsRange: 100,
    holdRecordsMin: 0,
  });
  expect(hourly?.versions[2]).toMatchObject({
    paddingRecordsMin: 0,
    holdRecordsMin: 500,
    holdSecondsMax: 172_800,
  });
});

test("a signing key is rotated in every export that it signs", async () => {
  const ran = await done("signing-key rotate --id k2 --new-id k3 --key-version v3 --from +1h --overlap none");
  expect(ran.out).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  const { exports, signingKeys } = await shown();
  expect(exports.find(({ id }) => id === "us")?.versions.at(-1)?.signingKeyIds).toEqual(["k3", "k1", "k2"]);
  const [k2, k3] = ["k2", "k3"].map((name) => signingKeys.find(({ id }) => id === name));
  expect(k3).toMatchObject({ verificationKeyId: "310", verificationKeyVersion: "v3", thruSeconds: null });
  expect(k2?.thruSeconds).toBe((k3?.fromSeconds ?? 0) - 1);
  const again = await tekstream(
    "signing-key rotate --id k2 --new-id k4 --key-version v4 --from +2h --overlap none",
  );
  expect(again).toMatchObject({ exitCode: 1, err: expect.stringContaining("nobody would sign in between") });
});

test("keys are revoked, reinstated, activated and retired", async () => {
  await done(`health-authority add-key --id ha --key-version v2 --public-key ${pemFile} --from +2h`);
  await done("health-authority activate-key --id ha --key-version v2");
  await done("health-authority revoke-key --id ha --key-version v1");
  await done("signing-key retire --id k1 --at now");
  const { healthAuthorities, signingKeys } = await shown();
  const ends = healthAuthorities[0]?.keys.map(({ thruSeconds }) => thruSeconds);
  expect(ends).toEqual([expect.any(Number), null]);
  expect(signingKeys.map(({ thruSeconds }) => thruSeconds)).toEqual([
    expect.any(Number),
    expect.any(Number),
    null,
  ]);
  await done("health-authority reinstate-key --id ha --key-version v1");
  expect((await shown()).healthAuthorities[0]?.keys[0]?.thruSeconds).toBeNull();
});

test("a revision key is made, is followed by another, and is retired, but never the last one", async () => {
  const first = (await done("revision-key create")).out.trim();
  expect(await tekstream(`revision-key retire --id ${first}`)).toMatchObject({
    exitCode: 1,
    err: expect.stringContaining("is the only one"),
  });
  const second = (await done("revision-key create")).out.trim();
  await done(`revision-key retire --id ${first}`);
  expect((await shown()).revisionKeys).toEqual([
    { id: first, createdAtSeconds: expect.any(Number), retired: true },
    { id: second, createdAtSeconds: expect.any(Number), retired: false },
  ]);
  expect(await tekstream(`revision-key retire --id ${first}`)).toMatchObject({ exitCode: 1 });
  expect(await tekstream("revision-key retire --id 1")).toMatchObject({ exitCode: 1 });
  const other = { ...environment, TEKSTREAM_MASTER_KEY: randomBytes(32).toString("base64") };
  expect(await run(["revision-key", "create"], other)).toMatchObject({ exitCode: 1 });
});

test("the address of a document of keys is set, shown and taken away, and what follows from it is told", async () => {
  const set = await done("health-authority update --id ha --jwks-uri http://ha.example/keys");
  expect(set.err).toContain("JWKS_ALLOWED_HOSTS");
  expect((await done("health-authority show --id ha")).out).toContain("http://ha.example/keys");
  const added = await done(`health-authority add-key --id ha --key-version v3 --public-key ${pemFile}`);
  expect(added.err).toContain("reinstate-key keeps it");
  await done("health-authority update --id ha --no-jwks-uri");
  expect((await shown()).healthAuthorities).toMatchObject([{ jwksUri: null }]);
  const again = await done(`health-authority add-key --id ha --key-version v4 --public-key ${pemFile}`);
  expect(again.err).not.toContain("reinstate-key");
});

test("a removed app is gone, and can be made again", async () => {
  await done("app remove --name gov.example.app");
  expect(await tekstream("app show --name gov.example.app")).toMatchObject({ exitCode: 1, out: "" });
  expect(await tekstream("app remove --name gov.example.app")).toMatchObject({ exitCode: 1 });
  await done("app create --name gov.example.app --region US --bypass-verification");
  expect((await shown()).apps).toMatchObject([{ bypassHealthAuthorityVerification: true }]);
});

test("every list and show prints a table and JSON", async () => {
  const commands = [
    "health-authority show --id ha",
    "app show --name GOV.example.app",
    "signing-key show --id k1",
    "export show --id us",
    ...["health-authority", "app", "signing-key", "export", "revision-key"].map((noun) => `${noun} list`),
    "config show",
  ];
  for (const command of commands) {
    const [text, asJson] = await Promise.all([done(command), done(`${command} --json`)]);
    expect(text.out, command).toMatch(/ha|gov\.example\.app|k1|us|[0-9]{16}/);
    expect(JSON.parse(asJson.out), command).toBeTruthy();
  }
});

test("settings may come from a file", async () => {
  const file = join(folder, "deployment.env");
  const lines = Object.entries(environment).map(([name, value]) => `${name}=${value}`);
  writeFileSync(file, lines.join("\n"));
  const ran = await run(["app", "list", "--env-file", file]);
  expect(ran).toMatchObject({ exitCode: 0, out: expect.stringContaining("gov.example.app") });
});

function tekstream(command: string): Promise<Ran> {
  return run(command.split(" "), environment);
}

async function done(command: string): Promise<Ran> {
  const ran = await tekstream(command);
  expect(ran.exitCode, `${command}: ${ran.err}`).toBe(0);
  return ran;
}

async function shown(): Promise<DeploymentView> {
  return JSON.parse((await done("config show --json")).out) as DeploymentView;
}
