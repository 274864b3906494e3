import { setTimeout as sleep } from "node:timers/promises";
import type { BusyDeployment } from "./busy-deployment.js";
import { meter, type Cost } from "./cost.js";
import { forgetPeak, peakMegabytes } from "./process-memory.js";
import { preparePublishes } from "./publish-requests.js";
import { percentile, sendPublishes, type Answers } from "./send-publishes.js";
import { ViewArrivals } from "./view-arrivals.js";

/** What a load did, and what a publish of it cost. */
export interface LoadResult {
  readonly connections: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Processor milliseconds a publish. */
  readonly cpuMs: Readonly<Record<string, number>>;
  readonly loadMakerMs: number;
  /** Processor seconds that anything else took meanwhile: compare only runs in which this is small. */
  readonly otherSeconds: number;
}

/** A load that went on while everything behind the gateway kept up. */
export interface SustainedResult extends LoadResult {
  /** From the moment a publish was to start until its keys were in MongoDB. */
  readonly viewP50Ms: number;
  readonly viewP99Ms: number;
  /** Largest resident memory in megabytes, in the first and in the last third. */
  readonly megabytes: Readonly<Record<string, readonly [first: number, last: number]>>;
}

/** What was measured with one way of flushing. */
export interface PublishResult {
  /** With everything behind the gateway held. */
  readonly held: readonly LoadResult[];
  /** The same with the gateways of another commit. */
  readonly heldBefore?: { readonly commit: string; readonly loads: readonly LoadResult[] } | undefined;
  /** Publishes a second at which key-store worked off what had gathered meanwhile. */
  readonly caughtUpPerSecond: number;
  readonly sustained: SustainedResult;
}

const sustainedConnections = 64;
const watchedEvery = 20;
const stepSeconds = 8;
const stepUp = 1.3;
const stepDown = 0.9;
const viewMsMax = 1000;
const firstPerSecond = 150;

/** Publishes as fast as so many connections can. */
export async function closedLoad(
  deployment: BusyDeployment,
  connections: number,
  count: number,
): Promise<LoadResult> {
  const publishes = preparePublishes(deployment.river.authority, count);
  const used = meter(deployment.processes);
  const answers = await sendPublishes({ ports: deployment.ports, connections, publishes });
  return resultOf(connections, count, answers, used());
}

/** Publishes at a steady rate, watches when keys come into the view, and ends when all of them have. */
async function steadyLoad(
  deployment: BusyDeployment,
  perSecond: number,
  seconds: number,
): Promise<SustainedResult> {
  const { river, processes, ports, view } = deployment;
  const count = Math.ceil(perSecond * seconds);
  const publishes = preparePublishes(river.authority, count);
  const arrivals = new ViewArrivals(view);
  const used = meter(processes);
  const memory = thirdsOfMemory(processes, seconds);
  const answers = await sendPublishes({
    ports,
    connections: sustainedConnections,
    publishes,
    perSecond,
    onAnswer(index, wantedAtMs) {
      const tek = index % watchedEvery === 0 ? publishes[index]?.tek : undefined;
      if (tek !== undefined) arrivals.expect(tek, wantedAtMs);
    },
  });
  const cost = used();
  const latencies = await arrivals.finish();
  await deployment.caughtUp();
  return {
    ...resultOf(sustainedConnections, count, answers, cost),
    viewP50Ms: percentile(latencies, 0.5),
    viewP99Ms: percentile(latencies, 0.99),
    megabytes: await memory,
  };
}

/**
 * The highest steady load under which publishes are in MongoDB within a second: looked for upwards in short steps of
 * 30 %, and from there downwards in steps of 10 % until it holds for as long as was asked.
 */
export async function sustainedLoad(deployment: BusyDeployment, seconds: number): Promise<SustainedResult> {
  let perSecond = firstPerSecond;
  while (holds(await steadyLoad(deployment, perSecond * stepUp, stepSeconds), perSecond * stepUp))
    perSecond *= stepUp;
  for (;;) {
    const result = await steadyLoad(deployment, perSecond, seconds);
    if (holds(result, perSecond) || perSecond < firstPerSecond) return result;
    perSecond *= stepDown;
  }
}

function holds({ viewP99Ms, perSecond }: SustainedResult, wantedPerSecond: number): boolean {
  return viewP99Ms <= viewMsMax && perSecond >= 0.95 * wantedPerSecond;
}

function resultOf(connections: number, count: number, answers: Answers, cost: Cost): LoadResult {
  const each = (seconds: number): number => (seconds * 1000) / count;
  return {
    connections,
    perSecond: count / answers.seconds,
    p50Ms: percentile(answers.latenciesMs, 0.5),
    p99Ms: percentile(answers.latenciesMs, 0.99),
    cpuMs: Object.fromEntries(Object.entries(cost.byProcess).map(([name, used]) => [name, each(used)])),
    loadMakerMs: each(cost.loadMaker),
    otherSeconds: cost.others,
  };
}

async function thirdsOfMemory(
  processes: BusyDeployment["processes"],
  seconds: number,
): Promise<SustainedResult["megabytes"]> {
  const peaksOfThird = async (): Promise<Record<string, number>> => {
    for (const pid of Object.values(processes)) forgetPeak(pid);
    await sleep((seconds / 3) * 1000);
    return Object.fromEntries(Object.entries(processes).map(([name, pid]) => [name, peakMegabytes(pid)]));
  };
  const first = await peaksOfThird();
  await peaksOfThird();
  const last = await peaksOfThird();
  return Object.fromEntries(Object.keys(first).map((name) => [name, [first[name] ?? 0, last[name] ?? 0]]));
}
