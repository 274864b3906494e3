import { readFileSync } from "node:fs";
import { expect } from "vitest";
import { aHealthAuthority, type ReportType } from "../phones/health-authority.js";
import { aPhone, publishBody, type Phone, type PublishOptions } from "../phones/phone.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { eventually } from "../river/eventually.js";
import type { SampleDeployment } from "./a-sample-deployment.js";
import { post, type PostAnswer } from "./post.js";
import { sampleSeconds } from "./sample-time.js";

const privatePem = readFileSync(
  new URL("../vectors/verification/keys/ha-v1.private.pem", import.meta.url),
  "utf8",
);

/** The health authority of the samples, with its private key. */
export const sampleAuthority = aHealthAuthority({ privatePem });

/** A publish at the samples' time, as fields. */
export function bodyOf(phone: Phone, changes: Partial<PublishOptions> = {}): Record<string, unknown> {
  const options = {
    authority: sampleAuthority,
    healthAuthorityID: "gov.example.app",
    nowSeconds: sampleSeconds,
    ...changes,
  };
  return JSON.parse(publishBody(phone, options)) as Record<string, unknown>;
}

/** A phone with `dailyKeys` keys whose symptoms began three days ago. */
export function phoneWith(dailyKeys: number): Phone {
  return aPhone({ nowSeconds: sampleSeconds, dailyKeys, symptomOnsetDaysAgo: 3 });
}

/** The phone's keys that are stored. */
export async function storedOf(deployment: SampleDeployment, phone: Phone): Promise<PlacedKey[]> {
  return [...(await deployment.stored(phone.keys.map(({ key }) => key))).values()];
}

/** Publishes, waits until key-store has the keys, and gives the phone its token. */
export async function published(
  deployment: SampleDeployment,
  port: number,
  phone: Phone,
  reportType: ReportType = "likely",
): Promise<PostAnswer> {
  const answer = await post(port, bodyOf(phone, { reportType }));
  expect(answer.status).toBe(200);
  phone.revisionToken = String(answer.body["revisionToken"]);
  await untilStored(deployment, phone, () => true);
  return answer;
}

/** Waits until all keys of the phone are stored as wanted. */
export async function untilStored(
  deployment: SampleDeployment,
  phone: Phone,
  isWanted: (key: PlacedKey) => boolean,
): Promise<PlacedKey[]> {
  return eventually("the keys", async () => {
    const stored = await storedOf(deployment, phone);
    return stored.length === phone.keys.length && stored.every(isWanted) && stored;
  });
}
