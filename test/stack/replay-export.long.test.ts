import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { aPlacedKey } from "../../shared/records/a-placed-key.test-support.js";
import { keyRecord, originOf } from "../../shared/records/key-record.js";
import { keysEmbargoed } from "../../shared/topology.js";
import { publishCrowd } from "../phones/crowd.js";
import { exportReader } from "../phones/export-reader.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver } from "../river/a-river.js";
import { bucketOf, type Bucket } from "../river/bucket.js";
import { eventually } from "../river/eventually.js";
import { filenameRoot } from "../river/set-up.js";
import { aReplayRiver, type ReplayRiver } from "./replay-river.js";

// The tests build on one another, in order. While exports are replayed no worker runs: what lies in the bucket is what
// the replay put there.

let it: ReplayRiver;
let bucket: Bucket;
/** By the id of the export, where its files lie. */
const roots = { us: filenameRoot, eu: "eu", both: "both" } as const;
const before = new Map<string, ReadonlyMap<string, Buffer>>();
const periodSeconds = 4;

beforeAll(async () => {
  it = await aReplayRiver(await aRiver(inject("endpoints")));
  bucket = bucketOf(it.river.env);
}, 240_000);
afterAll(() => it.stop());

const isZip = (name: string): boolean => name.endsWith(".zip");

interface Said {
  readonly code: number;
  readonly out: string;
}

async function replay(id: string, ...more: readonly string[]): Promise<Said> {
  const words = ["replay", "export", "--config", id, "--from", "-1h", "--to", "now", ...more];
  return it.river.tekstream(...words).then(
    (out) => ({ code: 0, out }),
    (error: { code: number; stdout: string }) => ({ code: error.code, out: error.stdout }),
  );
}

/** Phones of the other region, travelers among them. */
async function europeans(traveler: boolean): Promise<void> {
  const client = publishClient({
    urls: it.river.apiUrls,
    timeoutMs: 12_000,
    retriesMax: 50,
    backoffMs: 200,
    pauseMsMax: 1000,
  });
  const { authority } = it.river;
  const crowd = await publishCrowd({
    phones: 10,
    concurrency: 4,
    client,
    authority,
    healthAuthorityID: "gov.example.eu",
    regions: ["EU"],
    phone: { traveler },
  });
  client.close();
  expect(crowd.statuses).toEqual({ 200: 10 });
}

/** As key-store writes what may not leave yet, with seconds in the place of hours. */
async function embargo(count: number): Promise<void> {
  const { connection, framing } = it.audit;
  const writer = new StreamWriter(connection, keysEmbargoed, framing);
  const nowSeconds = Math.floor(Date.now() / 1000);
  const rollingStartIntervalNumber = (Math.floor(nowSeconds / 86_400) - 2) * 144;
  for (let index = 0; index < count; index++) {
    const releaseSeconds = nowSeconds + index;
    const key = aPlacedKey({
      tek: randomBytes(16),
      rollingStartIntervalNumber,
      createdAtSeconds: releaseSeconds,
      releaseSeconds,
    });
    const record = { origins: [originOf(key)], inserted: [keyRecord(key, 0, false)] };
    await writer.write(index % 3, record);
  }
  await writer.stop();
}

async function untilAllIsPublished(): Promise<void> {
  const until = Date.now() / 1000;
  const batches = it.audit.view.db.collection("batches");
  for (const configurationId of Object.keys(roots))
    await eventually(
      `${configurationId} to be published`,
      async () =>
        (await batches.countDocuments({ configurationId, state: "published", endSeconds: { $gte: until } })) >
        0,
      120,
    );
}

test("an eventful deployment publishes its windows", async () => {
  const { tekstream } = it.river;
  await tekstream("app", "create", "--name", "gov.example.eu", "--region", "EU", "--health-authority", "doh");
  const period = [
    "--period",
    `${periodSeconds}s`,
    "--signing-key",
    "us-1",
    "--min-records",
    "30",
    "--padding-range",
    "20",
  ];
  await tekstream(
    "export",
    "create",
    "--id",
    "eu",
    "--filename-root",
    "eu",
    "--output-region",
    "EU",
    "--include-travelers",
    ...period,
  );
  await tekstream(
    "export",
    "create",
    "--id",
    "both",
    "--filename-root",
    "both",
    "--output-region",
    "EU",
    "--input-region",
    "EU",
    "US",
    "--only-non-travelers",
    "--max-records",
    "40",
    ...period,
  );
  await it.traffic("first", 6000, 6);
  await europeans(false);
  await embargo(12);
  const worker = it.river.process("export-window");
  await worker.signal("SIGKILL");
  await it.traffic("second", 6000, 6);
  await europeans(true);
  worker.start();
  await tekstream("export", "update", "--id", "both", "--max-records", "25", "--period", "2s");
  await tekstream(
    "signing-key",
    "rotate",
    "--id",
    "us-1",
    "--new-id",
    "us-2",
    "--key-version",
    "v2",
    "--from",
    "+10s",
    "--overlap",
    "20s",
  );
  await sleep(6000);
  await it.traffic("third", 8000, 6);
  await embargo(6);
  await sleep(12_000);
  await untilAllIsPublished();
  await worker.signal("SIGKILL");
  for (const [id, root] of Object.entries(roots)) {
    const objects = await bucket.all(root);
    expect([...objects.keys()].filter(isZip).length).toBeGreaterThan(1);
    before.set(id, objects);
  }
});

test("with the bucket and the database gone, each export comes back from the log, every zip and index byte for byte", async () => {
  for (const name of ["gateway", "key-store", "clock"]) await it.river.process(name).signal("SIGTERM");
  for (const objects of before.values()) await bucket.remove(...objects.keys());
  await it.audit.view.db.dropDatabase();
  for (const [id, root] of Object.entries(roots)) {
    const wanted = before.get(id) ?? new Map<string, Buffer>();
    const zips = [...wanted.keys()].filter(isZip);
    const told = await replay(id);
    expect(told.out).toContain(`0 the same, ${zips.length} missing, 0 restored, 0 different`);
    expect(told.code).toBe(3);
    const { code, out } = await replay(id, "--publish");
    expect(out).toContain(`${zips.length} restored, 0 different`);
    expect(code).toBe(0);
    const after = await bucket.all(root);
    for (const name of [...zips, `${root}/index.txt`])
      expect([name, after.get(name)?.equals(wanted.get(name) ?? Buffer.of())]).toEqual([name, true]);
    expect([...after.keys()].filter(isZip)).toEqual(zips);
    expect((await replay(id)).code).toBe(0);
  }
});

test("a file with another content is told, byte and key, and is made anew behind the last line", async () => {
  const published = before.get("us") ?? new Map<string, Buffer>();
  const names = [...published.keys()].filter(isZip);
  const [first, second] = names;
  if (first === undefined || second === undefined) throw new Error("there are not two files");
  const damaged = Buffer.from(published.get(first) ?? []);
  damaged[60] = (damaged[60] ?? 0) ^ 0xff;
  await bucket.overwrite(first, damaged);
  // Another window's keys.
  await bucket.overwrite(second, published.get(first) ?? Buffer.of());
  const told = await replay("us");
  expect(told.code).toBe(3);
  expect(told.out).toMatch(new RegExp(`${first}: can't be read \\(.*\\); the zip differs in bytes 60\\n`));
  expect(told.out).toMatch(
    new RegExp(
      `${second}: export.bin differs in bytes [-0-9, ]+; keys: [1-9][0-9]* missing, [1-9][0-9]* extra`,
    ),
  );

  const { code, out } = await replay("us", "--publish");
  expect(code).toBe(0);
  expect(out.match(/made anew as/g)).toHaveLength(2);
  const lines = ((await bucket.all(filenameRoot)).get(`${filenameRoot}/index.txt`)?.toString() ?? "").split(
    "\n",
  );
  const kept = names.filter((name) => name !== first && name !== second);
  expect(lines.slice(0, kept.length)).toEqual(kept);
  expect(lines).toHaveLength(kept.length + 2);
  expect((await replay("us")).code).toBe(0);

  // A phone that has seen nothing yet, or all of it, trips over nothing, and has every key once.
  const publicKeys = await Promise.all(
    ["us-1", "us-2"].map(async (id) => {
      const shown = await it.river.tekstream("signing-key", "show", "--id", id, "--json");
      const key = JSON.parse(shown) as Record<string, string>;
      return {
        id: key["verificationKeyId"] ?? "",
        version: key["verificationKeyVersion"] ?? "",
        pem: key["publicKeyPem"] ?? "",
      };
    }),
  );
  const objects = await bucket.all(filenameRoot);
  const fetchObject = async (name: string): Promise<Buffer | undefined> => objects.get(name);
  const reader = exportReader({ fetchObject }, { root: filenameRoot, publicKeys });
  const { problems, keys } = await reader.readNew();
  expect(problems).toEqual([]);
  expect([...keys.values()].filter((found) => found.length !== 1)).toEqual([]);
});
