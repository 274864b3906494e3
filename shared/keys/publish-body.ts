import { array, bool, int32, int64, object, string } from "./json-schema.js";
import type { PublishRequest } from "./publish-request.js";
import { type DecodeResult, decodeStrictJson } from "./strict-json.js";

/** Decodes the body of `/v1/publish` (reference server facts, §1.2 and §1.3). */
export function decodePublishBody(body: Buffer): DecodeResult<PublishRequest> {
  return decodeStrictJson(body, publishBody);
}

/** The body of `/v1/publish`. */
export const publishBody = object({
  temporaryExposureKeys: array(
    object({ key: string, rollingStartNumber: int32, rollingPeriod: int32, transmissionRisk: int64 }),
  ),
  healthAuthorityID: string,
  verificationPayload: string,
  hmacKey: string,
  symptomOnsetInterval: int32,
  traveler: bool,
  revisionToken: string,
  padding: string,
});

/** The body of `/v1/stats` (reference server facts, §3.7). */
export const statsBody = object({ padding: string });
