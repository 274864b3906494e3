import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathsFrom } from "../../compose/paths.js";
import { readStackState } from "../../compose/stack-state.js";
import { closeStack, openStack, type Stack } from "../../compose/stack.js";
import { table } from "../bench/table.js";
import { openAudit } from "../faults/audit.js";
import { aRiver, type River, type ServiceName } from "../river/a-river.js";
import { drawCharts } from "./draw-charts.js";
import { shortcomings } from "./judge-load.js";
import { judge, type Verdict } from "./series.js";
import { soak } from "./soak.js";

// Publishes at a steady rate for MINUTES (default 30), RATE a second (default 300: see docs/performance.md,
// which says what a machine bears), with windows of PERIOD seconds (default 10). Draws what the system needs meanwhile, and ends with 1 if
// something grows that should not, or if this was no steady load with exports, so that nobody can tell. What expires does so within a sixth of the time.

const name = "soak";
const env = process.env;
const minutes = Number(env["MINUTES"] ?? 30);
const perSecond = Number(env["RATE"] ?? 300);
const periodSeconds = Number(env["PERIOD"] ?? 10);
const services: readonly ServiceName[] = ["gateway", "clock", "jwks", "key-store", "export-window", "stats"];

await closeStack({ name, env, purge: true });
const stack = await openStack({ name, env, partsOnly: true, ttlMonitorSleepSeconds: 1, progress: "shown" });
const kept = `${Math.round(minutes * 10)}s`;
const river = await aRiver(stack.endpoints, {
  services,
  periodSeconds,
  settings: {
    DEBUG_OVERRIDE_CLEANUP_MIN_DURATION: "true",
    KEYS_RETENTION: kept,
    CLEANUP_TTL: kept,
    TRUNCATE_WINDOW: `${periodSeconds}s`,
    EXPORT_CLEANUP_PAUSE: "10s",
  },
});
const { series, load } = await play(stack, river);
await river.stop();
await closeStack({ name, env, purge: true });

const picture = join(pathsFrom(env).state, "soak.svg");
writeFileSync(picture, drawCharts(series));
const verdicts = series.map(judge);
const answers = `answers: ${JSON.stringify(load.statuses)}; windows published: ${load.windowsPublished}`;
process.stdout.write(`\n${verdictTable(verdicts)}\n\n${answers}; picture: ${picture}\n`);
const growing = verdicts
  .filter(({ isGrowing }) => isGrowing)
  .map(({ chart, name: figure }) => `growing: ${chart}: ${figure}`);
const complaints = [...growing, ...shortcomings(load)];
for (const complaint of complaints) process.stdout.write(`${complaint}\n`);
process.stdout.write(complaints.length === 0 ? "flat\n" : "NOT FLAT\n");
process.exit(complaints.length === 0 ? 0 : 1);

async function play({ directory }: Stack, { prefix, env: settings, process: running, ...rest }: River) {
  const state = await readStackState(directory);
  const parts = Object.entries(state?.parts ?? {}).map(
    ([part, record]) => [part, record.process?.pid ?? process.pid] as const,
  );
  const audit = await openAudit(settings);
  try {
    const watched = {
      audit,
      prefix,
      dataFolder: join(directory, "data"),
      own: new Map(services.map((service) => [service, running(service).pid])),
      parts: new Map(parts),
    };
    return await soak({ watched, seconds: minutes * 60, perSecond, periodSeconds, ...rest });
  } finally {
    await audit.stop();
  }
}

function verdictTable(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map(({ chart, name: figure, expected, first, last, isGrowing }) => {
    const unit = expected === "steady" ? " a minute" : "";
    const verdict = isGrowing ? "GROWING" : { level: "flat", steady: "grows evenly", told: "" }[expected];
    return [chart, figure, first.toFixed(1) + unit, last.toFixed(1) + unit, verdict];
  });
  return table(["what", "of", "first third", "last third", ""], rows);
}
