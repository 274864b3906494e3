import { createPrivateKey, generateKeyPairSync, verify } from "node:crypto";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { localSigner } from "./local-signer.js";
import { readVector } from "./vectors.test-support.js";

const NAMES = { verificationKeyId: "310", verificationKeyVersion: "v1" };

/** RFC 6979, A.2.5. */
const RFC_KEY = {
  d: "C9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721",
  x: "60FED4BA255A9D31C961EB74C6356D68C049B8923B61FA6CE669622E60F29FB6",
  y: "7903FE1008B8BC99A41AE9E95628BC64F2F1B20C2D7E9F5177A3C294D4462299",
};
const RFC_SIGNATURES = [
  [
    "sample",
    "EFD48B2AACB6A8FD1140DD9CD45E81D69D2C877B56AAF991C34D0EA84EAF3716",
    "F7CB1C942D657C41D436C7A1B6E29F65F3E900DBB9AFF4064DC4AB2F843ACDA8",
  ],
  [
    "test",
    "F1ABB023518351CD71D881567B1EA663ED3EFCF6C5132B354F28D3B0B7D38367",
    "019F4113742A2B14BD25926B49C649155F267E60D3814B4C0CC84250E46F0083",
  ],
] as const;

test.each(RFC_SIGNATURES)("the signature of %j is that of RFC 6979", async (message, r, s) => {
  const signature = await localSigner(rfcKeyPem(), NAMES).sign(Buffer.from(message));
  const sHex = s.startsWith("0") ? s : `00${s}`;
  const lengths = s.startsWith("0") ? ["3045", "0220"] : ["3046", "0221"];
  expect(signature.toString("hex").toUpperCase()).toBe(`${lengths[0]}022100${r}${lengths[1]}${sHex}`);
});

test("node:crypto verifies every signature, and signing twice gives the same bytes", async () => {
  const signer = localSigner(readVector("keys/export-signer-1.private.pem").toString(), NAMES);
  const publicKeyPem = readVector("keys/export-signer-1.public.pem").toString();
  await fc.assert(
    fc.asyncProperty(fc.uint8Array(), async (exportBin) => {
      const signature = await signer.sign(exportBin);
      expect(verify("sha256", exportBin, publicKeyPem, signature)).toBe(true);
      expect(await signer.sign(exportBin)).toEqual(signature);
    }),
  );
});

test("the signer says which public key verifies its signatures", () => {
  expect(localSigner(rfcKeyPem(), NAMES).info).toEqual({ ...NAMES, algorithm: "1.2.840.10045.4.3.2" });
});

describe("a text that is no private P-256 key is refused", () => {
  const p384 = generateKeyPairSync("ec", { namedCurve: "P-384" }).privateKey;
  const ed25519 = generateKeyPairSync("ed25519").privateKey;
  const cases = [
    ["nothing", "", /not a private key/],
    ["a public key", readVector("keys/export-signer-1.public.pem").toString(), /not a private key/],
    ["another curve", p384.export({ type: "pkcs8", format: "pem" }).toString(), /not a P-256 key/],
    ["another algorithm", ed25519.export({ type: "pkcs8", format: "pem" }).toString(), /not a P-256 key/],
  ] as const;
  test.each(cases)("%s", (_what, pem, message) => {
    expect(() => localSigner(pem, NAMES)).toThrow(message);
  });
});

function rfcKeyPem(): string {
  const jwk = {
    kty: "EC",
    crv: "P-256",
    d: Buffer.from(RFC_KEY.d, "hex").toString("base64url"),
    x: Buffer.from(RFC_KEY.x, "hex").toString("base64url"),
    y: Buffer.from(RFC_KEY.y, "hex").toString("base64url"),
  };
  return createPrivateKey({ key: jwk, format: "jwk" }).export({ type: "pkcs8", format: "pem" }).toString();
}
