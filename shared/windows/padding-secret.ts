import type { KeyObject } from "node:crypto";
import { deriveKey, parseMasterKey } from "../secrets/master-key.js";

/** What the deployment's padding is derived from; another one makes other clones of the same keys. */
export function paddingSecret(masterKeyText: string): KeyObject {
  return deriveKey(parseMasterKey(masterKeyText), "export-padding");
}
