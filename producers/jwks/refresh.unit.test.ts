import { describe, expect, test } from "vitest";
import { applyChange, recordKey } from "../../shared/deployment/apply-change.js";
import { emptyDeployment, type Deployment } from "../../shared/deployment/deployment.js";
import { activeKey } from "../../shared/keys/health-authority.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import { configChanged, type Changed } from "../../shared/topology.js";
import { aListedKey, type ListedPair } from "./a-listed-key.test-support.js";
import type { JwksEvents } from "./events.js";
import type { Fetched } from "./fetch-document.js";
import { refreshAll, type RefreshSteps } from "./refresh.js";

const now = 1_800_000_000;
const [one, two] = [aListedKey("v1"), aListedKey("v2")];

/** A deployment whose changes go through the log's codec, and the steps on it. */
function aSetting(ids: readonly string[], answer: (uri: string) => Fetched | Promise<Fetched>) {
  let deployment: Deployment = ids.reduce(
    (before, id) =>
      put(before, "health-authority", id, { healthAuthority: { id, jwksUri: `https://${id}.example/` } }),
    emptyDeployment,
  );
  const seen = { written: [] as string[], ignored: [] as string[], under: 0, underMax: 0 };
  const events: JwksEvents = {
    refreshed: () => undefined,
    ignored: (_id, reasons) => void seen.ignored.push(...reasons),
    keysChanged: () => undefined,
    lookedAtAll: () => undefined,
  };
  const steps: RefreshSteps = {
    deployment: () => deployment,
    nowSeconds: () => now + 0.5,
    random: Math.random,
    fetchDocument: async (uri) => {
      seen.under += 1;
      seen.underMax = Math.max(seen.underMax, seen.under);
      await new Promise((resolve) => setTimeout(resolve, 2));
      seen.under -= 1;
      return answer(uri);
    },
    write: async (id, changed) => {
      seen.written.push(id);
      deployment = put(deployment, "health-authority-keys", id, changed);
    },
    workers: 2,
    keysMax: 5,
    cleanupSeconds: 1000,
    keysKeptMax: 50,
    events,
  };
  return {
    steps,
    seen,
    change: (id: string, changed: Changed) => {
      deployment = put(deployment, "health-authority", id, changed);
    },
    isValid: (id: string, version: string, at = now + 60) => {
      const authority = deployment.healthAuthorities.get(id);
      return authority !== undefined && activeKey(authority, version, at) !== undefined;
    },
  };
}

function put(
  deployment: Deployment,
  kind: "health-authority" | "health-authority-keys",
  id: string,
  changed: Changed,
): Deployment {
  const bytes = configChanged.codec.encode(changed).finish();
  return applyChange(deployment, recordKey(kind, id), configChanged.codec.decode(bytes));
}

function document(...keys: readonly ListedPair[]): Fetched {
  return { kind: "document", text: JSON.stringify(keys.map(({ jwk }) => jwk)) };
}

test("every health authority with a document is looked at, so many at once and no more", async () => {
  const ids = Array.from({ length: 7 }, (_, index) => `ha${index}`);
  const { steps, seen, change, isValid } = aSetting(ids, () => document(one));
  change("without", { healthAuthority: { id: "without" } });
  expect(await refreshAll(steps)).toEqual(ids.map(() => "changed"));
  expect(seen.written.toSorted()).toEqual(ids);
  expect(seen.underMax).toBe(2);
  for (const id of ids) expect(isValid(id, "v1")).toBe(true);
});

test("the order is chance's", async () => {
  const orders = new Set<string>();
  for (let run = 0; run < 30; run++) {
    const { steps, seen } = aSetting(["a", "b", "c"], () => document(one));
    await refreshAll({ ...steps, workers: 1 });
    orders.add(seen.written.join());
  }
  expect(orders.size).toBeGreaterThan(1);
});

test("a second look at the same document writes nothing", async () => {
  const { steps, seen } = aSetting(["ha"], () => document(one, two));
  expect(await refreshAll(steps)).toEqual(["changed"]);
  expect(await refreshAll({ ...steps, nowSeconds: () => now + 500 })).toEqual(["unchanged"]);
  expect(seen.written).toEqual(["ha"]);
});

describe("a document that can't be used revokes nothing", () => {
  const unusable: [string, Fetched][] = [
    ["empty", { kind: "document", text: "" }],
    ["empty", { kind: "document", text: "[]" }],
    ["empty", { kind: "document", text: '{"keys":[]}' }],
    ["not_json", { kind: "document", text: "<html></html>" }],
    ["other_form", { kind: "document", text: '{"error":"later"}' }],
    ["no_usable_key", { kind: "document", text: '[{"kty":"RSA"}]' }],
    ["no_usable_key", document(aListedKey("", {}))],
    ["too_many_keys", document(...Array.from({ length: 6 }, () => one))],
    ["bad_status", { kind: "failed", reason: "bad_status" }],
    ["too_large", { kind: "failed", reason: "too_large" }],
  ];
  test.each(unusable)("%s: %j", async (outcome, fetched) => {
    let answer = document(one, two);
    const { steps, seen, isValid } = aSetting(["ha"], () => answer);
    await refreshAll(steps);
    answer = fetched;
    expect(await refreshAll(steps)).toEqual([outcome]);
    expect(seen.written).toEqual(["ha"]);
    expect([isValid("ha", "v1"), isValid("ha", "v2")]).toEqual([true, true]);
  });
});

test("keys that are left out are told, those without a kid, too", async () => {
  const odd = aListedKey("v3", { use: "enc" });
  const { steps, seen } = aSetting(["ha"], () => document(one, odd, aListedKey("")));
  expect(await refreshAll(steps)).toEqual(["changed"]);
  expect(seen.ignored).toEqual(["other_use", "no_kid"]);
});

test("a document of an address that an operator changed meanwhile is not used", async () => {
  const { steps, seen, change } = aSetting(["ha"], () => {
    change("ha", { healthAuthority: { id: "ha", jwksUri: "https://other.example/" } });
    return document(one);
  });
  expect(await refreshAll(steps)).toEqual(["unchanged"]);
  expect(seen.written).toEqual([]);
});

test("a log that can't be written is told, and the next look finds everything again", async () => {
  const { steps, isValid } = aSetting(["ha"], () => document(one));
  const write = () => Promise.reject(new Unavailable("no broker"));
  expect(await refreshAll({ ...steps, write })).toEqual(["not_written"]);
  expect(await refreshAll(steps)).toEqual(["changed"]);
  expect(isValid("ha", "v1")).toBe(true);
});

test("two instances that look at once leave the same keys valid as one", async () => {
  const { steps, isValid } = aSetting(["ha"], () => document(one, two));
  await Promise.all([refreshAll(steps), refreshAll({ ...steps, nowSeconds: () => now + 3 })]);
  expect([isValid("ha", "v1"), isValid("ha", "v2")]).toEqual([true, true]);
  expect(await refreshAll(steps)).toEqual(["unchanged"]);
});
