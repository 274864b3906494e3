import { generateKeyPairSync } from "node:crypto";
import { applyChange, recordKey, type EntityKind } from "../../shared/deployment/apply-change.js";
import { emptyDeployment, type Deployment } from "../../shared/deployment/deployment.js";
import { configChanged, type Changed } from "../../shared/topology.js";
import type { ChangeOutcome } from "./change-outcome.js";

/** What the log makes of a change: written, read back, folded in. Throws when the change was refused. */
export function after(
  deployment: Deployment,
  kind: EntityKind,
  id: string,
  outcome: ChangeOutcome<string>,
): Deployment {
  if (outcome.kind === "refuse") throw new Error(`refused: ${outcome.reason}`);
  return applyChange(deployment, recordKey(kind, id), throughTheLog(outcome.changed));
}

/** A deployment with these entities. */
export function aDeployment(
  ...entities: readonly (readonly [EntityKind, string, ChangeOutcome<string>])[]
): Deployment {
  return entities.reduce((deployment, entity) => after(deployment, ...entity), emptyDeployment);
}

/** A new public key: PKIX, on this curve. */
export function aPublicKeyPem(namedCurve = "prime256v1"): string {
  const { publicKey } = generateKeyPairSync("ec", { namedCurve });
  return String(publicKey.export({ type: "spki", format: "pem" }));
}

function throughTheLog(changed: Changed): Changed {
  return configChanged.codec.decode(configChanged.codec.encode(changed).finish());
}
