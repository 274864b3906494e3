import { wasInsertedBy } from "../../shared/keys/judge-key.js";
import { admit, tekId, tokenEntry } from "../../shared/keys/admission.js";
import { verifyCertificate, type CertificateResult } from "../../shared/keys/certificate.js";
import { intervalNumber } from "../../shared/keys/interval.js";
import type { KeyLimits } from "../../shared/keys/key-limits.js";
import type { PublishRequest } from "../../shared/keys/publish-request.js";
import { nextTokenEntries, openRevisionToken, sealRevisionToken } from "../../shared/keys/revision-token.js";
import type { TokenKeyRing, TokenState } from "../../shared/keys/revision-token.js";
import { insertedByEach, submissionIdentity } from "../../shared/keys/submission-identity.js";
import type { LogPosition, TokenEntry } from "../../shared/keys/token-content.js";
import { transformPublish, type TransformedPublish } from "../../shared/keys/transform.js";
import {
  healthAuthorityOf,
  type AuthorizedApp,
  type Deployment,
} from "../../shared/deployment/deployment.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import type { DecidedSubmission } from "../../shared/view/submissions.js";
import type { Submitted } from "../../shared/topology.js";
import { refuse, type PublishAnswer } from "./answer.js";
import type { GatewayEvents } from "./events.js";
import type { Platform } from "./platform.js";
import { publishRegions } from "./publish-regions.js";
import { changingKeys, submittedMessage } from "./submitted-message.js";
import type { KnownKeys, ViewLookUp } from "./view-look-up.js";

// Reads     the deployment's configuration, the view (existing keys, decided submissions, progress)
// Writes    keys.submitted: one record a publish
// Answers 200 when    every in-sync replica has the record
// On duplicate        the very same request again gets the first answer again; if a key of it has become valid since
//                     the first time, it is written again, for key-store to add that key
// On outage           503 with Retry-After: the record may be in the log, and repeating is safe

export interface PublishSteps {
  readonly deployment: () => Deployment;
  /** Undefined for the moment between the last key's end and the next one's beginning. */
  readonly tokenKeys: () => TokenKeyRing | undefined;
  readonly tokenEntriesMin: number;
  readonly identityKey: Buffer;
  readonly limits: KeyLimits;
  readonly defaultRegion: string | undefined;
  readonly allowPartialRevisions: boolean;
  readonly events: Pick<GatewayEvents, "verificationBypassed">;
  /** Unix seconds, whole. */
  readonly nowSeconds: () => number;
  /** Throws `Unavailable` while there is no view to answer from. */
  readonly refuseWithoutView: () => void;
  /** Waits until the view holds that position. */
  readonly passProgress: (position: LogPosition) => Promise<void>;
  readonly lookUp: ViewLookUp;
  /** Writes to the partition that this submission belongs to. */
  readonly write: (message: Submitted, identity: Buffer, home: number | undefined) => Promise<LogPosition>;
}

/** A request on its way, after what is known of it without the view. */
interface Checked {
  readonly request: PublishRequest;
  readonly platform: Platform;
  readonly app: AuthorizedApp;
  readonly regions: readonly string[];
  readonly certificate: CertificateResult;
  readonly identity: Buffer;
  readonly token: TokenState;
  readonly nowSeconds: number;
}

/** Answers one decoded publish, in the order of the facts, §1.5. Throws `Unavailable` when the outcome is unknown. */
export async function publish(
  steps: PublishSteps,
  request: PublishRequest,
  platform: Platform,
): Promise<PublishAnswer> {
  steps.refuseWithoutView();
  const deployment = steps.deployment();
  const app = deployment.apps.get(request.healthAuthorityID.toLowerCase());
  if (app === undefined) {
    return refuse(
      401,
      "unknown_health_authority_id",
      `unauthorized health authority: ${request.healthAuthorityID}`,
    );
  }
  const regions = publishRegions(app, request, steps.defaultRegion);
  if ("status" in regions) return regions;
  const nowSeconds = steps.nowSeconds();
  const certificate = await verifyCertificate({
    request,
    app: { name: app.name, allowedHealthAuthorityIds: app.healthAuthorityIds },
    nowSeconds,
    healthAuthorityByIssuer: (issuer) => healthAuthorityOf(deployment, issuer),
  });
  if (!certificate.ok) {
    const error = `unable to validate diagnosis verification: ${certificate.message}`;
    if (!app.bypassHealthAuthorityVerification)
      return refuse(401, "health_authority_verification_certificate_invalid", error);
    steps.events.verificationBypassed();
  }
  const token = openRevisionToken(request.revisionToken, ringOf(steps));
  const identity = submissionIdentity(steps.identityKey, request);
  return transformAndAdmit(steps, {
    request,
    platform,
    app,
    regions,
    certificate,
    identity,
    token,
    nowSeconds,
  });
}

async function transformAndAdmit(steps: PublishSteps, checked: Checked): Promise<PublishAnswer> {
  const { request, certificate, token, nowSeconds } = checked;
  const transformed = transformPublish({
    keys: certificate.keys,
    symptomOnsetInterval: request.symptomOnsetInterval,
    claims: certificate.ok ? certificate.claims : undefined,
    nowSeconds,
    limits: steps.limits,
  });
  if (!transformed.ok) {
    const { message, warnings } = transformed;
    return { ...refuse(400, "bad_request", `unable to read request data: ${message}`), warnings };
  }
  if (token.kind === "valid" && token.position !== undefined) await steps.passProgress(token.position);
  const known = await lookUp(steps, checked, transformed.keys);
  if (isRepeated(known) && !known.addsKeys) return answerAgain(steps, checked, transformed, known);
  return admitAndWrite(steps, checked, transformed, known);
}

/** What the view knows of one request. */
interface Known extends KnownKeys {
  /** The request was decided before, so that its first answer counts. */
  readonly repeated: DecidedSubmission | undefined;
  /** Some key is nowhere yet. Of a repeated request it is one that had not begun when the request came first. */
  readonly addsKeys: boolean;
}

/**
 * Whether a request was decided before changes the answer only where keys of it are known, or where it has none to be
 * known by: a negative report stores none. Keys that are all new are never refused, and key-store drops what comes twice.
 * Nearly all requests are spared the question.
 */
async function lookUp(
  { lookUp: view }: PublishSteps,
  { certificate, identity }: Checked,
  keys: TransformedPublish["keys"],
): Promise<Known> {
  const { stored, remembered } = await view.keys(keys);
  const isNegative = certificate.ok && certificate.claims.reportType === "negative";
  const ids = keys.map(({ tek }) => tekId(tek));
  const isNew = (id: string): boolean => !stored.has(id) && !remembered.has(id);
  if (!isNegative && ids.length > 0 && ids.every(isNew))
    return { stored, remembered, repeated: undefined, addsKeys: true };
  const { decided } = await view.decided(identity);
  return { stored, remembered, repeated: decided, addsKeys: !isNegative && ids.some(isNew) };
}

/** What is known of a request that was decided before. */
type Repeated = Known & { readonly repeated: DecidedSubmission };

function isRepeated(known: Known): known is Repeated {
  return known.repeated !== undefined;
}

/** The request was decided before: the same token again, and the count that was told then. */
function answerAgain(
  steps: PublishSteps,
  checked: Checked,
  transformed: TransformedPublish,
  { stored, repeated }: Repeated,
): PublishAnswer {
  const proofs = insertedByEach(
    checked.identity,
    transformed.keys.map(({ tek }) => tek),
  );
  const keys = transformed.keys.flatMap((key, index) => {
    const [found, proof] = [stored.get(tekId(key.tek)), proofs[index]];
    if (proof === undefined) return [];
    const isOwn = found !== undefined && wasInsertedBy(key, found, proof);
    return [{ entry: tokenEntry(key, proof), isOwn, isNew: found === undefined }];
  });
  // What another submission has inserted this one proves nothing of; the presented token may.
  const current = keys.filter(({ isOwn, isNew }) => isOwn || isNew).map(({ entry }) => entry);
  const { partition, offset, insertedExposures } = repeated;
  // More than then, if a repetition has added some.
  const inserted = Math.max(insertedExposures, keys.filter(({ isOwn }) => isOwn).length);
  return accept(transformed, inserted, nextToken(steps, checked, current, { partition, offset }));
}

async function admitAndWrite(
  steps: PublishSteps,
  checked: Checked,
  transformed: TransformedPublish,
  known: Known,
): Promise<PublishAnswer> {
  const { app, certificate, identity, token } = checked;
  const claims = certificate.ok ? certificate.claims : undefined;
  const admitted = admit({
    keys: transformed.keys,
    stored: known.stored,
    remembered: known.remembered,
    token,
    identity,
    healthAuthorityId: claims?.healthAuthorityId,
    bypassRevisionToken: app.bypassRevisionToken,
    allowPartialRevisions: steps.allowPartialRevisions,
  });
  if (admitted.kind === "refused") {
    // It was accepted the first time, and another phone has won one of its keys since.
    if (isRepeated(known)) return answerAgain(steps, checked, transformed, known);
    return refuse(400, admitted.code, admitted.message);
  }
  const previous = token.kind === "valid" ? token.position : undefined;
  const { truncateWindowSeconds } = steps.limits;
  const verified = {
    identity,
    app,
    claims,
    regions: checked.regions,
    traveler: checked.request.traveler,
    platform: checked.platform,
    transformed,
    admitted,
    token,
    nowSeconds: checked.nowSeconds,
    truncateWindowSeconds,
  };
  const position =
    changingKeys(admitted).length === 0
      ? previous
      : await steps.write(submittedMessage(verified), identity, previous?.partition);
  return accept(
    withSpent(transformed, admitted.spent.length),
    admitted.inserted.length,
    nextToken(steps, checked, admitted.tokenEntries, position),
  );
}

function nextToken(
  steps: PublishSteps,
  { token, nowSeconds }: Checked,
  current: readonly TokenEntry[],
  position: LogPosition | undefined,
): string {
  const endIntervalMin = intervalNumber(nowSeconds - steps.limits.keyAgeSecondsMax);
  const entries = nextTokenEntries(token.kind === "valid" ? token.entries : [], current, endIntervalMin);
  if (entries.length === 0) return "";
  const content = position === undefined ? { entries } : { entries, position };
  return sealRevisionToken(content, ringOf(steps), steps.tokenEntriesMin);
}

function ringOf({ tokenKeys }: PublishSteps): TokenKeyRing {
  const ring = tokenKeys();
  if (ring === undefined) throw new Unavailable("there is no data key for revision tokens yet");
  return ring;
}

/** Not an error: phones take any for a failure, and send all their keys again. */
function withSpent(transformed: TransformedPublish, spent: number): TransformedPublish {
  if (spent === 0) return transformed;
  const warning = `keys published before and too old to be revised: ${spent} - ignoring them`;
  return { ...transformed, warnings: [...transformed.warnings, warning] };
}

function accept(
  transformed: TransformedPublish,
  insertedExposures: number,
  revisionToken: string,
): PublishAnswer {
  const { partialErrors, warnings } = transformed;
  return {
    status: 200,
    revisionToken,
    insertedExposures,
    warnings,
    ...(partialErrors === undefined ? {} : { error: partialErrors, code: "partial_failure" as const }),
  };
}
