import { exportsPublished } from "../../shared/topology.js";
import type { StepOrder } from "./testing/step-preload.js";

type Step = Pick<StepOrder, "request" | "at">;

/** Between which steps of its work a worker can be stopped, in their order: plan → … → marked published. */
export const windowSteps = {
  "before the window is planned": { request: "^mongo .*update.*batches.*\\$setOnInsert", at: "before" },
  "after the window is planned": { request: "^mongo .*update.*batches.*\\$setOnInsert", at: "after" },
  "before the file is put": { request: "^PUT .*\\.zip", at: "before" },
  "after the file is put": { request: "^PUT .*\\.zip", at: "after" },
  "before it is marked built": { request: "^mongo .*update.*batches.*\\$set\\b.*built", at: "before" },
  "after it is marked built": { request: "^mongo .*update.*batches.*\\$set\\b.*built", at: "after" },
  "before the manifest is put": { request: "^PUT .*\\.json", at: "before" },
  "after the manifest is put": { request: "^PUT .*\\.json", at: "after" },
  "before the index is put": { request: "^PUT .*index\\.txt", at: "before" },
  "after the index is put": { request: "^PUT .*index\\.txt", at: "after" },
  "before the window is told of": { request: `^produce .*${exportsPublished.topic}`, at: "before" },
  "after the window is told of": { request: `^produce .*${exportsPublished.topic}`, at: "after" },
  "before it is marked published": {
    request: "^mongo .*update.*batches.*\\$set\\b.*published",
    at: "before",
  },
  "after it is marked published": { request: "^mongo .*update.*batches.*\\$set\\b.*published", at: "after" },
} as const satisfies Readonly<Record<string, Step>>;
