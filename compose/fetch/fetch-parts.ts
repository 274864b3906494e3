import { mkdir } from "node:fs/promises";

import { runTasks } from "../run-tasks.js";
import type { Progress } from "../run-tasks.js";
import type { FetchContext } from "./fetch-context.js";
import { fetchJava } from "./fetch-java.js";
import { fetchMongodb } from "./fetch-mongodb.js";
import { fetchObjectStore } from "./fetch-object-store.js";
import { fetchRedis } from "./fetch-redis.js";
import { fetchKafka, fetchRegistry } from "./maven.js";

/**
 * Where the fetched programs are: folders of the cache and paths of executables. `objectStore` is null when the S3
 * server could not be had; `objectStoreProblem` then tells why.
 */
export type Programs = {
  readonly java: string;
  readonly kafka: string;
  readonly registry: string;
  readonly mongodb: string;
  readonly redis: string;
  readonly objectStore: string | null;
  readonly objectStoreProblem?: string;
};

/**
 * Fetches whatever the cache lacks, all parts in parallel; the build of the S3 server takes longest and starts first.
 * Throws when a part other than the S3 server can't be had: a local folder can stand in only for that one.
 */
export async function fetchParts(
  context: FetchContext,
  options: { progress: Progress; withObjectStore: boolean },
): Promise<Programs> {
  await mkdir(context.cache, { recursive: true });
  const results: Record<string, string | null> = {};
  let objectStoreProblem: string | undefined;
  const task = (title: string, name: keyof Programs, work: () => Promise<string | null>) => ({
    title,
    run: async () => void (results[name] = await work()),
  });
  const objectStore = task("S3 server (built from source, a minute or two)", "objectStore", () =>
    fetchObjectStore(context).catch((error: unknown) => {
      objectStoreProblem = String(error);
      return null;
    }),
  );
  await runTasks(options.progress, "there", [
    ...(options.withObjectStore ? [objectStore] : []),
    task("Java runtime", "java", () => fetchJava(context)),
    task("Apache Kafka", "kafka", () => fetchKafka(context)),
    task("schema registry", "registry", () => fetchRegistry(context)),
    task("MongoDB", "mongodb", () => fetchMongodb(context)),
    task("Redis", "redis", () => fetchRedis(context)),
  ]);
  return programsFrom(results, objectStoreProblem);
}

function programsFrom(results: Record<string, string | null>, problem: string | undefined): Programs {
  const path = (name: string): string => results[name] ?? "";
  return {
    java: path("java"),
    kafka: path("kafka"),
    registry: path("registry"),
    mongodb: path("mongodb"),
    redis: path("redis"),
    objectStore: results["objectStore"] ?? null,
    ...(problem === undefined ? {} : { objectStoreProblem: problem }),
  };
}
