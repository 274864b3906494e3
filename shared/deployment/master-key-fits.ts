import type { Deployment } from "./deployment.js";
import { deriveKey, type MasterKey } from "../secrets/master-key.js";
import { unwrap } from "../secrets/wrap.js";

/**
 * Whether this master key opens what the deployment's other processes have wrapped, as far as there is anything. A key
 * wrapped by another one could never sign.
 */
export function masterKeyFits(deployment: Deployment, master: MasterKey): boolean {
  const signingKey = [...deployment.signingKeys.values()].at(-1);
  const revisionKey = [...deployment.revisionKeys.values()].findLast(({ retired }) => !retired);
  return (
    opens(master, "wrap-signing-key", signingKey?.wrappedPrivateKey, `signing-key/${signingKey?.id}`) &&
    opens(master, "wrap-revision-key", revisionKey?.wrappedKey, `revision-key/${revisionKey?.id}`)
  );
}

function opens(master: MasterKey, purpose: string, wrapped: Buffer | undefined, context: string): boolean {
  if (wrapped === undefined) return true;
  try {
    unwrap(deriveKey(master, purpose), wrapped, context);
    return true;
  } catch {
    return false;
  }
}
