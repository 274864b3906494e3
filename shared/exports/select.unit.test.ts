import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { selects, type Selection } from "./select.js";

describe("a configuration takes", () => {
  const cases: {
    what: string;
    config: Partial<Selection>;
    regions: string[];
    traveler: boolean;
    taken: boolean;
  }[] = [
    { what: "a key of its region", config: {}, regions: ["US"], traveler: false, taken: true },
    { what: "no key of another region", config: {}, regions: ["CA"], traveler: false, taken: false },
    {
      what: "a key of any of several regions",
      config: { inputRegions: ["US", "MX"] },
      regions: ["MX"],
      traveler: false,
      taken: true,
    },
    {
      what: "no key outside several regions",
      config: { inputRegions: ["US", "MX"] },
      regions: ["CA"],
      traveler: false,
      taken: false,
    },
    { what: "a key of several regions", config: {}, regions: ["CA", "US"], traveler: false, taken: true },
    {
      what: "no key of an excluded region",
      config: { excludeRegions: ["CA"] },
      regions: ["CA", "US"],
      traveler: false,
      taken: false,
    },
    {
      what: "no key of any of several excluded regions",
      config: { excludeRegions: ["MX", "CA"] },
      regions: ["CA", "US"],
      traveler: false,
      taken: false,
    },
    {
      what: "a region in any case",
      config: { inputRegions: ["us"] },
      regions: ["US"],
      traveler: false,
      taken: true,
    },
    {
      what: "no excluded region in any case",
      config: { excludeRegions: ["ca"] },
      regions: ["CA", "US"],
      traveler: false,
      taken: false,
    },
    { what: "a traveler's key of its region", config: {}, regions: ["US"], traveler: true, taken: true },
    { what: "no traveler's key from elsewhere", config: {}, regions: ["CA"], traveler: true, taken: false },
    {
      what: "a traveler's key from elsewhere, if included",
      config: { includeTravelers: true },
      regions: ["CA"],
      traveler: true,
      taken: true,
    },
    {
      what: "no other key from elsewhere, though travelers are included",
      config: { includeTravelers: true },
      regions: ["CA"],
      traveler: false,
      taken: false,
    },
    {
      what: "no traveler's key from an excluded region",
      config: { includeTravelers: true, excludeRegions: ["CA"] },
      regions: ["CA"],
      traveler: true,
      taken: false,
    },
    {
      what: "no traveler's key, if only others are wanted",
      config: { onlyNonTravelers: true },
      regions: ["US"],
      traveler: true,
      taken: false,
    },
    {
      what: "another key, if only those are wanted",
      config: { onlyNonTravelers: true },
      regions: ["US"],
      traveler: false,
      taken: true,
    },
    { what: "no key without a region", config: {}, regions: [], traveler: false, taken: false },
    {
      what: "no key at all without input regions",
      config: { inputRegions: [] },
      regions: ["US"],
      traveler: false,
      taken: false,
    },
  ];
  test.each(cases)("$what", ({ config, regions, traveler, taken }) => {
    expect(selects(aSelection(config), { regions, traveler })).toBe(taken);
  });
});

test("several input regions take what each of them takes alone", () => {
  const regions = fc.subarray(["US", "CA", "MX", "us-ny"]);
  fc.assert(
    fc.property(regions, regions, regions, fc.boolean(), (input, exclude, keyRegions, traveler) => {
      const key = { regions: keyRegions, traveler };
      const takes = (config: Partial<Selection>): boolean => selects(aSelection(config), key);
      const alone = input.some((region) => takes({ inputRegions: [region] }));
      const excluded = exclude.some(
        (region) => !takes({ inputRegions: keyRegions, excludeRegions: [region] }),
      );
      expect(takes({ inputRegions: input, excludeRegions: exclude })).toBe(alone && !excluded);
    }),
  );
});

function aSelection(overrides: Partial<Selection>): Selection {
  return {
    inputRegions: ["US"],
    excludeRegions: [],
    includeTravelers: false,
    onlyNonTravelers: false,
    ...overrides,
  };
}
