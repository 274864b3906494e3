import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { keysAccepted } from "../../shared/topology.js";
import { aPhone, publish, type Phone } from "../phones/phone.js";
import { publishClient, type PublishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";

// The situations of one deployment, in order: each test begins where the last one ended.

const folder = mkdtempSync(join(tmpdir(), "tekstream-explain-"));
const nowSeconds = Math.floor(Date.now() / 1000);
const phone = aPhone({ nowSeconds, dailyKeys: 3, includingToday: true });
let river: River;
let client: PublishClient;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
  const root = ["--period", "4s", "--signing-key", "us-1"];
  const create = (id: string, ...rest: readonly string[]) =>
    river.tekstream("export", "create", "--id", id, "--filename-root", id, ...root, ...rest);
  await create("ca", "--output-region", "CA");
  await create("later", "--output-region", "US", "--from", "+24h");
  client = publishClient({ urls: river.apiUrls });
  await say(phone, "likely");
});
afterAll(async () => {
  client.close();
  await river.stop();
});

const say = (who: Phone, reportType: "likely" | "confirmed") =>
  publish(who, client, {
    authority: river.authority,
    healthAuthorityID: river.appName,
    reportType,
    nowSeconds,
  });

const outputOf = (error: unknown): string => String((error as { stderr?: string }).stderr);

/** What is told of the phone's key, by its name; and never the key itself. */
async function explained(key: string, ...rest: readonly string[]): Promise<Record<string, string>> {
  const file = join(folder, "tek");
  writeFileSync(file, `${key}\n`);
  const out = await river.tekstream("explain", "key", "--tek-file", file, ...rest);
  expect(out).not.toContain(key);
  expect(out).not.toContain(Buffer.from(key, "base64").toString("hex"));
  return Object.fromEntries(
    out
      .trimEnd()
      .split("\n")
      .map((line) => [line.split(":")[0] ?? "", line.slice(line.indexOf(":") + 1).trim()]),
  );
}

const [today, yesterday] = phone.keys.map(({ key }) => key);

test("a key in a file is found there, and each export says why it has it or not", async () => {
  const told = await eventually("the key in a file", async () => {
    const found = await explained(yesterday ?? "").catch(() => undefined);
    return found?.["export us"]?.includes("published in") === true && found;
  });
  expect(told["export us"]).toMatch(
    /^window .* to .*, published in exposureKeyExport-US\/\d+-\d+-00001\.zip$/,
  );
  expect(told["export ca"]).toMatch(/^never: settings version 1 takes other regions/);
  expect(told["export later"]).toBe("never: it came before the first window of this export");
  expect(told["stored"]).toMatch(/:00:00Z, likely$/);
  expect(told["held back"]).toBeUndefined();
});

test("a file and an end name the same window, and tell how it came about", async () => {
  const told = await explained(yesterday ?? "");
  const file = /in (\S+\.zip)/.exec(told["export us"] ?? "")?.[1] ?? "";
  const end = /-(\d+)-00001/.exec(file)?.[1] ?? "";
  const byFile = await river.tekstream("explain", "batch", "--config", "us", "--file", file);
  expect(byFile).toMatch(/state: +published\n/);
  expect(byFile).toContain(`${file}, 2 keys, 0 revised\n`);
  expect(byFile).toMatch(new RegExp(`range: +${keysAccepted.topic}/0 from \\d+ to \\d+\n`));
  expect(await river.tekstream("explain", "batch", "--config", "us", "--end", end)).toBe(byFile);
});

test("a key that is held back is told when it leaves, and in which window", async () => {
  const releaseSeconds = ((phone.keys[0]?.rollingStartNumber ?? 0) + 144) * 600 + 3600;
  const told = await explained(today ?? "");
  const release = new Date(releaseSeconds * 1000).toISOString().replace(".000Z", "Z");
  expect(told["held back"]).toBe(`until ${release}: until then it is usable on air`);
  const due = new Date((releaseSeconds + 4) * 1000).toISOString().replace(".000Z", "Z");
  expect(told["export us"]).toBe(`window ${release} to ${due}, due ${due}`);
});

test("a revision has a window of its own", async () => {
  expect((await say(phone, "confirmed")).status).toBe(200);
  const told = await eventually("the revision in a file", async () => {
    const found = await explained(yesterday ?? "");
    return (
      found["export us"]?.startsWith("revision: window") === true &&
      found["export us"].includes("published in") &&
      found
    );
  });
  expect(told["revised"]).toMatch(/, confirmed$/);
});

test("a window that has not come tells when it is due, and one that can't come why", async () => {
  const end = (Math.floor(Date.now() / 4000) + 900) * 4;
  const ahead = await river.tekstream("explain", "batch", "--config", "us", "--end", String(end));
  expect(ahead).toMatch(/state: +not planned\n/);
  expect(ahead).toMatch(/why: +it is not due before /);
  const never = river.tekstream("explain", "batch", "--config", "us", "--end", String(end + 1));
  await expect(never.catch(outputOf)).resolves.toContain("has no window that ends then");
});

test("a window that is due and not planned says in which partition the tick is missing", async () => {
  await river.process("clock").signal("SIGKILL");
  const end = (Math.ceil(Date.now() / 4000) + 1) * 4;
  await eventually("the window to be due", async () => Date.now() / 1000 > end + 1);
  const due = await river.tekstream("explain", "batch", "--config", "us", "--end", String(end));
  expect(due).toContain(`it is due, but no tick for its end was read in ${keysAccepted.topic}/0`);
});

test.each([
  [["key"], "give one of --tek-file and --tek"],
  [["key", "--tek", "AAAA"], "a key is 16 bytes in base64"],
  [["key", "--tek", Buffer.alloc(16, 1).toString("base64")], "it never came, or lost a race"],
  [["batch", "--config", "us"], "give one of --end and --file"],
  [["batch", "--config", "us", "--file", "index.txt"], "an export file is named"],
  [["batch", "--config", "mx", "--end", "now"], "there is no export mx"],
])("explain %j says what is wrong", async (words, sentence) => {
  const failure = await river.tekstream("explain", ...words).then(() => "", outputOf);
  expect(failure).toContain(sentence);
});
