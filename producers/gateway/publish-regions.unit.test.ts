import { describe, expect, test } from "vitest";
import type { AuthorizedApp } from "../../shared/deployment/deployment.js";
import { regionsBytesMax } from "../../shared/keys/regions.js";
import { publishRegions } from "./publish-regions.js";

function regionsFor(
  given: readonly string[] | undefined,
  appRegions: readonly string[] = [],
  defaultRegion?: string,
): ReturnType<typeof publishRegions> {
  const app: AuthorizedApp = {
    name: "app",
    regions: appRegions,
    healthAuthorityIds: [],
    bypassHealthAuthorityVerification: false,
    bypassRevisionToken: false,
  };
  const request = {
    temporaryExposureKeys: [],
    healthAuthorityID: "App",
    verificationPayload: "",
    hmacKey: "",
    symptomOnsetInterval: 0,
    traveler: false,
    revisionToken: "",
    padding: "",
    ...(given === undefined ? {} : { regions: given }),
  };
  return publishRegions(app, request, defaultRegion);
}

test("the phone's regions come before its app's, and these before the default", () => {
  expect(regionsFor(["ca"], ["US", "ca"], "MX")).toEqual(["CA"]);
  expect(regionsFor([], ["US"], "MX")).toEqual(["US"]);
  expect(regionsFor(undefined, [], "mx")).toEqual(["MX"]);
  expect(regionsFor(undefined)).toMatchObject({ status: 500 });
});

test("a region that the app is not used in is refused", () => {
  expect(regionsFor(["US", "CA"], ["US"])).toMatchObject({ status: 401, code: "unauthorized_region" });
});

test("a region that is named more than once counts once, in whatever letters", () => {
  expect(regionsFor(Array.from({ length: 10_000 }, (_, index) => (index % 2 === 0 ? "us" : "US")))).toEqual([
    "US",
  ]);
});

describe("the room for regions", () => {
  // Each is seven letters long, and takes ten bytes.
  const full = Array.from(
    { length: regionsBytesMax / 10 },
    (_, index) => `R${String(index).padStart(6, "0")}`,
  );

  test("is enough for as many as fill it", () => {
    expect(regionsFor(full)).toEqual(full);
  });

  test.each([
    ["one more", [...full, "X"], regionsBytesMax + 4],
    ["a letter more", [...full.slice(1), "R00000-0"], regionsBytesMax + 1],
    ["one that grows in upper case", [...full.slice(1), "R00000ß"], regionsBytesMax + 1],
  ])("is too small for %s", (_what, regions, bytes) => {
    const tooMany = `too many regions in publish: ${bytes} bytes, max of 10000 is allowed`;
    const error = `unable to read request data: ${tooMany}`;
    expect(regionsFor(regions)).toEqual({ status: 400, code: "bad_request", error });
  });
});
