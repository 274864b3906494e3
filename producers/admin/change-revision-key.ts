import type { Deployment } from "../../shared/deployment/deployment.js";
import { retiredKey, usableKeys } from "../../shared/deployment/revision-key-rotation.js";
import type { NewRevisionKey } from "../../shared/secrets/revision-key.js";
import { change, refuse, type ChangeOutcome } from "./change-outcome.js";
import { masterKeyFits } from "../../shared/deployment/master-key-fits.js";
import type { MasterKey } from "../../shared/secrets/master-key.js";

export type RevisionKeyReason = "other_master_key" | "unknown" | "retired_already" | "last";

export type RevisionKeyOutcome = ChangeOutcome<RevisionKeyReason>;

/** A new data key, which seals tokens once every gateway has it. */
export function createRevisionKeyEntity(
  deployment: Deployment,
  key: NewRevisionKey,
  master: MasterKey,
): RevisionKeyOutcome {
  if (!masterKeyFits(deployment, master)) return refuse("other_master_key", key.id);
  return change({ revisionKey: key });
}

/** Tokens of the key are void from now on, and its secret leaves the configuration. */
export function retireRevisionKey(deployment: Deployment, id: string): RevisionKeyOutcome {
  const record = deployment.revisionKeys.get(id);
  if (record === undefined) return refuse("unknown", id);
  if (record.retired) return refuse("retired_already", id);
  if (usableKeys(deployment.revisionKeys.values()).length === 1) return refuse("last", id);
  return change({ revisionKey: retiredKey(record) });
}
