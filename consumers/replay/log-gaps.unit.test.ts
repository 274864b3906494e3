import { expect, test } from "vitest";
import { keysAccepted, keysEmbargoed } from "../../shared/topology.js";
import { logGaps } from "./log-gaps.js";

const keptFromSeconds = 1_000_000;
const accepted = { topic: keysAccepted.topic, partition: 0, low: 5, high: 9 };
const embargoed = { ...accepted, topic: keysEmbargoed.topic };
const day = 86_400;

test.each([
  ["that has lost nothing reaches back", { ...accepted, low: 0 }, keptFromSeconds + day, 0],
  ["whose first record is older than every key reaches back", accepted, keptFromSeconds, 0],
  ["whose first record is younger does not", accepted, keptFromSeconds + 1, 1],
  ["of keys that were held back has to reach back longer", embargoed, keptFromSeconds - day, 1],
  ["of keys that were held back, when it does", embargoed, keptFromSeconds - 26 * 3600, 0],
  ["of which nothing is left does not", accepted, undefined, 1],
])("a partition %s", (_what, limits, firstSeconds, gaps) => {
  const first = new Map(
    firstSeconds === undefined ? [] : [[`${limits.topic}/${limits.partition}`, firstSeconds]],
  );
  expect(logGaps([limits], first, keptFromSeconds)).toHaveLength(gaps);
});
