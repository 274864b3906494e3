import { describe, expect, test } from "vitest";
import { regionsBytesMax } from "../../shared/keys/regions.js";
import { aDeployment, after } from "./a-deployment.test-support.js";
import { createApp, updateApp, type AppOutcome } from "./change-app.js";
import { createHealthAuthority } from "./change-health-authority.js";

const authority = { issuer: "iss", audience: "aud", name: "Health", statsEnabled: true };
const fields = {
  regions: ["US", "CA"],
  healthAuthorityIds: ["ha"],
  bypassHealthAuthorityVerification: false,
  bypassRevisionToken: false,
};
const bare = aDeployment([
  "health-authority",
  "ha",
  createHealthAuthority(aDeployment(), "ha", authority, undefined),
]);
const withApp = after(bare, "authorized-app", "app", createApp(bare, "app", fields));

test("a new app has its fields", () => {
  expect(withApp.apps.get("app")).toEqual({ name: "app", ...fields });
});

test("an update replaces what is given and keeps the rest", () => {
  const updated = after(withApp, "authorized-app", "app", updateApp(withApp, "app", { regions: ["MX"] }));
  expect(updated.apps.get("app")).toEqual({ name: "app", ...fields, regions: ["MX"] });
});

test("an app without a health authority is possible when verification is bypassed", () => {
  const trial = { ...fields, healthAuthorityIds: [], bypassHealthAuthorityVerification: true };
  expect(createApp(bare, "trial", trial).kind).toBe("change");
});

/** Each takes ten bytes. */
const fullRegions = Array.from(
  { length: regionsBytesMax / 10 },
  (_, index) => `R${String(index).padStart(6, "0")}`,
);

test("an app may have as many regions as a publish", () => {
  expect(updateApp(withApp, "app", { regions: fullRegions }).kind).toBe("change");
});

describe("refused", () => {
  const cases: [string, AppOutcome, string, string][] = [
    ["a name that exists", createApp(withApp, "app", fields), "exists", "app"],
    ["an update of none", updateApp(bare, "app", {}), "unknown", "app"],
    ["no region", createApp(bare, "app", { ...fields, regions: [] }), "no_region", "app"],
    [
      "more regions than a publish may have",
      updateApp(withApp, "app", { regions: [...fullRegions, "X"] }),
      "too_many_regions",
      "app",
    ],
    ["nobody to sign", updateApp(withApp, "app", { healthAuthorityIds: [] }), "no_health_authority", "app"],
    [
      "health authorities that are not there",
      updateApp(withApp, "app", { healthAuthorityIds: ["ha", "b", "c"] }),
      "unknown_health_authority",
      "b, c",
    ],
  ];
  test.each(cases)("%s", (_what, outcome, reason, about) => {
    expect(outcome).toEqual({ kind: "refuse", reason, about });
  });
});
