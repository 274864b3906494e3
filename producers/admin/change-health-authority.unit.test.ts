import { describe, expect, test } from "vitest";
import { activeKey } from "../../shared/keys/health-authority.js";
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
  expect(isValid(then(revoked, reinstateKey(revoked, "ha", "v1")), "v1", now)).toBe(true);
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
    ["reinstating a key without an end", reinstateKey(withKey, "ha", "v1"), "not_revoked"],
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

function then(deployment: Deployment, outcome: HealthAuthorityOutcome): Deployment {
  return after(deployment, "health-authority", "ha", outcome);
}

function isValid(deployment: Deployment, version: string, atSeconds: number): boolean {
  const authority = deployment.healthAuthorities.get("ha");
  return authority !== undefined && activeKey(authority, version, atSeconds) !== undefined;
}
