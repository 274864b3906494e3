import type { KeyObject } from "node:crypto";
import type { Deployment, SigningKeyRecord } from "../../shared/deployment/deployment.js";
import type { SigningKeyPair } from "../../shared/secrets/signing-key.js";
import { wrap } from "../../shared/secrets/wrap.js";
import { change, refuse, type ChangeOutcome } from "./change-outcome.js";
import { noticeSeconds } from "./notice-seconds.js";

export type SigningKeyReason =
  | "exists"
  | "version_taken"
  | "other_master_key"
  | "ends_before_it_begins"
  | "unknown"
  | "in_the_past"
  | "ended_already";

export type SigningKeyOutcome = ChangeOutcome<SigningKeyReason>;

/** Windows that end from `fromSeconds` to `thruSeconds` are signed with the key. */
export interface SigningTimes {
  readonly fromSeconds: number;
  readonly thruSeconds: number | undefined;
}

/** A new signing key; its private half is wrapped for this id. */
export function createSigningKeyEntity(
  deployment: Deployment,
  id: string,
  pair: SigningKeyPair,
  times: SigningTimes,
  wrappingKey: KeyObject,
): SigningKeyOutcome {
  if (deployment.signingKeys.has(id)) return refuse("exists", id);
  const twin = twinOf(deployment, pair);
  if (twin !== undefined) return refuse("version_taken", twin.id);
  if (times.thruSeconds !== undefined && times.thruSeconds <= times.fromSeconds)
    return refuse("ends_before_it_begins", id);
  const { verificationKeyId, verificationKeyVersion, publicKeyPem, privateKeyPem } = pair;
  const wrappedPrivateKey = wrap(wrappingKey, Buffer.from(privateKeyPem), `signing-key/${id}`);
  const names = { id, verificationKeyId, verificationKeyVersion, publicKeyPem };
  return change({
    signingKey: {
      ...names,
      fromSeconds: times.fromSeconds,
      thruSeconds: times.thruSeconds ?? 0,
      wrappedPrivateKey,
    },
  });
}

/**
 * The key signs no window that ends later than `atSeconds`. Not earlier than now and a few seconds: which keys sign a
 * window that has ended is settled, so that building it again gives the same file.
 */
export function retireSigningKey(
  deployment: Deployment,
  id: string,
  atSeconds: number,
  nowSeconds: number,
): SigningKeyOutcome {
  const record = deployment.signingKeys.get(id);
  if (record === undefined) return refuse("unknown", id);
  if (atSeconds < nowSeconds) return refuse("in_the_past", id);
  if (record.thruSeconds !== undefined && record.thruSeconds < nowSeconds) return refuse("ended_already", id);
  const thruSeconds = Math.max(atSeconds, nowSeconds + noticeSeconds);
  return change({ signingKey: { ...record, thruSeconds } });
}

/** Phones look a key up by these two names: another key with the same ones would make every file of both invalid. */
function twinOf(
  deployment: Deployment,
  names: Pick<SigningKeyRecord, "verificationKeyId" | "verificationKeyVersion">,
): SigningKeyRecord | undefined {
  return [...deployment.signingKeys.values()].find(
    (other) =>
      other.verificationKeyId === names.verificationKeyId &&
      other.verificationKeyVersion === names.verificationKeyVersion,
  );
}
