// When the tick at a window's end has been read in every partition, the window is built: its keys sorted, signed,
// zipped, checked as a phone would, and put into object storage; then the index lists the file, and exports.published
// tells what it was built from.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { createHash } from "node:crypto";
import type { Document } from "mongodb";
import { readFileSync } from "node:fs";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { exportsPublished } from "../../shared/topology.js";
import { aPhone, publish } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { filenameRoot } from "../river/set-up.js";
import { eventually } from "../river/eventually.js";
import { readStream } from "../river/read-topic.js";

const nowSeconds = Math.floor(Date.now() / 1000);
let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
  const client = publishClient({ urls: river.apiUrls });
  await publish(aPhone({ nowSeconds }), client, {
    authority: river.authority,
    healthAuthorityID: river.appName,
    nowSeconds,
  });
  client.close();
});
afterAll(() => river.stop());

function openView(): View {
  const mongodbUrl = river.env["TEKSTREAM_MONGODB_URL"] ?? "";
  return connectView({ mongodbUrl, prefix: river.prefix, process: "test" });
}

/** What exports.published does not tell. */
function withoutFollowed({ followsSeconds: _follows, ...batch }: Document): Document {
  return batch;
}

async function publishedFile() {
  return eventually("a published file", async () => {
    const all = await readStream(river.env, exportsPublished);
    return all.flatMap(({ message }) => message.files)[0];
  });
}

test("the file, the index and the record of its publication agree", async () => {
  const file = await publishedFile();
  const store = openObjectStore(river.env["TEKSTREAM_OBJECT_STORE_URL"] ?? "", river.prefix);
  const zip = await store.get(file.objectName ?? "");
  const hash = createHash("sha256")
    .update(zip?.bytes ?? "")
    .digest("hex");
  expect(hash).toBe(Buffer.from(file.zipSha256 ?? []).toString("hex"));
  const index = await store.get(`${filenameRoot}/index.txt`);
  expect(index?.bytes.toString().split("\n")).toContain(file.objectName);
});

test("windows whose records are lost are known again by what was told of them, and not built a second time", async () => {
  const view = openView();
  const published = async (): Promise<Document[]> =>
    view.db.collection("batches").find({ state: "published" }).sort({ endSeconds: 1 }).toArray();
  await river.process("export-window").signal("SIGKILL");
  const before = (await published()).map(withoutFollowed);
  expect(before.length).toBeGreaterThan(0);
  // Told of, and not marked as published yet.
  const told = await readStream(river.env, exportsPublished);
  await view.db.dropDatabase();
  river.process("export-window").start();
  const after = await eventually("a window behind those", async () => {
    const found = await published();
    return found.length > told.length && found;
  });
  expect(after.slice(0, before.length).map(withoutFollowed)).toEqual(before);
  const names = (await readStream(river.env, exportsPublished)).map(({ message }) => message.endSeconds);
  expect(names).toEqual([...new Set(names)]);
  await view.stop();
});

test("a worker whose records are lost while it runs stops, and leaves out no window after its next start", async () => {
  const view = openView();
  const ends = async (): Promise<number[]> => {
    const documents = await view.db.collection("batches").find({ state: "published" }).toArray();
    return documents.map((document) => Number(document["endSeconds"])).sort((a, b) => a - b);
  };
  const before = await eventually("published windows", async () => {
    const found = await ends();
    return found.length >= 2 && found;
  });
  const worker = river.process("export-window");
  await view.db.dropDatabase();
  await eventually("the worker to end", () => Promise.resolve(worker.exitCode !== null));
  expect(readFileSync(worker.logFile, "utf8")).toContain(
    "MongoDB was emptied or put back under this process",
  );
  // What it or another one wrote after the loss has no past.
  await view.db.dropDatabase();
  worker.start();
  const after = await eventually("the windows to be there again", async () => {
    const found = await ends();
    return found.some((end) => end > (before.at(-1) ?? 0)) && found;
  });
  expect(after.filter((end) => end <= (before.at(-1) ?? 0))).toEqual(before);
  await view.stop();
});
