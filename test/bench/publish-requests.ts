import type { HealthAuthority } from "../phones/health-authority.js";
import { aPhone, publishBody } from "../phones/phone.js";
import { appName } from "../river/set-up.js";

/** A publish of 14 keys as it goes over the wire, made and signed before the clock starts. */
export interface PreparedPublish {
  /** The whole HTTP request. */
  readonly bytes: Buffer;
  /** One of its keys, to look for in the view. */
  readonly tek: Buffer;
}

/** Makes publishes of as many different phones. */
export function preparePublishes(authority: HealthAuthority, count: number): PreparedPublish[] {
  return Array.from({ length: count }, () => {
    const nowSeconds = Date.now() / 1000;
    const phone = aPhone({ nowSeconds: Math.floor(nowSeconds) });
    const options = { authority, healthAuthorityID: appName, nowSeconds: Math.floor(nowSeconds) };
    const body = Buffer.from(publishBody(phone, options));
    const head =
      "POST /v1/publish HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n" +
      `Content-Length: ${body.length}\r\n\r\n`;
    return {
      bytes: Buffer.concat([Buffer.from(head), body]),
      tek: Buffer.from(phone.keys[0]?.key ?? "", "base64"),
    };
  });
}
