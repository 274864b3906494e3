import { setTimeout as sleep } from "node:timers/promises";
import { publishCrowd } from "../phones/crowd.js";
import type { Batch } from "../../shared/view/batches.js";
import type { HealthAuthority } from "../phones/health-authority.js";
import { publishClient } from "../phones/publish-client.js";
import type { Load } from "./judge-load.js";
import type { Series } from "./series.js";
import { takeSample, type Figure, type Watched } from "./take-sample.js";

export interface SoakOptions {
  readonly watched: Watched;
  readonly seconds: number;
  readonly perSecond: number;
  readonly periodSeconds: number;
  readonly apiUrls: readonly string[];
  readonly authority: HealthAuthority;
  readonly appName: string;
}

export interface SoakResult {
  readonly series: readonly Series[];
  readonly load: Load;
}

const concurrency = 64;
/** A crowd remembers all its phones, so each publishes for this long only. */
const crowdSeconds = 10;
const samplesMax = 400;
const pauseSecondsMin = 2;

/** Publishes steadily and looks at everything again and again meanwhile. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const finished = new AbortController();
  const statuses: Record<number, number> = {};
  const [seconds, series] = await Promise.all([
    publishSteadily(options, statuses).finally(() => {
      finished.abort();
    }),
    watch(options, statuses, finished.signal),
  ]);
  const { perSecond, periodSeconds, watched } = options;
  const batches = watched.audit.view.db.collection<Batch>("batches");
  const windowsPublished = await batches.countDocuments({ state: "published" });
  return { series, load: { perSecond, periodSeconds, seconds, statuses, windowsPublished } };
}

/** Counts every answer in `statuses`, and tells how many seconds it took. */
async function publishSteadily(
  { seconds, perSecond, apiUrls, authority, appName }: SoakOptions,
  statuses: Record<number, number>,
): Promise<number> {
  const client = publishClient({ urls: apiUrls, socketsMax: concurrency });
  const startMs = performance.now();
  while (performance.now() < startMs + seconds * 1000) {
    await publishCrowd({
      phones: perSecond * crowdSeconds,
      perSecond,
      concurrency,
      client,
      authority,
      healthAuthorityID: appName,
      regions: ["US"],
      prepare: "on the way",
      onProgress: ({ answer: { status } }) => {
        statuses[status] = (statuses[status] ?? 0) + 1;
      },
    });
  }
  client.close();
  return (performance.now() - startMs) / 1000;
}

async function watch(
  { watched, seconds }: SoakOptions,
  statuses: Readonly<Record<number, number>>,
  signal: AbortSignal,
): Promise<readonly Series[]> {
  const series = new Map<string, Series & { points: { seconds: number; value: number }[] }>();
  const startMs = performance.now();
  const pauseMs = Math.max(pauseSecondsMin, seconds / samplesMax) * 1000;
  while (!signal.aborted) {
    const atSeconds = (performance.now() - startMs) / 1000;
    const answers = Object.values(statuses).reduce((sum, count) => sum + count, 0);
    for (const { value, ...figure } of [load(answers), ...(await takeSample(watched))]) {
      const key = `${figure.chart}/${figure.name}`;
      const own = series.get(key) ?? { ...figure, points: [] };
      own.points.push({ seconds: atSeconds, value });
      series.set(key, own);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  return [...series.values()];
}

/** Where this does not grow evenly, the machine was too busy for the load, and the rest tells little. */
function load(answers: number): Figure {
  return { chart: "load", name: "publishes answered", expected: "steady", slack: 0, value: answers };
}
