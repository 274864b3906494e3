import forge from "node-forge";

const { asn1 } = forge;

/**
 * An ECDSA signature in DER (RFC 3279, §2.2.3): a sequence of the integers r and s.
 *
 * @param compact r and s one after the other, big-endian, equally long.
 */
export function encodeEcdsaDer(compact: Uint8Array): Buffer {
  const half = compact.length / 2;
  const sequence = asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, [
    derInteger(compact.subarray(0, half)),
    derInteger(compact.subarray(half)),
  ]);
  return Buffer.from(asn1.toDer(sequence).getBytes(), "binary");
}

/** DER allows no needless zero bytes in front, and needs one where the first bit would read as a minus sign. */
function derInteger(bigEndian: Uint8Array): forge.asn1.Asn1 {
  const firstByte = bigEndian.findIndex((byte) => byte !== 0);
  const digits = firstByte === -1 ? Buffer.of(0) : Buffer.from(bigEndian.subarray(firstByte));
  const negative = ((digits[0] ?? 0) & 0x80) !== 0;
  const bytes = negative ? Buffer.concat([Buffer.of(0), digits]) : digits;
  return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.INTEGER, false, bytes.toString("binary"));
}
