import { readFileSync } from "node:fs";
import { parsePublicKey } from "../../shared/keys/public-key.js";
import { WrongUsage } from "./failures.js";

/**
 * The PEM (PKIX, P-256) of a file.
 * @throws {WrongUsage} when the file can't be read or holds anything else.
 */
export function readPublicKey(path: string): string {
  const parsed = parsePublicKey(read(path));
  if (parsed.ok) return String(parsed.key.export({ type: "spki", format: "pem" }));
  const hint = `openssl ec -in private.pem -pubout -out ${path}`;
  throw new WrongUsage(`${path}: ${parsed.error}. A public key is made by: ${hint}`);
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new WrongUsage(`${path} can't be read: ${error instanceof Error ? error.message : String(error)}`);
  }
}
