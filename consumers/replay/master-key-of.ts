import { masterKeyFits } from "../../shared/deployment/master-key-fits.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import { parseMasterKey, type MasterKey } from "../../shared/secrets/master-key.js";
import { WrongUsage } from "./wrong-usage.js";

/** @throws {WrongUsage} when it is none; the message does not show it. */
export function masterKeyOf(text: string): MasterKey {
  try {
    return parseMasterKey(text);
  } catch (error) {
    throw new WrongUsage(`TEKSTREAM_MASTER_KEY: ${error instanceof Error ? error.message : String(error)}`);
  }
}

/** @throws {WrongUsage} for another deployment's master key. */
export function refuseOtherMasterKey(deployment: Deployment, master: MasterKey): void {
  if (!masterKeyFits(deployment, master))
    throw new WrongUsage("TEKSTREAM_MASTER_KEY is not the one that this deployment was set up with");
}
