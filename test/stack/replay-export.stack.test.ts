import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aRiver } from "../river/a-river.js";
import { bucketOf, type Bucket } from "../river/bucket.js";
import { steppedProcess } from "../hard-places/preloaded.js";
import { windowSteps } from "../hard-places/window-steps.js";
import { commandLine, filenameRoot } from "../river/set-up.js";
import { aReplayRiver, type ReplayRiver } from "./replay-river.js";

// The tests build on one another, in order. The worker is stopped: what lies in the bucket is what a replay put there.

let it: ReplayRiver;
let bucket: Bucket;
let before: ReadonlyMap<string, Buffer>;
const indexName = `${filenameRoot}/index.txt`;
const words = ["replay", "export", "--config", "us", "--from", "-1h", "--to", "now", "--threads"];

beforeAll(async () => {
  it = await aReplayRiver(await aRiver(inject("endpoints")));
  bucket = bucketOf(it.river.env);
  // Until there are files of several windows: a stall can bring the keys of all phones into one.
  for (let round = 1; zips(await bucket.all(filenameRoot)).length < 2; round++) {
    await it.traffic(`replay ${round}`, 6000, 6);
    expect(await it.findings()).toEqual([]);
  }
  await it.river.process("export-window").signal("SIGTERM");
  before = await bucket.all(filenameRoot);
});
afterAll(() => it.stop());

const zips = (objects: ReadonlyMap<string, Buffer>): string[] =>
  [...objects.keys()].filter((name) => name.endsWith(".zip"));

/** What the command prints, and how it ends. */
async function replay(threads = "1", ...more: string[]): Promise<{ code: number; out: string }> {
  return it.river.tekstream(...words, threads, ...more).then(
    (out) => ({ code: 0, out }),
    (error: { code: number; stdout: string }) => ({ code: error.code, out: error.stdout }),
  );
}

test("exports that nobody has touched are what the log says", async () => {
  expect(zips(before).length).toBeGreaterThan(1);
  const { code, out } = await replay();
  expect(out).toContain("the exports are what the log says");
  expect(out).toContain(`${zips(before).length} the same, 0 missing, 0 restored, 0 different`);
  expect(code).toBe(0);
});

test("a bucket that was emptied is told, and comes back byte for byte, index and all, when told", async () => {
  await bucket.remove(...before.keys());
  const told = await replay("1", "--dry-run");
  expect(told.out).toContain(`0 the same, ${zips(before).length} missing, 0 restored, 0 different`);
  expect(told.code).toBe(3);
  expect((await bucket.all(filenameRoot)).size).toBe(0);

  const { code, out } = await replay("2", "--publish");
  expect(out).toContain(`0 the same, 0 missing, ${zips(before).length} restored, 0 different`);
  expect(code).toBe(0);
  const after = await bucket.all(filenameRoot);
  expect(await bucket.headersOf(indexName)).toMatchObject({ "cache-control": "no-cache, max-age=0" });
  expect(await bucket.headersOf(zips(before)[0] ?? "")).toMatchObject({
    "content-type": "application/zip",
    "cache-control": "public, max-age=86400",
  });
  for (const name of [...zips(before), indexName])
    expect(after.get(name)?.equals(before.get(name) ?? Buffer.of())).toBe(true);
});

test("a repeat takes the lines of replaced files out where the one before was killed ahead of the index", async () => {
  const [replaced = "", ...kept] = zips(before);
  const damaged = Buffer.from(before.get(replaced) ?? []);
  damaged[60] = (damaged[60] ?? 0) ^ 0xff;
  await bucket.overwrite(replaced, damaged);
  const stepped = steppedProcess();
  stepped.order({ ...windowSteps["before the index is put"], signal: "SIGKILL" });
  const killed = commandLine({ ...it.river.env, ...stepped.env })(...words, "1", "--publish");
  await expect(killed).rejects.toMatchObject({ code: 1 });
  await stepped.followed();
  const lines = async (): Promise<string[]> =>
    ((await bucket.all(filenameRoot)).get(indexName)?.toString() ?? "").split("\n");
  expect(await lines()).toEqual([replaced, ...kept]);

  expect((await replay("1", "--publish")).code).toBe(0);
  const repeated = await lines();
  expect(repeated.slice(0, -1)).toEqual(kept);
  expect(repeated).toHaveLength(kept.length + 1);
  expect(repeated).not.toContain(replaced);
  const { code, out } = await replay();
  expect(out).toContain("the exports are what the log says");
  expect(code).toBe(0);
});

test("words that make no sense are refused", async () => {
  const refused: unknown = await it.river
    .tekstream("replay", "export", "--config", "us", "--from", "now", "--to", "-1h")
    .catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 2, stderr: expect.stringContaining("--from must be before --to") });
});
