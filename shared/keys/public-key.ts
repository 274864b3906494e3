import { createPublicKey, type KeyObject } from "node:crypto";
import forge from "node-forge";

/** A key that verifies, or a sentence for the operator who gave it. */
export type PublicKeyResult =
  | { readonly ok: true; readonly key: KeyObject }
  | { readonly ok: false; readonly error: string };

/**
 * Reads a public key in PEM (PKIX, RFC 5480), elliptic curve P-256 only, the curve of ES256. The structure is checked
 * before the key is made, so that a wrong kind of key gets a clear answer; a point off the curve is refused as well.
 */
export function parsePublicKey(pem: string): PublicKeyResult {
  const der = derOf(pem);
  if (typeof der === "string") return { ok: false, error: der };
  const wrongKind = findWrongKind(der);
  if (wrongKind !== undefined) return { ok: false, error: wrongKind };
  try {
    return { ok: true, key: createPublicKey({ key: der, format: "der", type: "spki" }) };
  } catch {
    return { ok: false, error: "the public key is not a point on the curve P-256" };
  }
}

const ecPublicKeyOid = "1.2.840.10045.2.1";
const p256Oid = "1.2.840.10045.3.1.7";

function derOf(pem: string): Buffer | string {
  const blocks = decodePem(pem);
  const [block] = blocks;
  if (block === undefined || blocks.length > 1) return "expected one PEM block, BEGIN PUBLIC KEY";
  if (block.type !== "PUBLIC KEY") return `expected a PEM block PUBLIC KEY, got ${block.type}`;
  return Buffer.from(block.body, "latin1");
}

function decodePem(pem: string): forge.pem.ObjectPEM[] {
  try {
    return forge.pem.decode(pem);
  } catch {
    return [];
  }
}

function findWrongKind(der: Buffer): string | undefined {
  const algorithm = childrenOf(childrenOf(parseDer(der))[0]);
  const kind = oidOf(algorithm[0]);
  if (kind === undefined) return "the PEM block does not hold a PKIX public key";
  if (kind !== ecPublicKeyOid) return `expected an elliptic curve key, got algorithm ${kind}`;
  const curve = oidOf(algorithm[1]);
  return curve === p256Oid ? undefined : `expected the curve P-256, got ${curve ?? "explicit parameters"}`;
}

function parseDer(der: Buffer): forge.asn1.Asn1 | undefined {
  try {
    return forge.asn1.fromDer(der.toString("latin1"));
  } catch {
    return undefined;
  }
}

function childrenOf(node: forge.asn1.Asn1 | undefined): forge.asn1.Asn1[] {
  return node !== undefined && Array.isArray(node.value) ? node.value : [];
}

function oidOf(node: forge.asn1.Asn1 | undefined): string | undefined {
  if (node?.type !== forge.asn1.Type.OID || typeof node.value !== "string") return undefined;
  return forge.asn1.derToOid(node.value);
}
