import { describe, expect, test } from "vitest";
import { nextDueWindow } from "./next-due-window.js";
import { someSettings } from "./some-settings.test-support.js";

const hour = 3600;

function plan(changes: Partial<Parameters<typeof nextDueWindow>[0]>): [number, number, number] | undefined {
  const window = nextDueWindow({
    configuration: { id: "us", versions: [someSettings({})] },
    lastEndSeconds: undefined,
    firstTickSeconds: 10 * hour,
    nowSeconds: 100 * hour,
    minWindowAgeSeconds: 0,
    ...changes,
  });
  return window && [window.startSeconds / hour, window.endSeconds / hour, window.settings.version];
}

test("the first window has a tick at both ends", () => {
  expect(plan({})).toEqual([10, 11, 1]);
  expect(plan({ firstTickSeconds: 10.5 * hour })).toEqual([11, 12, 1]);
});

test("each window starts where the last one ended", () => {
  expect(plan({ lastEndSeconds: 20 * hour })).toEqual([20, 21, 1]);
});

test("a window waits for its age", () => {
  const waiting = { lastEndSeconds: 20 * hour, minWindowAgeSeconds: 2 * hour };
  expect(plan({ ...waiting, nowSeconds: 23 * hour - 1 })).toBeUndefined();
  expect(plan({ ...waiting, nowSeconds: 23 * hour })).toEqual([20, 21, 1]);
});

test("a configuration without a version has no window", () => {
  expect(plan({ configuration: { id: "us", versions: [] } })).toBeUndefined();
});

test("no window ends after the configuration's end", () => {
  const versions = [someSettings({ thruSeconds: 20.5 * hour })];
  expect(plan({ configuration: { id: "us", versions }, lastEndSeconds: 19 * hour })).toEqual([19, 20, 1]);
  expect(plan({ configuration: { id: "us", versions }, lastEndSeconds: 20 * hour })).toBeUndefined();
});

describe("after a change of the settings", () => {
  const versions = [
    someSettings({ version: 1 }),
    someSettings({ version: 2, effectiveAtSeconds: 22 * hour, periodSeconds: 4 * hour }),
  ];
  const configuration = { id: "us", versions };
  test.each([
    ["a window that ends before it keeps the old ones", 16, [16, 17, 1]],
    ["a window that the new ones end after it has the new ones", 20, [20, 24, 2]],
    ["later windows have the new ones", 24, [24, 28, 2]],
  ])("%s", (_what, last, expected) => {
    expect(plan({ configuration, lastEndSeconds: last * hour })).toEqual(expected);
  });
});

test("new settings that end the configuration are not passed over for older ones", () => {
  const versions = [
    someSettings({ version: 1 }),
    someSettings({ version: 2, effectiveAtSeconds: 15 * hour, thruSeconds: 20 * hour }),
  ];
  expect(plan({ configuration: { id: "us", versions }, lastEndSeconds: 20 * hour })).toBeUndefined();
});

describe("an export that had ended and is gone on with", () => {
  const versions = [
    someSettings({ version: 1 }),
    someSettings({ version: 2, effectiveAtSeconds: 15 * hour, thruSeconds: 20 * hour }),
    someSettings({ version: 3, effectiveAtSeconds: 30.5 * hour }),
  ];
  test.each([
    ["goes on where it ended, by the settings that go on with it", versions, 20, [20, 21, 3]],
    ["comes to the time of these settings", versions, 30, [30, 31, 3]],
    ["has the older settings until its end", versions, 19, [19, 20, 2]],
    ["does not go on as long as nothing says so", versions.slice(0, 2), 20, undefined],
    [
      "does not go on by settings that end no later",
      [
        ...versions.slice(0, 2),
        someSettings({ version: 3, effectiveAtSeconds: 30 * hour, thruSeconds: 20 * hour }),
      ],
      20,
      undefined,
    ],
    [
      "goes on until its new end",
      [
        ...versions.slice(0, 2),
        someSettings({ version: 3, effectiveAtSeconds: 30 * hour, thruSeconds: 32 * hour }),
      ],
      32,
      undefined,
    ],
  ] as const)("%s", (_what, some, last, expected) => {
    expect(plan({ configuration: { id: "us", versions: some }, lastEndSeconds: last * hour })).toEqual(
      expected,
    );
  });

  test("waits until these settings are in effect", () => {
    const waiting = { configuration: { id: "us", versions }, lastEndSeconds: 20 * hour };
    expect(plan({ ...waiting, nowSeconds: 30.4 * hour })).toBeUndefined();
    expect(plan({ ...waiting, nowSeconds: 30.5 * hour })).toEqual([20, 21, 3]);
  });
});
