import { generateKeyPairSync } from "node:crypto";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import forge from "node-forge";

/** Files of a certification authority and of a server that it vouches for, as 127.0.0.1 and localhost. */
export interface Certificates {
  /** What clients trust. */
  readonly authorityFile: string;
  readonly certificateFile: string;
  readonly keyFile: string;
  /** Both in one file, as MongoDB wants them. */
  readonly bothFile: string;
  readonly authorityPem: string;
  readonly certificatePem: string;
  readonly keyPem: string;
}

const lifeMs = 86_400_000;

/** Makes a certification authority and a certificate by it, both for a day. */
export function makeCertificates(folder: string): Certificates {
  const [authorityKey, serverKey] = [aKey(), aKey()];
  const authority = certificate("Tekstream test authority", authorityKey.publicKey, [
    { name: "basicConstraints", cA: true, critical: true },
    { name: "keyUsage", keyCertSign: true, cRLSign: true, critical: true },
  ]);
  authority.setIssuer(authority.subject.attributes);
  authority.sign(authorityKey.privateKey, forge.md.sha256.create());
  const server = certificate("localhost", serverKey.publicKey, [
    { name: "basicConstraints", cA: false },
    { name: "extKeyUsage", serverAuth: true, clientAuth: true },
    {
      name: "subjectAltName",
      altNames: [
        { type: 2, value: "localhost" },
        { type: 7, ip: "127.0.0.1" },
      ],
    },
  ]);
  server.setIssuer(authority.subject.attributes);
  server.sign(authorityKey.privateKey, forge.md.sha256.create());
  const authorityPem = forge.pki.certificateToPem(authority);
  const certificatePem = forge.pki.certificateToPem(server);
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  return {
    authorityFile: file("authority.pem", authorityPem),
    certificateFile: file("server.pem", certificatePem),
    keyFile: file("server-key.pem", serverKey.privatePem),
    bothFile: file("server-both.pem", certificatePem + serverKey.privatePem),
    authorityPem,
    certificatePem,
    keyPem: serverKey.privatePem,
  };
}

/** Made by Node: node-forge takes seconds for one. */
function aKey(): {
  publicKey: forge.pki.rsa.PublicKey;
  privateKey: forge.pki.rsa.PrivateKey;
  privatePem: string;
} {
  const { publicKey, privateKey } = generateKeyPairSync("rsa", {
    modulusLength: 2048,
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
  return {
    publicKey: forge.pki.publicKeyFromPem(publicKey),
    privateKey: forge.pki.privateKeyFromPem(privateKey),
    privatePem: privateKey,
  };
}

function certificate(
  commonName: string,
  publicKey: forge.pki.rsa.PublicKey,
  extensions: readonly object[],
): forge.pki.Certificate {
  const made = forge.pki.createCertificate();
  made.publicKey = publicKey;
  made.serialNumber = `00${forge.util.bytesToHex(forge.random.getBytesSync(12))}`;
  made.validity.notBefore = new Date(Date.now() - 60_000);
  made.validity.notAfter = new Date(Date.now() + lifeMs);
  made.setSubject([{ name: "commonName", value: commonName }]);
  made.setExtensions([...extensions]);
  return made;
}
