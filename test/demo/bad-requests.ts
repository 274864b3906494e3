import type { HealthAuthority } from "../phones/health-authority.js";
import { aHealthAuthority } from "../phones/health-authority.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { publishClient } from "../phones/publish-client.js";

/** What a phone, or somebody who is none, may send wrong, and the status it must get. */
export interface BadRequest {
  readonly title: string;
  readonly expected: number;
  readonly status: number;
  readonly answer: string;
}

/** Sends one of each kind; none may change anything. */
export async function sendBadRequests(
  url: string,
  authority: HealthAuthority,
  healthAuthorityID: string,
): Promise<readonly BadRequest[]> {
  const nowSeconds = Math.floor(Date.now() / 1000);
  const phone = aPhone({ nowSeconds });
  const good = publishBody(phone, { authority, healthAuthorityID, nowSeconds });
  const stranger = { ...aHealthAuthority(), issuer: authority.issuer };
  const otherSecret = JSON.stringify({
    ...JSON.parse(good),
    hmacKey: Buffer.alloc(16, 7).toString("base64"),
  });
  const kinds: [string, number, string][] = [
    ["malformed JSON", 400, good.slice(0, -20)],
    [
      "certificate by a stranger",
      401,
      publishBody(phone, { authority: stranger, healthAuthorityID, nowSeconds }),
    ],
    ["another HMAC secret", 401, otherSecret],
    ["oversized body", 413, JSON.stringify({ padding: "x".repeat(70_000) })],
    ["unknown app", 401, publishBody(phone, { authority, healthAuthorityID: "nobody", nowSeconds })],
  ];
  const client = publishClient({ urls: [url], retriesMax: 0 });
  try {
    return await Promise.all(
      kinds.map(async ([title, expected, body]) => {
        const { status, body: answer } = await client.publish(body);
        return { title, expected, status, answer: answer?.error ?? "" };
      }),
    );
  } finally {
    client.close();
  }
}
