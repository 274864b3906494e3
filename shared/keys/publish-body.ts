import { array, bool, int32, int64, object, string } from "./json-schema.js";
import type { PublishRequest } from "./publish-request.js";
import { type DecodeResult, decodeStrictJson } from "./strict-json.js";

/** Decodes the body of `/v1/publish` (reference server facts, §1.2 and §1.3). */
export function decodePublishBody(body: Buffer): DecodeResult<PublishRequest> {
  return decodeStrictJson(body, publishBody);
}

/** Decodes the body of v1alpha1 into what it means in v1 (reference server facts, §1.8). */
export function decodeAlphaBody(body: Buffer): DecodeResult<PublishRequest> {
  const decoded = decodeStrictJson(body, alphaBody);
  if (!decoded.ok) return decoded;
  const { appPackageName, hmackey, platform: _, deviceVerificationPayload: __, ...rest } = decoded.value;
  const traveler = rest.regions.length > 1;
  return { ok: true, value: { ...rest, healthAuthorityID: appPackageName, hmacKey: hmackey, traveler } };
}

const keys = array(
  object({ key: string, rollingStartNumber: int32, rollingPeriod: int32, transmissionRisk: int64 }),
);

/** The body of `/v1/publish`. */
export const publishBody = object({
  temporaryExposureKeys: keys,
  healthAuthorityID: string,
  verificationPayload: string,
  hmacKey: string,
  symptomOnsetInterval: int32,
  traveler: bool,
  revisionToken: string,
  padding: string,
});

/** The body of v1alpha1; the last two are ignored. */
const alphaBody = object({
  temporaryExposureKeys: keys,
  regions: array(string),
  appPackageName: string,
  verificationPayload: string,
  hmackey: string,
  symptomOnsetInterval: int32,
  revisionToken: string,
  padding: string,
  platform: string,
  deviceVerificationPayload: string,
});

/** The body of `/v1/stats` (reference server facts, §3.7). */
export const statsBody = object({ padding: string });
