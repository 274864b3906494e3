import { readdirSync } from "node:fs";
import { readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { asking } from "../../shared/kafka/topic-limits.js";
import { keysAccepted, keysSubmitted } from "../../shared/topology.js";
import type { Batch } from "../../shared/view/batches.js";
import type { Audit } from "../faults/audit.js";
import { residentBytesOf } from "../hard-places/flood.js";
import { lagOf } from "../river/lag.js";
import type { Expectation } from "./series.js";

/** One figure at one moment. */
export interface Figure {
  readonly chart: string;
  readonly name: string;
  readonly expected: Expectation;
  readonly slack: number;
  readonly value: number;
}

/** What is looked at. */
export interface Watched {
  readonly audit: Audit;
  readonly prefix: string;
  /** Folder of the stack's data. */
  readonly dataFolder: string;
  /** Process ids by name. */
  readonly own: ReadonlyMap<string, number>;
  readonly parts: ReadonlyMap<string, number>;
}

/** Views that grow with publishes or with windows: what they hold is kept for days, or until the hour is over. */
const growingCollections = new Set(["keyMemory", "submissions", "ticks", "batches"]);
const readers = [
  ["key-store", keysSubmitted.topic],
  ["stats", keysAccepted.topic],
  ["export-window", keysAccepted.topic],
] as const;

export async function takeSample(watched: Watched): Promise<readonly Figure[]> {
  const figures = await Promise.all([
    ofLag(watched),
    ofDelay(watched),
    ofTopics(watched),
    ofCollections(watched),
    ofFiles(watched),
  ]);
  return [...ofProcesses(watched), ...figures.flat()];
}

function ofProcesses({ own, parts }: Watched): readonly Figure[] {
  const memory = (name: string, pid: number, expected: Expectation, chart: string): Figure => ({
    chart,
    name,
    expected,
    slack: 15,
    value: residentBytesOf(pid) / 1_000_000,
  });
  return [
    ...[...own].map(([name, pid]) => memory(name, pid, "level", "resident memory, MB")),
    ...[...parts].map(([name, pid]) => memory(name, pid, "told", "resident memory of the stack's parts, MB")),
    ...[...own, ...parts].map(([name, pid]): Figure => ({
      chart: "file descriptors",
      name,
      // The broker and MongoDB keep files open for what grows by design.
      expected: own.has(name) ? "level" : "told",
      slack: 10,
      value: readdirSync(`/proc/${pid}/fd`).length,
    })),
  ];
}

async function ofLag({ audit: { connection } }: Watched): Promise<readonly Figure[]> {
  return Promise.all(
    readers.map(async ([process, topic]): Promise<Figure> => {
      const value = await lagOf(connection, process, topic);
      return { chart: "lag, records", name: `${process} of ${topic}`, expected: "level", slack: 500, value };
    }),
  );
}

async function ofDelay({ audit: { view } }: Watched): Promise<readonly Figure[]> {
  const batches = view.db.collection<Batch>("batches");
  const last = await batches.findOne({ state: "published" }, { sort: { endSeconds: -1 } });
  const value = last === null ? 0 : Date.now() / 1000 - last.endSeconds;
  return [{ chart: "age of the newest export, s", name: "us", expected: "level", slack: 10, value }];
}

async function ofTopics({ audit: { connection }, prefix, dataFolder }: Watched): Promise<readonly Figure[]> {
  const topics = (await asking(connection, (admin) => admin.listTopics())).filter((name) =>
    name.startsWith(`${prefix}.`),
  );
  const folders = await readdir(join(dataFolder, "kafka-1"));
  const sizes = await Promise.all(
    topics.map(async (topic): Promise<Figure> => {
      const own = folders.filter((folder) => folder.replace(/-\d+$/, "") === topic);
      const bytes = await Promise.all(own.map((folder) => logBytes(join(dataFolder, "kafka-1", folder))));
      const value = bytes.reduce((sum, size) => sum + size, 0) / 1_000_000;
      return {
        chart: "topics, MB",
        name: topic.slice(prefix.length + 1),
        expected: "steady",
        slack: 1,
        value,
      };
    }),
  );
  const count: Figure = {
    chart: "topics and collections",
    name: "topics",
    expected: "level",
    slack: 0,
    value: topics.length,
  };
  return [...sizes.filter(({ value }) => value > 0), count];
}

async function logBytes(folder: string): Promise<number> {
  const segments = (await readdir(folder)).filter((name) => name.endsWith(".log"));
  const sizes = await Promise.all(segments.map(async (name) => (await stat(join(folder, name))).size));
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function ofCollections({ audit: { view } }: Watched): Promise<readonly Figure[]> {
  const names = (await view.db.listCollections({}, { nameOnly: true }).toArray()).map(({ name }) => name);
  const counts = await Promise.all(
    names.map(async (name): Promise<Figure> => ({
      chart: growingCollections.has(name) ? "documents that are kept for long" : "documents that expire",
      name,
      expected: growingCollections.has(name) ? "steady" : "level",
      slack: 500,
      value: await view.db.collection(name).estimatedDocumentCount(),
    })),
  );
  const count: Figure = {
    chart: "topics and collections",
    name: "collections",
    expected: "level",
    slack: 0,
    value: names.length,
  };
  return [...counts, count];
}

async function ofFiles({ prefix, dataFolder }: Watched): Promise<readonly Figure[]> {
  const files = await readdir(join(dataFolder, "object-store", "tekstream", prefix), {
    recursive: true,
    withFileTypes: true,
  }).catch(() => []);
  const value = files.filter((file) => file.isFile()).length;
  return [{ chart: "files in the bucket", name: "files", expected: "level", slack: 5, value }];
}
