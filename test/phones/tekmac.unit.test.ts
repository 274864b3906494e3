import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { tekmac } from "./tekmac.js";
import type { SentKey } from "./tekmac.js";

interface TekmacVector {
  readonly name: string;
  readonly hmac_key_hex: string;
  readonly keys_as_sent: readonly SentKey[];
  readonly tekmac_with_transmission_risk_b64: string;
  readonly tekmac_without_transmission_risk_b64?: string;
}

const file = new URL("../vectors/verification/tekmac.json", import.meta.url);
const { vectors }: { vectors: readonly TekmacVector[] } = JSON.parse(readFileSync(file, "utf8"));

test.each(vectors.map((vector) => [vector.name, vector] as const))(
  "the tekmac is that of the reference server: %s",
  (_, vector) => {
    const secret = Buffer.from(vector.hmac_key_hex, "hex");
    expect(tekmac(vector.keys_as_sent, secret)).toBe(vector.tekmac_with_transmission_risk_b64);
    const without = vector.tekmac_without_transmission_risk_b64;
    if (without !== undefined) expect(tekmac(vector.keys_as_sent, secret, "without risks")).toBe(without);
  },
);
