import { mkdir, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Stack } from "../../compose/stack.js";
import type { AnotherBuild } from "../river/another-build.js";
import { barChart } from "./bar-chart.js";
import { aBusyDeployment, keysBefore, type BusyDeployment } from "./busy-deployment.js";
import {
  closedLoad,
  sustainedLoad,
  type LoadResult,
  type PublishResult,
  type SustainedResult,
} from "./publish-loads.js";
import { targetTable } from "./publish-targets.js";
import { table } from "./table.js";
import type { Yardsticks } from "./yardsticks.js";

const warmUp = 4000;
const loads = [
  { connections: 1, count: 1500 },
  { connections: 16, count: 8000 },
  { connections: 64, count: 20_000 },
];
/** As the reference server did where the targets were set, with PostgreSQL on two cores. */
const reference = { perSecond: [355, 665, 700], cpuMs: 2.25 };

/**
 * Publishes of 14 keys on the whole stack: first with everything behind the gateway held, then with all of it at work.
 * Both again with a log that is on the disk before a record is acknowledged.
 */
export async function publishPart(
  stack: Stack,
  options: {
    readonly gateways: number;
    readonly seconds: number;
    readonly chart: string;
    readonly yardsticks: Yardsticks;
    /** Another commit, whose gateways get the same load in between. */
    readonly before: AnotherBuild | undefined;
  },
): Promise<string> {
  const { before } = options;
  const deployment = await aBusyDeployment(stack, options.gateways);
  try {
    const gatewaysBefore = before && {
      commit: before.commit,
      deployment: await deployment.withGatewaysOf(before.checkout),
    };
    for (const warmed of [deployment, gatewaysBefore?.deployment])
      if (warmed !== undefined) await closedLoad(warmed, 64, warmUp);
    const usual = await measure(deployment, options.seconds, gatewaysBefore);
    await deployment.flushEach(true);
    const flushed = await measure(deployment, Math.min(options.seconds, 30));
    await mkdir(dirname(options.chart), { recursive: true });
    await writeFile(options.chart, chartOf(usual, flushed));
    return [
      `Publishes of 14 keys, ${keysBefore} keys in the view. Load maker, broker and MongoDB share the cores with the rest.`,
      `What comes after the gateway held, and then all at work at the highest rate at which keys are in MongoDB within a second:`,
      tableOf(usual),
      "The same with flush.messages=1:",
      tableOf(flushed),
      `Memory in MB, first and last third of ${options.seconds} s:`,
      memoryOf(usual.sustained),
      targetTable(usual, flushed, options.yardsticks),
      `A picture: ${options.chart}`,
    ].join("\n\n");
  } finally {
    await deployment.stop();
  }
}

async function measure(
  deployment: BusyDeployment,
  seconds: number,
  before?: { readonly commit: string; readonly deployment: BusyDeployment },
): Promise<PublishResult> {
  await deployment.caughtUp();
  await deployment.hold(true);
  const held: LoadResult[] = [];
  const loadsBefore: LoadResult[] = [];
  for (const { connections, count } of loads) {
    held.push(await closedLoad(deployment, connections, count));
    if (before !== undefined) loadsBefore.push(await closedLoad(before.deployment, connections, count));
  }
  await deployment.hold(false);
  const startedAtMs = performance.now();
  await deployment.caughtUp();
  const gathered = loads.reduce((sum, { count }) => sum + count, 0) * (before === undefined ? 1 : 2);
  const caughtUpPerSecond = gathered / ((performance.now() - startedAtMs) / 1000);
  const heldBefore = before && { commit: before.commit, loads: loadsBefore };
  return { held, heldBefore, caughtUpPerSecond, sustained: await sustainedLoad(deployment, seconds) };
}

function tableOf({ held, heldBefore, sustained, caughtUpPerSecond }: PublishResult): string {
  const processes = Object.keys(sustained.cpuMs);
  const rows = [
    ...held.map((load) => rowOf("held", load, processes)),
    ...(heldBefore?.loads ?? []).map((load) => rowOf(`held, ${heldBefore?.commit}`, load, processes)),
    rowOf("at work", sustained, processes),
  ];
  return (
    table(
      ["", "connections", "publishes/s", "p50 ms", "p99 ms", ...processes, "load maker", "others, CPU s"],
      rows,
    ) +
    "\n(by process: CPU milliseconds a publish)\n" +
    `In MongoDB: p50 ${sustained.viewP50Ms.toFixed(0)} ms, p99 ${sustained.viewP99Ms.toFixed(0)} ms. ` +
    `Worked off what was held: ${caughtUpPerSecond.toFixed(0)} publishes/s.`
  );
}

function rowOf(what: string, load: LoadResult, processes: readonly string[]): string[] {
  return [
    what,
    String(load.connections),
    load.perSecond.toFixed(0),
    load.p50Ms.toFixed(1),
    load.p99Ms.toFixed(1),
    ...processes.map((name) => (load.cpuMs[name] ?? 0).toFixed(3)),
    load.loadMakerMs.toFixed(3),
    load.otherSeconds.toFixed(1),
  ];
}

function memoryOf({ megabytes }: SustainedResult): string {
  return table(
    ["process", "first", "last"],
    Object.entries(megabytes).map(([name, peaks]) => [name, ...peaks.map((peak) => peak.toFixed(0))]),
  );
}

function chartOf(usual: PublishResult, flushed: PublishResult): string {
  const held = usual.held.flatMap(({ connections, perSecond }, index) => [
    {
      label: `reference server, ${connections} at once`,
      value: reference.perSecond[index] ?? 0,
      isReference: true,
    },
    { label: `${connections} at once, acknowledged`, value: perSecond },
  ]);
  const whole = [
    { label: "publish to MongoDB, windows closing", value: usual.sustained.perSecond },
    { label: "the same, flushed before acknowledged", value: flushed.sustained.perSecond },
  ];
  const cost = Object.values(usual.sustained.cpuMs).reduce((sum, each) => sum + each, 0);
  return barChart([
    { title: "Publishes a second", bars: [...held, ...whole] },
    {
      title: "Processor milliseconds a publish, all processes",
      bars: [
        { label: "reference server with PostgreSQL", value: reference.cpuMs, isReference: true },
        { label: "Tekstream", value: cost },
      ],
    },
  ]);
}
