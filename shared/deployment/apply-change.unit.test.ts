import { generateKeyPairSync } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { cpuSecondsOf } from "../../test/reporting/cpu-seconds.js";
import { configChanged, type Changed } from "../topology.js";
import { applyChange, applyChanges, recordKey, type EntityKind } from "./apply-change.js";
import { emptyDeployment, type Deployment } from "./deployment.js";

const publicKeyPem = generateKeyPairSync("ec", { namedCurve: "P-256" })
  .publicKey.export({ type: "spki", format: "pem" })
  .toString();

const entities: Record<EntityKind, { changed: Changed; map: keyof Deployment }> = {
  "health-authority": {
    changed: { healthAuthority: { id: "x", issuer: "gov", keys: [{ version: "v1", publicKeyPem }] } },
    map: "healthAuthorities",
  },
  "health-authority-keys": {
    changed: { discoveredKeys: { healthAuthorityId: "x", keys: [{ version: "v1", publicKeyPem }] } },
    map: "discoveredKeys",
  },
  "authorized-app": { changed: { authorizedApp: { name: "x", regions: ["US"] } }, map: "apps" },
  "export-configuration": {
    changed: {
      exportConfiguration: { id: "x", versions: [{ version: 1, periodSeconds: 60, recordsPerFileMax: 9 }] },
    },
    map: "exportConfigurations",
  },
  "signing-key": { changed: { signingKey: { id: "x", verificationKeyId: "310" } }, map: "signingKeys" },
  "revision-key": { changed: { revisionKey: { id: "x", createdAtSeconds: 5 } }, map: "revisionKeys" },
  "dead-letter": { changed: { deadLetterDecision: { decidedAtSeconds: 5 } }, map: "deadLetterDecisions" },
};
const kinds = Object.keys(entities) as EntityKind[];

type ExportVersion = { periodSeconds: number; recordsPerFileMax: number };

function anExport(version: ExportVersion): [string, Changed] {
  return ["export-configuration/x", { exportConfiguration: { versions: [version] } }];
}

function overTheWire(changed: Changed): Changed {
  return configChanged.codec.decode(configChanged.codec.encode(changed).finish());
}

describe("each kind of entity", () => {
  test.each(kinds)("%s comes, is told apart by its id, and goes", (kind) => {
    const { changed, map } = entities[kind];
    const one = applyChange(emptyDeployment, recordKey(kind, "x"), overTheWire(changed));
    const two = applyChange(one, recordKey(kind, "y/with slash"), overTheWire(changed));
    expect([...(two[map] as ReadonlyMap<string, unknown>).keys()]).toEqual(["x", "y/with slash"]);
    const after = applyChange(two, recordKey(kind, "x"), undefined);
    expect([...(after[map] as ReadonlyMap<string, unknown>).keys()]).toEqual(["y/with slash"]);
    expect(after.entities.size).toBe(1);
  });

  test.each(kinds)("%s leaves what was there before as it was", (kind) => {
    const { changed, map } = entities[kind];
    applyChange(emptyDeployment, recordKey(kind, "x"), overTheWire(changed));
    expect(emptyDeployment[map].size).toBe(0);
  });
});

describe("an end of 0 is no end", () => {
  test("for signing keys", () => {
    const endOf = (thruSeconds: number): number | undefined =>
      applyChange(
        emptyDeployment,
        "signing-key/x",
        overTheWire({ signingKey: { thruSeconds } }),
      ).signingKeys.get("x")?.thruSeconds;
    expect(endOf(0)).toBeUndefined();
    expect(endOf(7)).toBe(7);
  });

  test("for export configurations", () => {
    const sound = { periodSeconds: 60, recordsPerFileMax: 9 };
    const versions = [sound, { ...sound, thruSeconds: 7 }];
    const changed = overTheWire({ exportConfiguration: { versions } });
    const { exportConfigurations } = applyChange(emptyDeployment, "export-configuration/x", changed);
    expect(exportConfigurations.get("x")?.versions.map(({ thruSeconds }) => thruSeconds)).toEqual([
      undefined,
      7,
    ]);
  });

  test("for a health authority's keys", () => {
    const keys = [{ publicKeyPem }, { publicKeyPem, thruSeconds: 7 }];
    const changed = overTheWire({ healthAuthority: { keys } });
    const { healthAuthorities } = applyChange(emptyDeployment, "health-authority/x", changed);
    expect(healthAuthorities.get("x")?.keys.map(({ thruSeconds }) => thruSeconds)).toEqual([undefined, 7]);
  });
});

test("statistics are on unless they are switched off", () => {
  const enabled = (statsDisabled: boolean): boolean | undefined =>
    applyChange(
      emptyDeployment,
      "health-authority/x",
      overTheWire({ healthAuthority: { statsDisabled } }),
    ).healthAuthorities.get("x")?.statsEnabled;
  expect([enabled(false), enabled(true)]).toEqual([true, false]);
});

test.each([
  [
    "a public key that is none",
    "health-authority/x",
    { healthAuthority: { keys: [{ publicKeyPem: "junk" }] } },
  ],
  ["a kind that nobody knows", "planet/x", { authorizedApp: {} }],
  ["a key without a kind", "x", { authorizedApp: {} }],
  ["no key", "", { authorizedApp: {} }],
  ["no entity", "authorized-app/x", {}],
  ["an entity of another kind than its key names", "signing-key/x", { authorizedApp: {} }],
  ["a period that no window can have", ...anExport({ periodSeconds: 7, recordsPerFileMax: 9 })],
  ["files without room for a key", ...anExport({ periodSeconds: 60, recordsPerFileMax: 0 })],
])("%s is refused", (_what, key, changed) => {
  expect(() => applyChange(emptyDeployment, key, changed)).toThrow();
});

test("what can't be used is left out and told, and what was there before stays", () => {
  const { changed } = entities["authorized-app"];
  const unusable: string[] = [];
  const after = applyChanges(
    emptyDeployment,
    [
      { key: "authorized-app/x", changed: overTheWire(changed) },
      { key: "authorized-app/x", changed: overTheWire({ signingKey: {} }) },
      { key: "signing-key/x", changed: overTheWire(changed) },
      { key: "authorized-app/y", changed: overTheWire(changed) },
    ],
    ({ key }) => unusable.push(key),
  );
  expect(unusable).toEqual(["authorized-app/x", "signing-key/x"]);
  expect([...after.apps.keys()]).toEqual(["x", "y"]);
  expect([...after.entities.keys()]).toEqual(["authorized-app/x", "authorized-app/y"]);
});

test.each([
  ["ahead of the log counts as made when the log took it", 900, 500],
  ["behind the log keeps its time", 300, 300],
])("a revision key whose maker's clock was %s", (_what, createdAtSeconds, expected) => {
  const changed = overTheWire({ revisionKey: { id: "x", createdAtSeconds } });
  const change = { key: "revision-key/x", changed, appendedAtSeconds: 500.7 };
  const { revisionKeys } = applyChanges(emptyDeployment, [change], (_change, error) => {
    throw error;
  });
  expect(revisionKeys.get("x")?.createdAtSeconds).toBe(expected);
});

test("twenty thousand decisions on dead letters are folded in a moment", () => {
  const changed = overTheWire({ deadLetterDecision: { action: 2, decidedAtSeconds: 5 } });
  const changes = Array.from({ length: 20_000 }, (_, offset) => ({
    key: `dead-letter/t/${offset}`,
    changed,
  }));
  const seconds = cpuSecondsOf(() => {
    expect(applyChanges(emptyDeployment, changes, () => undefined).deadLetterDecisions.size).toBe(20_000);
  });
  expect(seconds).toBeLessThan(1);
});

test("applying any changes again gives the same deployment: a follower may read everything twice", () => {
  const change = fc.record({
    kind: fc.constantFrom(...kinds),
    id: fc.constantFrom("a", "b"),
    gone: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(change, { maxLength: 12 }), (changes) => {
      const fold = (from: Deployment): Deployment =>
        changes.reduce((deployment, { kind, id, gone }) => {
          const changed = gone ? undefined : overTheWire(entities[kind].changed);
          return applyChange(deployment, recordKey(kind, id), changed);
        }, from);
      const once = fold(emptyDeployment);
      expect([...fold(once).entities.keys()].toSorted()).toEqual([...once.entities.keys()].toSorted());
    }),
  );
});
