import type { LoadResult, PublishResult } from "./publish-loads.js";
import { table } from "./table.js";
import type { Yardsticks } from "./yardsticks.js";

type Measured = Pick<PublishResult, "held" | "sustained">;

interface Target {
  readonly what: string;
  readonly aim: number;
  /** Whether more or less than the aim is good. */
  readonly better: "more" | "less";
  readonly measured: (result: Measured) => number;
  /** Whether it was measured with the gateways of another commit too. */
  readonly isOfGateway?: true;
}

/** Every target, where it stands, and what writing each record to the disk makes of it. */
export function targetTable(
  usual: PublishResult,
  flushed: PublishResult,
  { verificationMs }: Yardsticks,
): string {
  const { heldBefore } = usual;
  const rows = targetsOf(verificationMs).map(({ what, aim, better, measured, isOfGateway }) => {
    const value = measured(usual);
    const isMet = better === "more" ? value >= aim : value <= aim;
    return [
      what,
      `${better === "more" ? "at least" : "at most"} ${aim}`,
      shown(value),
      isMet ? "met" : "not met",
      (measured(flushed) / value).toFixed(2),
      heldBefore === undefined || isOfGateway === undefined
        ? "-"
        : shown(measured({ ...usual, held: heldBefore.loads })),
    ];
  });
  return table(
    ["target", "aim", "measured", "", "flushed, times", `with ${heldBefore?.commit ?? "no other commit"}`],
    rows,
  );
}

function targetsOf(verificationMs: number): readonly Target[] {
  return [
    {
      what: "1. publishes/s at 64 connections",
      aim: 5000,
      better: "more",
      measured: (all) => at(all, 64).perSecond,
      isOfGateway: true,
    },
    {
      what: "1. p99 at 64 connections, ms",
      aim: 45,
      better: "less",
      measured: (all) => at(all, 64).p99Ms,
      isOfGateway: true,
    },
    {
      what: "1. p99 at 1 connection, ms",
      aim: 8,
      better: "less",
      measured: (all) => at(all, 1).p99Ms,
      isOfGateway: true,
    },
    {
      what: "1. gateway, CPU ms a publish",
      aim: 0.22,
      better: "less",
      measured: gatewayMs,
      isOfGateway: true,
    },
    {
      what: "2. gateway, in ES256 verifications",
      aim: 4,
      better: "less",
      measured: (all) => gatewayMs(all) / verificationMs,
      isOfGateway: true,
    },
    {
      what: "3. sustained publishes/s",
      aim: 2200,
      better: "more",
      measured: ({ sustained }) => sustained.perSecond,
    },
    {
      what: "3. publish to MongoDB, p99 ms",
      aim: 1000,
      better: "less",
      measured: ({ sustained }) => sustained.viewP99Ms,
    },
    { what: "4. all processes, CPU ms a publish", aim: 0.7, better: "less", measured: allMs },
    { what: "5. gateway, MB", aim: 200, better: "less", measured: (all) => lastMegabytes(all, "gateway") },
    {
      what: "5. key-store, MB",
      aim: 250,
      better: "less",
      measured: (all) => lastMegabytes(all, "key-store"),
    },
  ];
}

function at({ held }: Measured, connections: number): LoadResult {
  const found = held.find((load) => load.connections === connections);
  if (found === undefined) throw new Error(`nothing was measured at ${connections} connections`);
  return found;
}

function gatewayMs(result: Measured): number {
  return Object.entries(at(result, 64).cpuMs)
    .filter(([name]) => name.startsWith("gateway"))
    .reduce((sum, [, each]) => sum + each, 0);
}

function allMs({ sustained }: Measured): number {
  return Object.values(sustained.cpuMs).reduce((sum, each) => sum + each, 0);
}

function lastMegabytes({ sustained }: Measured, name: string): number {
  return sustained.megabytes[name]?.[1] ?? 0;
}

function shown(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(2);
}
