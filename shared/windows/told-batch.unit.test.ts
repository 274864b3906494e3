import { expect, test } from "vitest";
import { exportsPublished, keysEmbargoed } from "../topology.js";
import type { Batch } from "../view/batches.js";
import { publishedMessage, toldBatch } from "./told-batch.js";

const batch: Batch = {
  configurationId: "us",
  startSeconds: 1_700_000_000,
  endSeconds: 1_700_003_600,
  settingsVersion: 3,
  filenameRoot: "exports/us",
  state: "published",
  builderVersion: "2",
  ranges: [
    {
      topic: keysEmbargoed.topic,
      partition: 1,
      startOffset: 7,
      endOffset: 5_000_000_000,
      windowStartOffset: 9,
    },
  ],
  held: false,
  contentStartSeconds: 1_699_999_000,
  files: [
    {
      objectName: "exports/us/1700000000-1700003600-00001.zip",
      exportBinSha256: "ab".repeat(32),
      zipSha256: "cd".repeat(32),
      keys: 40,
      revisedKeys: 2,
      signatures: [{ id: "310", version: "v1", derBase64: Buffer.from("signature").toString("base64") }],
    },
  ],
};

function throughTheLog(told: Batch): Batch {
  const { codec } = exportsPublished;
  return toldBatch(codec.decode(codec.encode(publishedMessage(told)).finish()));
}

test("a published batch can be read out of what was told of it", () => {
  expect(throughTheLog(batch)).toEqual(batch);
});

test.each([
  ["a window without keys", { files: [], contentStartSeconds: batch.startSeconds }],
  ["a window that was held", { files: [], held: true }],
])("%s too", (_what, parts) => {
  expect(throughTheLog({ ...batch, ...parts })).toEqual({ ...batch, ...parts });
});
