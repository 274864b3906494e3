import { describe, expect, test } from "vitest";
import { activeKey } from "../../shared/keys/health-authority.js";
import { applyChange, recordKey } from "../../shared/deployment/apply-change.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import { aDeployment, after, aPublicKeyPem } from "./a-deployment.test-support.js";
import {
  activateKey,
  addKey,
  createHealthAuthority,
  reinstateKey,
  revokeKey,
  updateHealthAuthority,
  type HealthAuthorityOutcome,
} from "./change-health-authority.js";

const now = 1_800_000_000;
const fields = { issuer: "iss", audience: "aud", name: "Health", statsEnabled: true };
const publicKeyPem = aPublicKeyPem();
const key = { version: "v1", fromSeconds: now - 1, publicKeyPem };
const empty = aDeployment();
const withKey = aDeployment(["health-authority", "ha", createHealthAuthority(empty, "ha", fields, key)]);
const withFutureKey = then(withKey, addKey(withKey, "ha", { ...key, version: "v2", fromSeconds: now + 100 }));

test("a new health authority has its fields and its key, which is valid at once", () => {
  const authority = withKey.healthAuthorities.get("ha");
  expect(authority).toMatchObject({ id: "ha", ...fields });
  expect(isValid(withKey, "v1", now)).toBe(true);
});

test("an update changes what is given and keeps the keys", () => {
  const updated = then(withKey, updateHealthAuthority(withKey, "ha", { name: "Other", statsEnabled: false }));
  expect(updated.healthAuthorities.get("ha")).toMatchObject({
    ...fields,
    name: "Other",
    statsEnabled: false,
  });
  expect(isValid(updated, "v1", now)).toBe(true);
});

test("a key that begins later is valid only then", () => {
  expect(isValid(withFutureKey, "v1", now)).toBe(true);
  expect(isValid(withFutureKey, "v2", now)).toBe(false);
  expect(isValid(withFutureKey, "v2", now + 101)).toBe(true);
});

test("a revoked key is invalid at once, and valid again when it is reinstated", () => {
  const revoked = then(withKey, revokeKey(withKey, "ha", "v1", now));
  expect(isValid(revoked, "v1", now)).toBe(false);
  expect(isValid(then(revoked, reinstateKey(revoked, "ha", "v1", now)), "v1", now)).toBe(true);
});

test("revoking a key before it begins lets it never begin, even when it is activated", () => {
  const revoked = then(withFutureKey, revokeKey(withFutureKey, "ha", "v2", now));
  expect(revoked.healthAuthorities.get("ha")?.keys[1]).toMatchObject({ thruSeconds: now + 100 });
  for (const at of [now, now + 100, now + 101, now + 9999]) expect(isValid(revoked, "v2", at)).toBe(false);
  expect(activateKey(revoked, "ha", "v2", now)).toEqual({ kind: "refuse", reason: "revoked", about: "v2" });
});

test("an activated key begins now", () => {
  const activated = then(withFutureKey, activateKey(withFutureKey, "ha", "v2", now));
  expect(isValid(activated, "v2", now + 1)).toBe(true);
});

describe("refused", () => {
  const revoked = then(withKey, revokeKey(withKey, "ha", "v1", now));
  const cases: [string, HealthAuthorityOutcome, string][] = [
    ["an id that exists", createHealthAuthority(withKey, "ha", fields, key), "exists"],
    ["an issuer of another", createHealthAuthority(withKey, "b", fields, undefined), "issuer_taken"],
    ["an update to an issuer of another", moved(), "issuer_taken"],
    ["an update of none", updateHealthAuthority(withKey, "b", {}), "unknown"],
    ["a key for none", addKey(withKey, "b", key), "unknown"],
    ["a key version that exists", addKey(withKey, "ha", key), "key_exists"],
    ["revoking a key that is not there", revokeKey(withKey, "ha", "v9", now), "unknown_key"],
    ["revoking twice", revokeKey(revoked, "ha", "v1", now + 5), "revoked_already"],
    ["reinstating a key without an end", reinstateKey(withKey, "ha", "v1", now), "not_revoked"],
    ["activating a key that began", activateKey(withKey, "ha", "v1", now), "active_already"],
  ];
  test.each(cases)("%s", (_what, outcome, reason) => {
    expect(outcome).toMatchObject({ kind: "refuse", reason });
  });

  function moved(): HealthAuthorityOutcome {
    const other = createHealthAuthority(withKey, "b", { ...fields, issuer: "other" }, undefined);
    return updateHealthAuthority(after(withKey, "health-authority", "b", other), "b", { issuer: "iss" });
  }
});

test("the address of the document of keys is kept by other updates, and taken away by an empty one", () => {
  const jwksUri = "https://ha.example/keys";
  const set = then(withKey, updateHealthAuthority(withKey, "ha", { jwksUri }));
  const renamed = then(set, updateHealthAuthority(set, "ha", { name: "Other" }));
  expect(renamed.healthAuthorities.get("ha")).toMatchObject({ jwksUri, name: "Other" });
  const cleared = then(renamed, updateHealthAuthority(renamed, "ha", { jwksUri: "" }));
  expect(cleared.healthAuthorities.get("ha")).not.toHaveProperty("jwksUri");
});

describe("an operator's decision about a discovered key counts more than the document", () => {
  const discoveredPem = aPublicKeyPem();

  /** What the document says about its key now. */
  function documented(
    deployment: Deployment,
    thruSeconds = 0,
    version = "d1",
    fromSeconds = now - 50,
  ): Deployment {
    const keys = [{ version, fromSeconds, thruSeconds, publicKeyPem: discoveredPem }];
    const changed = { discoveredKeys: { healthAuthorityId: "ha", keys } };
    return applyChange(deployment, recordKey("health-authority-keys", "ha"), changed);
  }
  const listed = documented(withKey);

  test("revoked, it stays so when the document lists it on", () => {
    expect(isValid(listed, "d1", now)).toBe(true);
    const revoked = then(listed, revokeKey(listed, "ha", "d1", now));
    expect(isValid(revoked, "d1", now)).toBe(false);
    expect(isValid(documented(documented(revoked, now + 1)), "d1", now + 60)).toBe(false);
    expect(isValid(revoked, "v1", now)).toBe(true);
  });

  test("revoked after the document did, it keeps the earlier end and stays so when it is listed again", () => {
    const over = documented(withKey, now - 20);
    const revoked = then(over, revokeKey(over, "ha", "d1", now));
    expect(revoked.healthAuthorities.get("ha")?.keys[1]).toMatchObject({ thruSeconds: now - 20 });
    expect(isValid(documented(revoked), "d1", now + 60)).toBe(false);
    expect(revokeKey(revoked, "ha", "d1", now + 1)).toMatchObject({ reason: "revoked_already" });
  });

  test("reinstated, it is valid though the document has ended it, until the document does so anew", () => {
    const over = documented(withKey, now - 20);
    expect(isValid(over, "d1", now)).toBe(false);
    const back = then(over, reinstateKey(over, "ha", "d1", now));
    expect(isValid(back, "d1", now)).toBe(true);
    expect(isValid(documented(back), "d1", now + 60)).toBe(true);
    expect(isValid(documented(back, now + 40), "d1", now + 60)).toBe(false);
  });

  test("reinstated by a clock that is behind the document's reader, it is valid all the same", () => {
    const over = documented(withKey, now + 30);
    const back = then(over, reinstateKey(over, "ha", "d1", now));
    expect(isValid(back, "d1", now + 60)).toBe(true);
  });

  test("reinstated after an operator revoked it, the document decides again", () => {
    const revoked = then(listed, revokeKey(listed, "ha", "d1", now));
    const back = then(revoked, reinstateKey(revoked, "ha", "d1", now + 1));
    expect(isValid(back, "d1", now + 60)).toBe(true);
    expect(isValid(documented(back, now + 40), "d1", now + 60)).toBe(false);
  });

  test("a key that an operator gave is reinstated the same way", () => {
    const keys = [{ version: "v1", fromSeconds: now - 1, thruSeconds: now + 5, publicKeyPem }];
    const changed = { discoveredKeys: { healthAuthorityId: "ha", keys } };
    const over = applyChange(withKey, recordKey("health-authority-keys", "ha"), changed);
    expect(isValid(over, "v1", now + 10)).toBe(false);
    expect(isValid(then(over, reinstateKey(over, "ha", "v1", now + 10)), "v1", now + 10)).toBe(true);
  });

  test("of two keys with one version the valid one is meant", () => {
    for (const fromSeconds of [now - 50, now]) {
      const both = documented(withKey, now, "v1", fromSeconds);
      expect(reinstateKey(both, "ha", "v1", now)).toMatchObject({ reason: "not_revoked" });
      const revoked = then(both, revokeKey(both, "ha", "v1", now));
      expect(isValid(revoked, "v1", now + 60)).toBe(false);
    }
  });

  test("its version is not free for another key", () => {
    expect(addKey(listed, "ha", { ...key, version: "d1" })).toMatchObject({ reason: "key_exists" });
  });
});

function then(deployment: Deployment, outcome: HealthAuthorityOutcome): Deployment {
  return after(deployment, "health-authority", "ha", outcome);
}

function isValid(deployment: Deployment, version: string, atSeconds: number): boolean {
  const authority = deployment.healthAuthorities.get("ha");
  return authority !== undefined && activeKey(authority, version, atSeconds) !== undefined;
}
