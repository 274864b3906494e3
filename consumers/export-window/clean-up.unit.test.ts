import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { emptyDeployment } from "../../shared/deployment/deployment.js";
import { someSettings } from "../../shared/deployment/some-settings.test-support.js";
import { folderObjectStore } from "../../shared/objects/folder-object-store.js";
import { CleanUp } from "./clean-up.js";

const retentionSeconds = 1000;
const headers = { contentType: "text/plain", cacheControl: "" };
const line = (start: number): string => `us/${start}-${start + 100}-00001.zip`;

/** A folder with a file and a line for each window, and a clock and a log that have come to `now`. */
async function aFolder(starts: readonly number[], periodSeconds = 100) {
  const forgotten: [id: string, beforeSeconds: number][] = [];
  const store = folderObjectStore(mkdtempSync(join(tmpdir(), "tekstream-clean-up-")));
  for (const start of starts) await store.putIfAbsent(line(start), Buffer.from("zip"), headers);
  await store.putIfAbsent("us/index.txt", Buffer.from(starts.map(line).join("\n")), headers);
  const versions = [someSettings({ filenameRoot: "us", periodSeconds })];
  const deployment = { ...emptyDeployment, exportConfigurations: new Map([["us", { id: "us", versions }]]) };
  const now = { tickSeconds: 0, clockSeconds: Number.MAX_SAFE_INTEGER };
  const cleanUp = new CleanUp({
    store,
    batches: {
      unpublished: async () => [],
      forget: async (id, beforeSeconds) => {
        forgotten.push([id, beforeSeconds]);
        return 0;
      },
    },
    ticks: {
      last: async () => ({
        topic: "",
        partition: 0,
        appendedAtSeconds: 0,
        offset: 0,
        partitions: 1,
        boundarySeconds: now.tickSeconds,
      }),
    },
    deployment: () => deployment,
    indexRetentionSeconds: retentionSeconds,
    keptSeconds: 1200,
    nowSeconds: () => now.clockSeconds,
    events: { cleanedUp: () => undefined, batchesForgotten: () => undefined },
  });
  const lines = async (): Promise<string> => (await store.get("us/index.txt"))?.bytes.toString() ?? "";
  const files = async (): Promise<string[]> =>
    (await store.list("us/")).filter((name) => name.endsWith(".zip"));
  return { store, now, cleanUp, lines, files, forgotten };
}

test("a line goes first, and its file a period after it was out", async () => {
  const { now, cleanUp, lines, files } = await aFolder([1000, 1100, 1200]);
  now.tickSeconds = 2100;
  await cleanUp.run();
  expect(await lines()).toBe([line(1100), line(1200)].join("\n"));
  expect(await files()).toHaveLength(3);
  // Its window has ended long enough ago now: from here on a period is counted.
  now.tickSeconds = 2101;
  await cleanUp.run();
  now.tickSeconds = 2200;
  await cleanUp.run();
  expect(await files()).toEqual([1000, 1100, 1200].map(line));
  now.tickSeconds = 2201;
  await cleanUp.run();
  expect(await files()).toEqual([1100, 1200].map(line));
});

test("a file stays no longer than an hour without its line, however long the period: workers don't live for ever", async () => {
  const { now, cleanUp, files } = await aFolder([1000, 90_000], 86_400);
  now.tickSeconds = 2101;
  await cleanUp.run();
  await cleanUp.run();
  now.tickSeconds = 5700;
  await cleanUp.run();
  expect(await files()).toHaveLength(2);
  now.tickSeconds = 5701;
  await cleanUp.run();
  expect(await files()).toEqual([line(90_000)]);
});

test("a worker whose clock has jumped ahead takes nothing that the log has not outlived, nor one whose clock is behind", async () => {
  const { now, cleanUp, lines } = await aFolder([1000, 1100]);
  const all = await lines();
  now.tickSeconds = 1500;
  await cleanUp.run();
  expect(await lines()).toBe(all);
  now.tickSeconds = 1_000_000;
  now.clockSeconds = 1500;
  await cleanUp.run();
  expect(await lines()).toBe(all);
});

test("batches go when the time for which they are kept is over", async () => {
  const { now, cleanUp, forgotten } = await aFolder([]);
  now.tickSeconds = 2000;
  await cleanUp.run();
  expect(forgotten).toEqual([["us", 800]]);
});
