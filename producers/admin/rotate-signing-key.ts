import type { KeyObject } from "node:crypto";
import { applyChange, recordKey, type EntityKind } from "../../shared/deployment/apply-change.js";
import type { Deployment, SigningKeyRecord } from "../../shared/deployment/deployment.js";
import type { SigningKeyPair } from "../../shared/secrets/signing-key.js";
import type { Changed } from "../../shared/topology.js";
import { updateExport, type ExportReason } from "./change-export.js";
import { createSigningKeyEntity, retireSigningKey, type SigningKeyReason } from "./change-signing-key.js";
import { refuse, type ChangeOutcome } from "./change-outcome.js";
import { noticeSeconds } from "./notice-seconds.js";

export type RotateReason = SigningKeyReason | ExportReason | "unused" | "too_soon" | "ends_before";

export interface Rotation {
  readonly oldId: string;
  readonly newId: string;
  readonly pair: SigningKeyPair;
  /** Windows that end from then on are signed with the new key. */
  readonly fromSeconds: number;
  /** How long windows carry both signatures; undefined: none does. */
  readonly overlapSeconds: number | undefined;
}

/** One entity that a rotation writes. */
export interface RotationStep {
  readonly kind: EntityKind;
  readonly id: string;
  readonly changed: Changed;
}

export type RotateOutcome =
  | { readonly kind: "change"; readonly steps: readonly RotationStep[] }
  | { readonly kind: "refuse"; readonly reason: RotateReason; readonly about: string };

/**
 * What puts a new key in the place of an old one, in every export that the old one signs: in this order, so that a
 * rotation that breaks off half-way leaves the old key signing. A window that ends at `fromSeconds` is the first with
 * the new key; without an overlap the one before is the last with the old, and none has both or neither.
 */
export function rotateSigningKey(
  deployment: Deployment,
  rotation: Rotation,
  nowSeconds: number,
  wrappingKey: KeyObject,
): RotateOutcome {
  const { oldId, newId, pair, fromSeconds, overlapSeconds } = rotation;
  const old = deployment.signingKeys.get(oldId);
  const problem = findProblem(deployment, rotation, nowSeconds, old);
  if (problem !== undefined) return problem;
  const lastSeconds = overlapSeconds === undefined ? fromSeconds - 1 : fromSeconds + overlapSeconds;
  const thruSeconds = Math.min(old?.thruSeconds ?? Infinity, lastSeconds);
  return follow(deployment, [
    (then: Deployment): Step => {
      const times = { fromSeconds, thruSeconds: undefined };
      return ["signing-key", newId, createSigningKeyEntity(then, newId, pair, times, wrappingKey)];
    },
    ...exportsSignedBy(deployment, oldId).map(({ id, signingKeyIds }) => (then: Deployment): Step => {
      const fields = { signingKeyIds: [newId, ...signingKeyIds] };
      return ["export-configuration", id, updateExport(then, id, fields, nowSeconds)];
    }),
    (then: Deployment): Step => [
      "signing-key",
      oldId,
      retireSigningKey(then, oldId, thruSeconds, nowSeconds),
    ],
  ]);
}

type Step = readonly [EntityKind, string, ChangeOutcome<SigningKeyReason | ExportReason>];

function findProblem(
  deployment: Deployment,
  { oldId, newId, fromSeconds }: Rotation,
  nowSeconds: number,
  old: SigningKeyRecord | undefined,
): RotateOutcome | undefined {
  if (old === undefined) return refuse("unknown", oldId);
  // Retiring takes effect with this notice; a second more, so that the old key's last second is not in it.
  if (fromSeconds <= nowSeconds + noticeSeconds) return refuse("too_soon", newId);
  if (old.thruSeconds !== undefined && old.thruSeconds < fromSeconds - 1) return refuse("ends_before", oldId);
  if (exportsSignedBy(deployment, oldId).length === 0) return refuse("unused", oldId);
  return undefined;
}

function exportsSignedBy(
  { exportConfigurations }: Deployment,
  keyId: string,
): { id: string; signingKeyIds: readonly string[] }[] {
  return [...exportConfigurations.values()].flatMap(({ id, versions }) => {
    const signingKeyIds = versions.at(-1)?.signingKeyIds ?? [];
    return signingKeyIds.includes(keyId) ? [{ id, signingKeyIds }] : [];
  });
}

/** Each step is decided on the deployment as the ones before leave it. */
function follow(deployment: Deployment, steps: readonly ((then: Deployment) => Step)[]): RotateOutcome {
  const taken: RotationStep[] = [];
  let then = deployment;
  for (const step of steps) {
    const [kind, id, outcome] = step(then);
    if (outcome.kind === "refuse") return outcome;
    then = applyChange(then, recordKey(kind, id), outcome.changed);
    taken.push({ kind, id, changed: outcome.changed });
  }
  return { kind: "change", steps: taken };
}
