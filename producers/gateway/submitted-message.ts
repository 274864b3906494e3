import type { Admitted } from "../../shared/keys/admission.js";
import { truncate } from "../../shared/keys/interval.js";
import type { VerifiedClaims } from "../../shared/keys/certificate.js";
import type { TokenState } from "../../shared/keys/revision-token.js";
import type { TransformedPublish } from "../../shared/keys/transform.js";
import type { ValidKey } from "../../shared/keys/valid-key.js";
import type { AuthorizedApp } from "../../shared/deployment/deployment.js";
import { reportTypeNumber } from "../../shared/records/report-type-number.js";
import type { Submitted } from "../../shared/topology.js";
import type { Platform } from "./platform.js";

/** What becomes a record of keys.submitted. */
export interface Verified {
  readonly identity: Buffer;
  readonly app: AuthorizedApp;
  readonly claims: VerifiedClaims | undefined;
  readonly regions: readonly string[];
  readonly traveler: boolean;
  readonly platform: Platform;
  readonly transformed: TransformedPublish;
  readonly admitted: Admitted;
  readonly token: TokenState;
  readonly nowSeconds: number;
  readonly truncateWindowSeconds: number;
}

/** The keys that change something; a submission without any is not written. */
export function changingKeys({ inserted, revised, withheld }: Admitted): readonly ValidKey[] {
  return [...inserted, ...revised.map(({ key }) => key), ...withheld];
}

/** The record of a verified publish: what certificate and token prove, and nothing else of the request. */
export function submittedMessage(verified: Verified): Submitted {
  const { app, claims, transformed, admitted, nowSeconds, truncateWindowSeconds } = verified;
  return {
    identity: verified.identity,
    app: app.name,
    healthAuthorityId: claims?.healthAuthorityId ?? "",
    reportType: reportTypeNumber(claims?.reportType ?? ""),
    regions: [...verified.regions],
    traveler: verified.traveler,
    platform: verified.platform,
    missingOnset: transformed.missingOnset,
    receivedWindowSeconds: truncate(nowSeconds, truncateWindowSeconds),
    keys: changingKeys(admitted).map((key) => keyMessage(key, verified.token)),
    bypassRevisionToken: app.bypassRevisionToken,
    insertedExposures: admitted.inserted.length,
    oldestTekDays: Math.max(0, transformed.oldestTekDays),
    onsetToUploadDays: Math.max(0, transformed.onsetToUploadDays),
  };
}

function keyMessage(key: ValidKey, token: TokenState): NonNullable<Submitted["keys"]>[number] {
  const entry = token.kind === "valid" ? token.entries.find(({ tek }) => tek.equals(key.tek)) : undefined;
  return {
    tek: key.tek,
    rollingStartIntervalNumber: key.rollingStartIntervalNumber,
    rollingPeriod: key.rollingPeriod,
    transmissionRisk: key.transmissionRisk,
    daysSinceOnset: key.daysSinceOnset,
    tokenInsertedBy: entry?.insertedBy ?? null,
  };
}
