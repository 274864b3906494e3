import { expect, test } from "vitest";
import type { OpenedPartition } from "../../shared/kafka/partition-transactions.js";
import { NeedsOperator, Unavailable } from "../../shared/process/outcomes.js";
import { refuseOtherLog } from "./refuse-other-log.js";

interface Found {
  readonly seen?: number;
  /** Undefined: the group has no offset. */
  readonly committed?: number;
  readonly high?: number;
  readonly isCommittedNow?: boolean;
}

function look({
  seen,
  committed,
  high = 100,
  isCommittedNow = committed !== undefined,
}: Found): Promise<void> {
  const opened: OpenedPartition = {
    partition: 0,
    nextOffset: committed ?? 0,
    committed: committed !== undefined,
    logEnd: () => Promise.resolve(high),
    isCommittedNow: () => Promise.resolve(isCommittedNow),
  };
  return refuseOtherLog({ read: () => Promise.resolve(seen) }, opened);
}

test.each<[string, Found]>([
  ["of a new deployment", {}],
  ["that has seen what is committed", { seen: 40, committed: 40 }],
  ["that has seen what is not committed yet", { seen: 60, committed: 40 }],
])("a view %s fits", async (_what, found) => {
  await expect(look(found)).resolves.toBeUndefined();
});

test.each<[string, Found, RegExp]>([
  ["ahead of the log", { seen: 101, committed: 40 }, /the view is newer than its log/],
  ["behind the group", { seen: 39, committed: 40 }, /the view is older than its log/],
  ["of a group that has no offset", { seen: 40 }, /the group has no offset/],
])("a view %s needs an operator", async (_what, found, message) => {
  const error: unknown = await look(found).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(NeedsOperator);
  expect(String(error)).toMatch(message);
});

test("a process that was asleep while another took its partition for the first time does not take it for a loss", async () => {
  await expect(look({ seen: 40, isCommittedNow: true })).rejects.toBeInstanceOf(Unavailable);
});
