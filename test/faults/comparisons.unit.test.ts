import { keysAccepted } from "../../shared/topology.js";
import { describe, expect, test } from "vitest";
import { countOutcomes } from "../../shared/stats/count-outcomes.js";
import type { PublishedRecord } from "../../shared/topology.js";
import type { LedgerKey } from "../phones/ledger.js";
import { anAccount, type Account } from "./account.js";
import { checkOrder } from "./check-windows.js";
import { compareExports, compareLog } from "./compare-log.js";
import { compareStatistics } from "./compare-statistics.js";
import { compareView, type ViewedKey } from "./compare-view.js";
import type { Finding } from "./finding.js";
import type { LogFold, LoggedKey } from "./read-log.js";

// Every comparison is shown something that it must find: a harness that finds nothing proves nothing.

const known: LedgerKey = {
  tek: "a",
  start: 10,
  period: 144,
  reportType: "likely",
  regions: ["US"],
  traveler: false,
  acknowledgedAtMs: 1,
};
const inserted: LoggedKey = {
  key: "a",
  transmissionRisk: 0,
  rollingStart: 10,
  rollingPeriod: 144,
  reportType: 2,
  daysSinceOnset: 0,
  releaseSeconds: 0,
  file: `${keysAccepted.topic}/0@1`,
};
const revised: LoggedKey = { ...inserted, reportType: 1 };
const viewed: ViewedKey = { rollingStart: 10, rollingPeriod: 144, reportType: 2, revisedTo: 1 };

function account(key: Partial<LedgerKey> = {}, races: Account["races"] = []): Account {
  const made = anAccount();
  made.ledger.acknowledged.set("a", { ...known, revised: "confirmed", ...key });
  return { ...made, races };
}

function log(keys: LoggedKey[] = [inserted], revisions: LoggedKey[] = [revised]): LogFold {
  return { keys: group(keys), revised: group(revisions), outcomes: [], published: [] };
}

function group(keys: LoggedKey[]): Map<string, LoggedKey[]> {
  return new Map(keys.map(({ key }) => [key, keys.filter((other) => other.key === key)]));
}

const lateKey = { ...inserted, releaseSeconds: 200 };
const nothing = { files: [], problems: [], keys: new Map(), revised: new Map() };
const readAll = { ...log(), files: [], problems: [] };

function window(
  startSeconds: number,
  endSeconds: number,
  startOffset: number,
  endOffset: number,
  held = false,
): PublishedRecord {
  const ranges = [{ topic: keysAccepted.topic, partition: 0, startOffset, endOffset }];
  return { startSeconds, endSeconds, ranges, files: [], held } as unknown as PublishedRecord;
}

const cases: readonly (readonly [string, readonly Finding[], readonly Finding["reason"][]])[] = [
  ["a log that holds all", compareLog(account(), log()), []],
  ["a log without the key", compareLog(account(), log([], [revised])), ["lost"]],
  ["a log without the revision", compareLog(account(), log([inserted], [])), ["revision_lost"]],
  ["a log with the key twice", compareLog(account(), log([inserted, inserted])), ["twice"]],
  ["a log with the revision twice", compareLog(account(), log([inserted], [revised, revised])), ["twice"]],
  ["a key of nobody", compareLog(account(), log([inserted, { ...inserted, key: "b" }])), ["invented"]],
  ["another report type", compareLog(account(), log([{ ...inserted, reportType: 1 }])), ["different"]],
  [
    "a race that the loser won",
    compareLog(account({}, [{ tek: "a", revisedTo: "negative" }]), log()),
    ["race_won_by_the_loser"],
  ],
  ["exports that hold all", compareExports(account(), log(), readAll, 100), []],
  [
    "exports without anything",
    compareExports(account(), log(), nothing, 100),
    ["not_exported", "not_exported", "lost"],
  ],
  ["a key that may not leave yet", compareExports(account(), log([lateKey], []), nothing, 100), []],
  ["such a key exported", compareExports(account(), log([lateKey]), readAll, 100), ["exported_wrongly"]],
  [
    "an export that has the key twice",
    compareExports(account(), log(), { ...readAll, ...log([inserted, inserted]) }, 100),
    ["exported_wrongly", "twice"],
  ],
  [
    "a line that a phone missed",
    compareExports(account(), log(), { ...readAll, problems: [{ reason: "line_behind", name: "x" }] }, 100),
    ["phone_tripped"],
  ],
  ["a view of the same keys", compareView(log(), new Map([["a", viewed]])), []],
  ["a view without the key", compareView(log(), new Map()), ["view_differs"]],
  ["a view with one more", compareView(log([], []), new Map([["a", viewed]])), ["view_differs"]],
  [
    "a view without the revision",
    compareView(log(), new Map([["a", { ...viewed, revisedTo: undefined }]])),
    ["view_differs"],
  ],
  [
    "a window that begins where a held one began",
    checkOrder([window(0, 4, 0, 7, true), window(4, 8, 0, 9)]),
    [],
  ],
  [
    "a window that leaves out what was held before",
    checkOrder([window(0, 4, 0, 7, true), window(4, 8, 7, 9)]),
    ["window_out_of_order"],
  ],
  ["windows that follow each other", checkOrder([window(0, 4, 0, 7), window(4, 8, 7, 9)]), []],
  ["a window told of again", checkOrder([window(0, 4, 0, 7), window(4, 8, 7, 9), window(0, 4, 0, 7)]), []],
  [
    "a window told of in two ways",
    checkOrder([window(0, 4, 0, 7), window(0, 4, 0, 8)]),
    ["window_out_of_order"],
  ],
  ["a window left out", checkOrder([window(0, 4, 0, 7), window(8, 12, 7, 9)]), ["window_out_of_order"]],
  ["windows in another order", checkOrder([window(4, 8, 7, 9), window(0, 4, 0, 7)]), ["window_out_of_order"]],
  ["records between windows", checkOrder([window(0, 4, 0, 7), window(4, 8, 8, 9)]), ["window_out_of_order"]],
];

test.each(cases)("%s", (_, findings, expected) => {
  expect(findings.map(({ reason }) => reason)).toEqual(expected);
});

describe("statistics", () => {
  const outcomes = [
    { healthAuthorityId: "doh", receivedWindowSeconds: 7200, inserted: 1 },
    { healthAuthorityId: "doh", receivedWindowSeconds: 7200, revised: 1 },
  ];
  const told = { ...log(), outcomes };
  const counted = countOutcomes(outcomes);

  test("that agree with the log are no finding, in however many partitions they lie", () => {
    expect(compareStatistics(told, counted)).toEqual([]);
    expect(
      compareStatistics(
        told,
        outcomes.flatMap((outcome) => countOutcomes([outcome])),
      ),
    ).toEqual([]);
  });

  test.each([
    ["lack an outcome", countOutcomes(outcomes.slice(1))],
    ["count one twice", [...counted, ...countOutcomes(outcomes.slice(1))]],
    [
      "know one that the log does not have",
      [...counted, ...counted.map((hour) => ({ ...hour, hourSeconds: 0 }))],
    ],
  ])("that %s are found", (_what, wrong) => {
    expect(compareStatistics(told, wrong).map(({ reason }) => reason)).toEqual(["statistics_differ"]);
  });

  test("are found when outcomes tell of other keys than the log holds", () => {
    const { keys } = log([inserted, { ...inserted, key: "b" }]);
    expect(compareStatistics({ ...told, keys }, counted).map(({ reason }) => reason)).toEqual([
      "outcomes_differ",
    ]);
  });
});
