import type { Trial } from "./play-schedule.js";
import { ownProcesses, partTargets, type Change, type Harm, type Schedule } from "./schedule.js";

/** One line for a schedule, then one for each thing that is wrong or worth knowing. */
export function trialLines(title: string, schedule: Schedule, trial: Trial): readonly string[] {
  const { findings, leftOut, account, counts, prefix, logFolder } = trial;
  const { attempts, statuses } = account;
  const answers = [...statuses].map(([status, count]) => `${count}×${status}`).join(" ");
  const harms = schedule.harms.map(
    (harm) => `${leftOut.includes(harm) ? "left out: " : ""}${harmText(harm)}`,
  );
  const changes = (schedule.changes ?? []).map(changeText);
  const { holdBelow } = schedule;
  const held = holdBelow === undefined ? [] : [`fewer than ${holdBelow} held`];
  const durations = trial.seconds.map((phase) => Math.round(phase)).join("+");
  const verdict = findings.length === 0 ? "ok  " : "FAIL";
  return [
    `${verdict} ${title}: ${durations} s, ${answers} (${attempts.unavailable} times 503, ${attempts.lost} lost), ` +
      `${counts.keys} keys, ${counts.revised} revised, ${counts.windows} windows, ${counts.files} files; ${[...harms, ...changes, ...held].join(", ")}`,
    ...findings.map(({ reason, detail }) => `     ${reason}: ${detail}`),
    ...(findings.length === 0 ? [] : [`     prefix ${prefix}, logs in ${logFolder}`]),
  ];
}

function changeText(change: Change): string {
  switch (change.kind) {
    case "partitions":
      return `more partitions, of ${change.first} first`;
    case "files":
      return `files of ${change.recordsMax}`;
    case "signing-key":
      return `another signing key${change.retired ? ", the first retired" : ""}`;
    case "replay export":
    case "replay store":
      return change.kind;
    case "key-store":
      return `a third key-store for ${seconds(change.forMs)}`;
  }
}

function harmText(harm: Harm): string {
  const what = `${harm.kind} ${harm.target} ${seconds(harm.forMs)}`;
  if (harm.kind === "jump") return `${what} by ${harm.bySeconds} s`;
  return harm.kind === "slow" ? `${what} by ${seconds(harm.delayMs)}` : what;
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}

const longFreezeMs = 15_000;
const columns: readonly (readonly [string, (harm: Harm) => boolean])[] = [
  ["killed", ({ kind }) => kind === "kill"],
  ["frozen", ({ kind, forMs }) => kind === "freeze" && forMs <= longFreezeMs],
  ["frozen for more than a session", ({ kind, forMs }) => kind === "freeze" && forMs > longFreezeMs],
  ["clock set", ({ kind }) => kind === "jump"],
  ["slow", ({ kind }) => kind === "slow"],
  ["disk full", ({ kind }) => kind === "fill"],
];

/** How often each process was harmed, and how. */
export function harmTable(harms: readonly Harm[]): string {
  const rows = [...partTargets, ...ownProcesses].map((target) => {
    const own = harms.filter((harm) => harm.target === target);
    return [target, ...columns.map(([, counts]) => own.filter(counts).length)];
  });
  return [["process", ...columns.map(([name]) => name)], ...rows]
    .map(([target, ...numbers]) => [String(target).padEnd(18), ...numbers].join("\t"))
    .join("\n");
}
