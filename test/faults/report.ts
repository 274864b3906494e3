import type { Trial } from "./play-schedule.js";
import { ownTargets, partTargets, type Change, type Schedule } from "./schedule.js";

/** One line for a schedule, then one for each thing that is wrong or worth knowing. */
export function trialLines(number: number, schedule: Schedule, trial: Trial): readonly string[] {
  const { findings, exits, account, counts, seconds, prefix, logFolder } = trial;
  const { attempts, statuses } = account;
  const answers = [...statuses].map(([status, count]) => `${count}×${status}`).join(" ");
  const harms = schedule.harms.map(
    ({ kind, target, forMs }) => `${kind} ${target} ${(forMs / 1000).toFixed(1)} s`,
  );
  const changes = (schedule.changes ?? []).map(changeText);
  const { holdBelow } = schedule;
  const held = holdBelow === undefined ? [] : [`fewer than ${holdBelow} held`];
  const durations = seconds.map((phase) => Math.round(phase)).join("+");
  const verdict = findings.length === 0 ? "ok  " : "FAIL";
  return [
    `${verdict} schedule ${number}: ${durations} s, ${answers} (${attempts.unavailable} times 503, ${attempts.lost} lost), ` +
      `${counts.keys} keys, ${counts.revised} revised, ${counts.windows} windows, ${counts.files} files; ${[...harms, ...changes, ...held].join(", ")}`,
    ...findings.map(({ reason, detail }) => `     ${reason}: ${detail}`),
    ...exits.map(
      ({ process, code, signal, lastError }) =>
        `     ${process} ended by itself (${code ?? signal}): ${lastError}`,
    ),
    ...(findings.length + exits.length === 0 ? [] : [`     prefix ${prefix}, logs in ${logFolder}`]),
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
  }
}

/** How often each process was harmed, and how. */
export function harmTable(schedules: readonly Schedule[]): string {
  const harms = schedules.flatMap((schedule) => schedule.harms);
  const rows = [...partTargets, ...ownTargets].map((target) => {
    const own = harms.filter((harm) => harm.target === target);
    const kills = own.filter(({ kind }) => kind === "kill").length;
    const long = own.filter(({ kind, forMs }) => kind === "freeze" && forMs > 15_000).length;
    return [target, kills, own.length - kills - long, long];
  });
  return [["process", "killed", "frozen", "frozen for more than a session"], ...rows]
    .map(([target, ...numbers]) => [String(target).padEnd(18), ...numbers].join("\t"))
    .join("\n");
}
