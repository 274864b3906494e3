import { compare } from "../phones/compare.js";
import type { ReadExports } from "../phones/export-reader.js";
import type { Account } from "./account.js";
import { findingAbout, type Finding } from "./finding.js";
import type { LogFold, LoggedKey } from "./read-log.js";

const revisionNumbers = { confirmed: 1, negative: 5 } as const;

/** What was acknowledged against keys.accepted and keys.embargoed. */
export function compareLog({ ledger, races }: Account, log: LogFold): readonly Finding[] {
  const found = compare(ledger, log);
  const wonByLoser = races
    .filter(({ tek, revisedTo }) =>
      (log.revised.get(tek) ?? []).some(({ reportType }) => reportType !== revisionNumbers[revisedTo]),
    )
    .map(({ tek }) => tek);
  const where = "in the log";
  return [
    ...findingAbout("lost", found.missing, where),
    ...findingAbout("revision_lost", found.revisionMissing, where),
    ...findingAbout("twice", found.twice, where),
    ...findingAbout("invented", found.unexpected, where),
    ...findingAbout("different", found.different, where),
    ...findingAbout("race_won_by_the_loser", wonByLoser, where),
  ];
}

/** What a phone has read of an export against the log: exactly what was due before `endSeconds`, each once. */
export function compareExports(
  account: Account,
  log: LogFold,
  read: ReadExports,
  endSeconds: number,
  where = "in the exports",
): readonly Finding[] {
  const isDue = (key: LoggedKey): boolean => key.releaseSeconds < endSeconds;
  const tripped = read.problems.map((problem) => `${problem.reason} ${problem.name}`);
  const due = (tek: string): boolean => log.keys.get(tek)?.every(isDue) ?? true;
  const found = compare(account.ledger, read, ({ tek }) => due(tek));
  return [
    ...findingAbout("phone_tripped", tripped, where),
    ...compareLists(log.keys, read.keys, isDue, `keys ${where}`),
    ...compareLists(log.revised, read.revised, isDue, `revised keys ${where}`),
    ...findingAbout("lost", found.missing, where),
    ...findingAbout("twice", found.twice, where),
    ...findingAbout("different", found.different, where),
  ];
}

function compareLists(
  logged: ReadonlyMap<string, readonly LoggedKey[]>,
  exported: ReadonlyMap<string, readonly unknown[]>,
  isDue: (key: LoggedKey) => boolean,
  what: string,
): readonly Finding[] {
  const due = [...logged].filter(([, places]) => places.some(isDue)).map(([tek]) => tek);
  const isDueTek = new Set(due);
  const [missing, wrong] = [
    due.filter((tek) => !exported.has(tek)),
    [...exported].filter(([tek, places]) => !isDueTek.has(tek) || places.length !== 1).map(([tek]) => tek),
  ];
  return [...findingAbout("not_exported", missing, what), ...findingAbout("exported_wrongly", wrong, what)];
}
