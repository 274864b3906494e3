import { setTimeout as sleep } from "node:timers/promises";
import { publishCrowd } from "../phones/crowd.js";
import type { HealthAuthority } from "../phones/health-authority.js";
import { publishClient } from "../phones/publish-client.js";
import type { Series } from "./series.js";
import { takeSample, type Watched } from "./take-sample.js";

export interface SoakOptions {
  readonly watched: Watched;
  readonly seconds: number;
  readonly perSecond: number;
  readonly apiUrls: readonly string[];
  readonly authority: HealthAuthority;
  readonly appName: string;
}

export interface SoakResult {
  readonly series: readonly Series[];
  /** Final answers by status; 0 is no answer. */
  readonly statuses: Readonly<Record<number, number>>;
}

const concurrency = 64;
/** A crowd remembers all its phones, so each publishes for this long only. */
const crowdSeconds = 10;
const samplesMax = 400;
const pauseSecondsMin = 2;

/** Publishes steadily and looks at everything again and again meanwhile. */
export async function soak(options: SoakOptions): Promise<SoakResult> {
  const finished = new AbortController();
  const watching = watch(options, finished.signal);
  const statuses = await publishSteadily(options);
  finished.abort();
  return { series: await watching, statuses };
}

async function publishSteadily({
  seconds,
  perSecond,
  apiUrls,
  authority,
  appName,
}: SoakOptions): Promise<Record<number, number>> {
  const client = publishClient({ urls: apiUrls, socketsMax: concurrency });
  const statuses: Record<number, number> = {};
  const endMs = performance.now() + seconds * 1000;
  while (performance.now() < endMs) {
    const crowd = await publishCrowd({
      phones: perSecond * crowdSeconds,
      perSecond,
      concurrency,
      client,
      authority,
      healthAuthorityID: appName,
      regions: ["US"],
      prepare: "on the way",
    });
    for (const [status, count] of Object.entries(crowd.statuses))
      statuses[Number(status)] = (statuses[Number(status)] ?? 0) + count;
  }
  client.close();
  return statuses;
}

async function watch({ watched, seconds }: SoakOptions, signal: AbortSignal): Promise<readonly Series[]> {
  const series = new Map<string, Series & { points: { seconds: number; value: number }[] }>();
  const startMs = performance.now();
  const pauseMs = Math.max(pauseSecondsMin, seconds / samplesMax) * 1000;
  while (!signal.aborted) {
    const atSeconds = (performance.now() - startMs) / 1000;
    for (const { value, ...figure } of await takeSample(watched)) {
      const key = `${figure.chart}/${figure.name}`;
      const own = series.get(key) ?? { ...figure, points: [] };
      own.points.push({ seconds: atSeconds, value });
      series.set(key, own);
    }
    await sleep(pauseMs, undefined, { signal }).catch(() => undefined);
  }
  return [...series.values()];
}
