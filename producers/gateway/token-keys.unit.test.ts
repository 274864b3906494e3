import { randomBytes } from "node:crypto";
import { describe, expect, test } from "vitest";
import { applyChange, applyChanges, recordKey } from "../../shared/deployment/apply-change.js";
import { emptyDeployment, type Deployment } from "../../shared/deployment/deployment.js";
import { appendTime } from "../../shared/kafka/record-time.js";
import { openRevisionToken, sealRevisionToken } from "../../shared/keys/revision-token.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { createRevisionKey } from "../../shared/secrets/revision-key.js";
import type { Changed } from "../../shared/topology.js";
import { TokenKeys, tokenKeyRing } from "./token-keys.js";

const now = 1_800_000_000;
const wrappingKey = deriveKey(parseMasterKey(randomBytes(32).toString("base64")), "wrap-revision-key");
const aad = Buffer.from("aad");
const content = {
  entries: [{ tek: Buffer.alloc(16, 1), rollingStartIntervalNumber: 2_650_000, rollingPeriod: 144 }],
};

function withKey(deployment: Deployment, createdAtSeconds: number, retired = false) {
  const key = createRevisionKey(wrappingKey, createdAtSeconds);
  const revisionKey = { ...key, retired };
  return { key, deployment: applyChange(deployment, recordKey("revision-key", key.id), { revisionKey }) };
}

function refuse(id: string): never {
  throw new Error(`key ${id} can't be used`);
}

function ringOf(deployment: Deployment) {
  const ring = tokenKeyRing(deployment, wrappingKey, aad, now, refuse);
  if (ring === undefined) throw new Error("no key");
  return ring;
}

test("there is no ring without a key", () => {
  expect(tokenKeyRing(emptyDeployment, wrappingKey, aad, now, refuse)).toBeUndefined();
  expect(
    tokenKeyRing(withKey(emptyDeployment, 1, true).deployment, wrappingKey, aad, now, refuse),
  ).toBeUndefined();
});

test("the only key seals at once", () => {
  const { key, deployment } = withKey(emptyDeployment, now);
  expect(ringOf(deployment).newest.id).toBe(key.id);
});

test("a new key opens at once, and seals when every gateway has it", () => {
  const old = withKey(emptyDeployment, now - 1000);
  const fresh = withKey(old.deployment, now - 59);
  const settled = withKey(old.deployment, now - 60);
  expect(ringOf(fresh.deployment).newest.id).toBe(old.key.id);
  expect(ringOf(fresh.deployment).byId.has(fresh.key.id)).toBe(true);
  expect(ringOf(settled.deployment).newest.id).toBe(settled.key.id);
});

test("a token of an older key opens until that key is retired", () => {
  const old = withKey(emptyDeployment, now - 2000);
  const token = sealRevisionToken(content, ringOf(old.deployment));
  const both = withKey(old.deployment, now - 1000).deployment;
  expect(openRevisionToken(token, ringOf(both)).kind).toBe("valid");
  const revisionKey = { id: old.key.id, createdAtSeconds: old.key.createdAtSeconds, retired: true };
  const after = applyChange(both, recordKey("revision-key", old.key.id), { revisionKey });
  expect(openRevisionToken(token, ringOf(after)).kind).toBe("unusable");
});

test("two keys made at one moment have two ids", () => {
  const ids = Array.from({ length: 30 }, () => createRevisionKey(wrappingKey, now).id);
  expect(new Set(ids).size).toBeGreaterThan(1);
  expect(ids[0]).toMatch(/^[0-9]{16}$/);
});

test("a key that the master key does not open is left out and told, and the others go on", () => {
  const { key, deployment } = withKey(emptyDeployment, 1);
  const strange = { ...createRevisionKey(wrappingKey, 2), wrappedKey: Buffer.alloc(60) };
  const both = applyChange(deployment, recordKey("revision-key", strange.id), { revisionKey: strange });
  const told: string[] = [];
  const ring = tokenKeyRing(both, wrappingKey, aad, now, (id) => void told.push(id));
  expect(told).toEqual([strange.id]);
  expect(ring?.newest.id).toBe(key.id);
});

describe("a rotation", () => {
  const day = 86_400;

  /** The ids of the keys that are left, and when each was made, after a rotation at a time of the log and of the machine. */
  async function afterRotation(from: Deployment, logSeconds: number, machineSeconds: number) {
    let current = from;
    const take = async (key: string | undefined, changed: Changed | undefined) => {
      const change = { key: key ?? "", changed, appendedAtSeconds: logSeconds };
      current = applyChanges(current, [change], (_change, error) => {
        throw error;
      });
      return { partition: 0, offset: 0, timestamp: String(logSeconds * 1000) };
    };
    const keys = new TokenKeys({
      deployment: {
        get current() {
          return current;
        },
        onChange: () => undefined,
      },
      changes: {
        write: (_partition, changed, rest) => take(rest?.key?.toString(), changed),
        remove: (_partition, key) => take(key, undefined),
      },
      wrappingKey,
      aad,
      rule: { newKeySeconds: 7 * day, deleteOldKeySeconds: 15 * day },
      nowSeconds: () => machineSeconds,
      recordTime: appendTime,
      events: {
        tokenKeysRotated: () => undefined,
        tokenKeysNotRotated: refuse,
        tokenKeyUnusable: refuse,
      },
    });
    await keys.start();
    await keys.stop();
    return [...current.revisionKeys.values()].map(({ id, createdAtSeconds, retired }) => ({
      id,
      ageSeconds: logSeconds - createdAtSeconds,
      retired,
    }));
  }

  const older = withKey(emptyDeployment, now - 10 * day);
  const both = withKey(older.deployment, now - 2 * day);
  const untouched = [
    { id: older.key.id, ageSeconds: 10 * day, retired: false },
    { id: both.key.id, ageSeconds: 2 * day, retired: false },
  ];

  test("makes and retires nothing before its time by the log, however far ahead the machine is", async () => {
    expect(await afterRotation(both.deployment, now, now + 14 * day)).toEqual(untouched);
  });

  test("makes and retires nothing before its time by the machine, either", async () => {
    expect(await afterRotation(both.deployment, now + 13 * day, now)).toMatchObject([
      { retired: false },
      { retired: false },
    ]);
  });

  test("makes and retires what both find due", async () => {
    const keys = await afterRotation(both.deployment, now + 13 * day, now + 13 * day + 5);
    expect(keys.map(({ retired }) => retired)).toEqual([true, false, false]);
    expect(keys[2]?.ageSeconds).toBe(0);
  });

  test("makes the first key, of the log's time where the machine is ahead", async () => {
    expect(await afterRotation(emptyDeployment, now, now + 14 * day)).toMatchObject([{ ageSeconds: 0 }]);
  });
});
