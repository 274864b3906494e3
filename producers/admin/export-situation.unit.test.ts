import { describe, expect, test } from "vitest";
import type { ExportSettings } from "../../shared/deployment/deployment.js";
import { someSettings } from "../../shared/deployment/some-settings.test-support.js";
import { bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import { keysAccepted, keysEmbargoed, type Accepted, type AcceptedRecord } from "../../shared/topology.js";
import type { Batch } from "../../shared/view/batches.js";
import { exportSituation, placeSeconds, type SituationInput } from "./export-situation.js";
import { KeySearch } from "./find-in-log.js";

const hour = 3600;

function everyFourHours(changes: Partial<ExportSettings> = {}): ExportSettings {
  return someSettings({ periodSeconds: 4 * hour, recordsPerFileMax: 100, ...changes });
}

function aBatch(endHour: number, changes: Partial<Batch> = {}): Batch {
  return {
    configurationId: "us",
    startSeconds: (endHour - 4) * hour,
    endSeconds: endHour * hour,
    settingsVersion: 1,
    filenameRoot: "us",
    state: "published",
    ranges: [],
    files: [],
    ...changes,
  };
}

function situation(changes: Partial<SituationInput>, settings: Partial<ExportSettings> = {}): unknown {
  const found = exportSituation({
    configuration: { id: "us", versions: [everyFourHours(settings)] },
    holding: undefined,
    last: undefined,
    key: { regions: ["US"], traveler: false },
    atSeconds: 41 * hour,
    firstTickSeconds: 30 * hour,
    minWindowAgeSeconds: 2 * hour,
    ...changes,
  });
  if (found.kind === "ahead") return [found.kind, found.window.endSeconds / hour, found.dueSeconds / hour];
  if (found.kind === "batch") return [found.kind, found.batch.endSeconds / hour];
  return found.kind;
}

describe("a key's record", () => {
  test.each<[string, Partial<SituationInput>, Partial<ExportSettings>, unknown]>([
    ["that is in no log", { atSeconds: undefined }, {}, "not-in-log"],
    ["in a window that is planned", { holding: aBatch(44), last: aBatch(48) }, {}, ["batch", 44]],
    ["in the window after the last one", { last: aBatch(40) }, {}, ["ahead", 44, 46]],
    ["several windows ahead", { last: aBatch(40), atSeconds: 67 * hour }, {}, ["ahead", 68, 70]],
    ["at the very start of a window", { last: aBatch(40), atSeconds: 40 * hour }, {}, ["ahead", 44, 46]],
    [
      "before the first window of an export that has one",
      { last: aBatch(48), atSeconds: 43 * hour },
      {},
      "before-first",
    ],
    [
      "before the first window of an export that has ended",
      { last: aBatch(48), atSeconds: 43 * hour },
      { thruSeconds: 48 * hour },
      "before-first",
    ],
    ["before the first window of an export that has none", {}, { fromSeconds: 50 * hour }, "before-first"],
    ["behind no tick that is left", { atSeconds: 0 }, {}, "before-first"],
    ["after the end of the export", { last: aBatch(40) }, { thruSeconds: 43 * hour }, "ended"],
    [
      "of another region, planned",
      { holding: aBatch(44), key: { regions: ["CA"], traveler: false } },
      {},
      "not-selected",
    ],
    [
      "of another region, ahead",
      { last: aBatch(40), key: { regions: ["CA"], traveler: false } },
      {},
      "not-selected",
    ],
    [
      "of an input region",
      { last: aBatch(40), key: { regions: ["CA"], traveler: false } },
      { inputRegions: ["CA"] },
      ["ahead", 44, 46],
    ],
    [
      "of an excluded region",
      { last: aBatch(40), key: { regions: ["US", "MX"], traveler: false } },
      { excludeRegions: ["MX"] },
      "not-selected",
    ],
    [
      "of a traveler",
      { last: aBatch(40), key: { regions: ["CA"], traveler: true } },
      { includeTravelers: true },
      ["ahead", 44, 46],
    ],
    [
      "of a traveler who is left out",
      { last: aBatch(40), key: { regions: ["US"], traveler: true } },
      { onlyNonTravelers: true },
      "not-selected",
    ],
  ])("%s", (_what, input, settings, expected) => {
    expect(situation(input, settings)).toEqual(expected);
  });

  test("is judged by the settings of its window, not by today's", () => {
    const versions = [
      everyFourHours(),
      everyFourHours({ version: 2, effectiveAtSeconds: 45 * hour, outputRegion: "CA" }),
    ];
    const input = { configuration: { id: "us", versions }, last: aBatch(40) };
    expect(situation({ ...input, holding: aBatch(44) })).toEqual(["batch", 44]);
    expect(situation({ ...input, atSeconds: 45 * hour })).toBe("not-selected");
  });
});

describe("the place of a key in the log", () => {
  const place = { topic: keysAccepted.topic, partition: 0 };
  const record = (message: Accepted): AcceptedRecord =>
    keysAccepted.codec.decode(keysAccepted.codec.encode(message).finish());
  const tick = (boundarySeconds: number): AcceptedRecord =>
    record({ tick: { boundarySeconds, partitions: 1 } });
  const key = (name: string, releaseSeconds = 0): AcceptedRecord =>
    record({ origins: [{}], inserted: [{ tek: bytesOf("x") }, { tek: bytesOf(name), releaseSeconds }] });

  test("is behind the last valid tick of its partition", () => {
    const search = new KeySearch(bytesOf("mine"));
    search.add(place, 0, 100, tick(100));
    search.add(place, 1, 110, tick(9999));
    search.add({ ...place, partition: 1 }, 0, 300, tick(300));
    search.add(place, 2, 120, tick(50));
    search.add(place, 3, 130, key("mine"));
    search.add(place, 4, 200, tick(200));
    expect(search.found.inserted).toMatchObject({ partition: 0, offset: 3, boundarySeconds: 100 });
    expect(search.found.revised).toBeUndefined();
  });

  test("is the time of its release, when that is later", () => {
    const found = {
      ...place,
      topic: keysEmbargoed.topic,
      offset: 3,
      boundarySeconds: 100,
      releaseSeconds: 500,
    };
    expect(placeSeconds(found)).toBe(500);
    expect(placeSeconds({ ...found, boundarySeconds: 600 })).toBe(600);
    expect(placeSeconds({ ...found, boundarySeconds: undefined, releaseSeconds: 0 })).toBe(0);
  });
});
