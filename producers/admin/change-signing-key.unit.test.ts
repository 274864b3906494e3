import { createPublicKey, randomBytes, verify } from "node:crypto";
import { describe, expect, test } from "vitest";
import { localSigner } from "../../shared/exports/local-signer.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { createSigningKey, type SigningKeyPair } from "../../shared/secrets/signing-key.js";
import { unwrap, wrap } from "../../shared/secrets/wrap.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import { aDeployment, after } from "./a-deployment.test-support.js";
import { change } from "./change-outcome.js";
import { createSigningKeyEntity, retireSigningKey, type SigningKeyOutcome } from "./change-signing-key.js";
import { masterKeyFits } from "../../shared/deployment/master-key-fits.js";

const now = 1_800_000_000;
const master = parseMasterKey(randomBytes(32).toString("base64"));
const otherMaster = parseMasterKey(randomBytes(32).toString("base64"));
const wrappingKey = deriveKey(master, "wrap-signing-key");
const empty = aDeployment();
const withKey = aDeployment(["signing-key", "k", create(empty, "k")]);

test("the stored key, unwrapped as the exporter does, signs what its public key verifies", async () => {
  const record = withKey.signingKeys.get("k");
  if (record === undefined) throw new Error("the key is not there");
  const pem = unwrap(wrappingKey, record.wrappedPrivateKey, "signing-key/k").toString("utf8");
  const signature = await localSigner(pem, record).sign(Buffer.from("data"));
  expect(verify("sha256", Buffer.from("data"), createPublicKey(record.publicKeyPem), signature)).toBe(true);
});

test("the private half does not lie in the record as it is", () => {
  const pair = aPair();
  const outcome = create(empty, "k", pair);
  if (outcome.kind !== "change") throw new Error(outcome.reason);
  const stored = Buffer.from(outcome.changed.signingKey?.wrappedPrivateKey ?? []);
  expect(stored.includes("PRIVATE KEY")).toBe(false);
});

test.each([
  ["now", now, now + 5],
  ["in two seconds", now + 2, now + 5],
  ["tomorrow", now + 86_400, now + 86_400],
])("a key retired %s ends when every process knows", (_when, at, thruSeconds) => {
  const retired = after(withKey, "signing-key", "k", retireSigningKey(withKey, "k", at, now));
  expect(retired.signingKeys.get("k")).toEqual({ ...withKey.signingKeys.get("k"), thruSeconds });
});

describe("refused", () => {
  const ended = after(withKey, "signing-key", "k", retireSigningKey(withKey, "k", now, now));
  const cases: [string, SigningKeyOutcome, string][] = [
    ["an id that exists", create(withKey, "k", aPair("v2")), "exists"],
    ["the id and version of another key", create(withKey, "l"), "version_taken"],
    ["an end before the beginning", create(empty, "k", aPair(), now - 1), "ends_before_it_begins"],
    ["retiring none", retireSigningKey(withKey, "l", now, now), "unknown"],
    ["retiring in the past", retireSigningKey(withKey, "k", now - 1, now), "in_the_past"],
    ["retiring after the end", retireSigningKey(ended, "k", now + 60, now + 60), "ended_already"],
  ];
  test.each(cases)("%s", (_what, outcome, reason) => {
    expect(outcome).toMatchObject({ kind: "refuse", reason });
  });
});

test("a master key fits when it opens what is there", () => {
  const wrappedKey = wrap(deriveKey(master, "wrap-revision-key"), randomBytes(32), "revision-key/7");
  const revisionKey = { id: "7", createdAtSeconds: now, wrappedKey };
  const withRevisionKey = aDeployment(["revision-key", "7", change({ revisionKey })]);
  for (const deployment of [empty, withKey, withRevisionKey])
    expect(masterKeyFits(deployment, master)).toBe(true);
  for (const deployment of [withKey, withRevisionKey])
    expect(masterKeyFits(deployment, otherMaster)).toBe(false);
});

function create(deployment: Deployment, id: string, pair = aPair(), thruSeconds?: number): SigningKeyOutcome {
  return createSigningKeyEntity(deployment, id, pair, { fromSeconds: now, thruSeconds }, wrappingKey);
}

function aPair(version = "v1"): SigningKeyPair {
  const outcome = createSigningKey("310", version);
  if (outcome.kind !== "created") throw new Error(outcome.reason);
  return outcome.pair;
}
