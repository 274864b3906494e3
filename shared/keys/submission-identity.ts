import { createCipheriv, createHmac, randomBytes } from "node:crypto";
import type { PublishRequest } from "./publish-request.js";

/** Bytes of an identity, and of a proof derived from one. */
export const identityBytes = 16;

/**
 * Who a submission is: a keyed hash of the request without its padding. The same request repeated, certificate and
 * all, has the same identity; any other request has another. Without a certificate nothing shows that two requests come
 * from one phone: each is a submission of its own. 16 bytes; they must not leave the deployment.
 */
export function submissionIdentity(key: Buffer, request: PublishRequest): Buffer {
  if (request.verificationPayload === "") return randomBytes(identityBytes);
  return createHmac("sha256", key).update(encode(request), "utf8").digest().subarray(0, identityBytes);
}

/**
 * Proof that a submission inserted or revised a key (16 bytes): the TEK encrypted under the identity. Without the
 * identity nobody can tell from the proofs of stored keys which of them came from one phone.
 */
export function insertedBy(identity: Buffer, tek: Buffer): Buffer {
  return encryptBlocks(identity, tek);
}

/** `insertedBy` for many keys of one submission, for about the price of one. In the order of the TEKs. */
export function insertedByEach(identity: Buffer, teks: readonly Buffer[]): Buffer[] {
  const proofs = encryptBlocks(identity, Buffer.concat(teks));
  return teks.map((_, index) => proofs.subarray(index * identityBytes, (index + 1) * identityBytes));
}

// JSON of nested lists: quotes and brackets keep any two requests apart, whatever the phone puts into its texts.
function encode(request: PublishRequest): string {
  return JSON.stringify([
    1,
    request.temporaryExposureKeys.map(({ key, rollingStartNumber, rollingPeriod, transmissionRisk }) => [
      key,
      rollingStartNumber,
      rollingPeriod,
      String(transmissionRisk),
    ]),
    request.healthAuthorityID,
    request.verificationPayload,
    request.hmacKey,
    request.symptomOnsetInterval,
    request.traveler,
    request.revisionToken,
    request.regions ?? null,
  ]);
}

// A TEK is one block of AES-128, and every TEK differs, so that encrypting block by block (ECB) gives nothing away.
function encryptBlocks(key: Buffer, blocks: Buffer): Buffer {
  return createCipheriv("aes-128-ecb", key, null).setAutoPadding(false).update(blocks);
}
