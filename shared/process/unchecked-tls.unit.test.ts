import { expect, test } from "vitest";
import { viewSettings } from "./common-settings.js";
import { readSettings } from "./settings.js";

const address = "mongodb://user:secret@a:1,b:2/?replicaSet=rs0&tls=true";
const read = (TEKSTREAM_MONGODB_URL: string): string =>
  readSettings(viewSettings, { TEKSTREAM_MONGODB_URL }).mongodbUrl;

test.each([
  ["tlsInsecure", "tlsInsecure=true"],
  ["tlsAllowInvalidCertificates", "tlsAllowInvalidCertificates=true"],
  ["tlsAllowInvalidHostnames", "tlsAllowInvalidHostnames=1"],
  ["tlsInsecure", "TLSinsecure=yes"],
  ["tlsInsecure", "tls%49nsecure=true"],
  ["tlsInsecure", "tlsInsecure=false&tlsInsecure=true"],
])(
  "an address of MongoDB that switches the check of certificates off by %s is refused (%s)",
  (name, option) => {
    expect(() => read(`${address}&${option}`)).toThrow(
      `TEKSTREAM_MONGODB_URL: ${name} switches the check of certificates off: take it out, and name your certificate authority in NODE_EXTRA_CA_CERTS`,
    );
    expect(() => read(`${address}&${option}`)).not.toThrow("secret");
  },
);

test.each([address, `${address}&tlsInsecure=false`, "mongodb://tlsInsecure:true@a:1/?appName=tlsInsecure"])(
  "%s is taken",
  (value) => {
    expect(read(value)).toBe(value);
  },
);
