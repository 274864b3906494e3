import { createHmac } from "node:crypto";

/** A key as a phone sends it (reference server facts, §1.3). */
export interface SentKey {
  /** Base64 of the 16 bytes of the TEK, in whatever form it is sent. */
  readonly key: string;
  /** Interval number of 10 minutes. */
  readonly rollingStartNumber: number;
  /** In intervals, 1 to 144. */
  readonly rollingPeriod: number;
  /** 0 to 8; absent counts as 0. */
  readonly transmissionRisk?: number;
}

/**
 * The HMAC over the keys of a publish that a health authority certifies without seeing them, in standard base64
 * (reference server facts, §3.4). `form` tells whether transmission risks take part; a server accepts the form
 * without them only when all are 0.
 */
export function tekmac(
  keys: readonly SentKey[],
  secret: Uint8Array,
  form: "with risks" | "without risks" = "with risks",
): string {
  const sorted = keys.toSorted((a, b) => Buffer.compare(Buffer.from(a.key), Buffer.from(b.key)));
  const text = sorted.map((key) => keyText(key, form)).join(",");
  return createHmac("sha256", secret).update(text).digest("base64");
}

function keyText(key: SentKey, form: "with risks" | "without risks"): string {
  const text = `${key.key}.${key.rollingStartNumber}.${key.rollingPeriod}`;
  return form === "with risks" ? `${text}.${key.transmissionRisk ?? 0}` : text;
}
