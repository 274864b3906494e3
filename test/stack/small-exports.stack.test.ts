import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { exportsPublished, type PublishedRecord } from "../../shared/topology.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import { openAudit } from "../faults/audit.js";
import { rebuildExports } from "../faults/rebuild-exports.js";
import { compare, isSame } from "../phones/compare.js";
import { aLedger, enter } from "../phones/ledger.js";
import { withoutPadding } from "../phones/padding.js";
import { aPhone, publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";

// One deployment, whose keys go into three exports: one that pads, one that holds small windows back, and the plain one
// of every river. A phone has 14 keys.

const ledger = aLedger();
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
  const common = ["--period", "4s", "--output-region", "US", "--signing-key", "us-1", "--min-records"];
  const create = (id: string, ...options: readonly string[]): Promise<string> =>
    river.tekstream("export", "create", "--id", id, "--filename-root", id, ...common, ...options);
  await create("padding", "50", "--padding-range", "5");
  await create("holding", "0", "--hold-below", "20", "--hold-at-most", "1h");
});
afterAll(() => river.stop());

test("a window with too few keys is held, and its keys leave with the next ones", async () => {
  await publishOne();
  const held = await eventually("a held window", async () =>
    (await published("holding")).find((record) => record.held),
  );
  expect(held.files).toEqual([]);
  await publishOne();
  const record = await eventually("a window with a file", async () =>
    (await published("holding")).find(({ files }) => files.length > 0),
  );
  expect(record.files[0]).toMatchObject({ keys: 28 });
  expect(record.contentStartSeconds).toBeLessThan(record.startSeconds ?? 0);
  expect(record.files[0]?.objectName).toContain(`/${record.contentStartSeconds}-${record.endSeconds}-`);
  const read = await (await river.reader("holding")).readNew();
  expect(read.problems).toEqual([]);
  expect(isSame(compare(ledger, read))).toBe(true);
});

test("a small window is padded, and a phone's check finds nothing wrong", async () => {
  const reader = await river.reader("padding");
  const read = await eventually("all keys", async () => {
    const all = await reader.readNew();
    return compare(ledger, all).missing.length === 0 && all;
  });
  expect(read.problems).toEqual([]);
  const { comparison, padding } = withoutPadding(compare(ledger, read), ledger, read);
  expect(isSame(comparison)).toBe(true);
  expect(padding).toBeGreaterThan(0);
  for (const file of read.files) {
    const count = [...read.keys.values()].filter((found) => found.some((key) => key.file === file)).length;
    expect(count).toBeGreaterThanOrEqual(50);
    expect(count).toBeLessThanOrEqual(55);
  }
});

test("the manifest beside the files says nothing of how much was really published", async () => {
  const store = openObjectStore(river.env["TEKSTREAM_OBJECT_STORE_URL"] ?? "", river.prefix);
  for (const id of ["padding", "holding"]) {
    const [record] = await published(id);
    const manifest = await store.get(`${id}/${record?.startSeconds}-${record?.endSeconds}.json`);
    const fields = JSON.parse(manifest?.bytes.toString() ?? "") as object;
    expect(fields).toMatchObject({ configurationId: id });
    expect(Object.keys(fields)).not.toEqual(
      expect.arrayContaining([expect.stringMatching(/^(ranges|held|contentStartSeconds)$/)]),
    );
  }
});

test("padded and held windows are rebuilt from their recorded ranges with the same bytes", async () => {
  const audit = await openAudit(river.env);
  try {
    for (const id of ["padding", "holding", "us"])
      expect(await rebuildExports(audit, await published(id)), id).toEqual([]);
  } finally {
    await audit.stop();
  }
});

async function publishOne(): Promise<void> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const phone = aPhone({ nowSeconds });
  const client = publishClient({ urls: river.apiUrls });
  const { authority, appName: healthAuthorityID } = river;
  const answer = await publish(phone, client, { authority, healthAuthorityID, nowSeconds });
  client.close();
  enter(ledger, { phone, answer, reportType: "confirmed", regions: ["US"], nowMs: Date.now() });
}

async function published(configurationId: string): Promise<PublishedRecord[]> {
  const all = await readStream(river.env, exportsPublished);
  return all
    .map(({ message }) => message)
    .filter(({ exportConfigurationId }) => exportConfigurationId === configurationId);
}
