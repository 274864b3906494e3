import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Admitted, admit, tekId } from "./admission.js";
import { verifyCertificate } from "./certificate.js";
import { intervalNumber } from "./interval.js";
import { defaultKeyLimits } from "./key-limits.js";
import { parsePublicKey } from "./public-key.js";
import { decodePublishBody } from "./publish-body.js";
import {
  nextTokenEntries,
  openRevisionToken,
  sealRevisionToken,
  type TokenKeyRing,
} from "./revision-token.js";
import type { StoredKey } from "./stored-key.js";
import { insertedBy, submissionIdentity } from "./submission-identity.js";
import { transformPublish } from "./transform.js";
import type { ValidKey } from "./valid-key.js";

// The reference server's answers to a sequence of publishes, against all of the core together. The store is a map: what
// is under test is what the core decides, not how it is kept.

interface Sample {
  name: string;
  request_body?: { healthAuthorityID?: string; revisionToken?: string };
  response_body?: { revisionToken?: string; padding?: string; error?: string; code?: string };
  rows_for_request_keys_after?: Row[] | null;
}

interface Row {
  Key: string;
  ReportType: string;
  Created: string;
  Risk: number;
  Days: number;
  HA: number | null;
  RevType: string | null;
  RevAt: string | null;
  RevDays: number | null;
  RevRisk: number | null;
}

const vectors = new URL("../../test/vectors/", import.meta.url);
const { samples }: { samples: Sample[] } = JSON.parse(readFileSync(new URL("http/v1.json", vectors), "utf8"));
const nowSeconds = 1_795_470_320;
const limits = defaultKeyLimits;
const endIntervalMin = intervalNumber(nowSeconds - limits.keyAgeSecondsMax);
const dataKey = { id: "1", secret: randomBytes(32) };
const ring: TokenKeyRing = { newest: dataKey, byId: new Map([["1", dataKey]]), aad: Buffer.from("aad") };
const identityKey = randomBytes(32);
const parsed = parsePublicKey(readFileSync(new URL("verification/keys/ha-v1.public.pem", vectors), "utf8"));
if (!parsed.ok) throw new Error(parsed.error);
const authority = {
  id: "1",
  issuer: "gov.example.doh",
  audience: "exposure-key-server",
  name: "Example",
  statsEnabled: true,
  keys: [{ version: "v1", fromSeconds: nowSeconds - 3600, publicKey: parsed.key }],
};

function healthAuthorityByIssuer(issuer: string) {
  return issuer === authority.issuer ? authority : undefined;
}

const store = new Map<string, StoredKey>();
// The recorded tokens are for other data keys: ours stand in for them.
const ownTokens = new Map<string, string>();

const publishes = samples.filter(
  ({ name, request_body: body, response_body: answer }) =>
    body !== undefined &&
    ["gov.example.app", "gov.bypass.app"].includes(body.healthAuthorityID ?? "") &&
    answer?.padding !== undefined &&
    !name.includes("database") &&
    answer.code !== "unable_to_load_health_authority",
);

test("there are samples to answer", () => {
  expect(publishes.length).toBeGreaterThan(30);
});

test.each(publishes)("$name", async (sample) => {
  const sent = sample.request_body?.revisionToken ?? "";
  const { revisionToken, ...answer } = await publish({
    ...sample.request_body,
    revisionToken: ownTokens.get(sent) ?? sent,
  });
  const { revisionToken: recorded, padding: _, ...expected } = sample.response_body ?? {};
  expect(answer).toEqual(expected);
  expect(revisionToken === undefined).toBe(recorded === undefined);
  if (recorded !== undefined && revisionToken !== undefined) ownTokens.set(recorded, revisionToken);
  for (const row of sample.rows_for_request_keys_after ?? [])
    expect(rowOf(store.get(row.Key))).toEqual(comparable(row));
});

async function publish(body: unknown) {
  const decoded = decodePublishBody(Buffer.from(JSON.stringify(body)));
  if (!decoded.ok) throw new Error(decoded.text);
  const request = decoded.value;
  const bypass = request.healthAuthorityID === "gov.bypass.app";
  const app = { name: request.healthAuthorityID, allowedHealthAuthorityIds: ["1"] };
  const certificate = await verifyCertificate({ request, app, nowSeconds, healthAuthorityByIssuer });
  if (!certificate.ok && !bypass) {
    const code = "health_authority_verification_certificate_invalid";
    return { code, error: `unable to validate diagnosis verification: ${certificate.message}` };
  }
  const claims = certificate.ok ? certificate.claims : undefined;
  const { symptomOnsetInterval } = request;
  const transformed = transformPublish({
    keys: certificate.keys,
    symptomOnsetInterval,
    claims,
    nowSeconds,
    limits,
  });
  const warnings = transformed.warnings.length > 0 ? { warnings: transformed.warnings } : {};
  if (!transformed.ok) {
    return { code: "bad_request", error: `unable to read request data: ${transformed.message}`, ...warnings };
  }
  const identity = submissionIdentity(identityKey, request);
  const token = openRevisionToken(request.revisionToken, ring);
  const admitted = admit({
    keys: transformed.keys,
    stored: store,
    remembered: new Set(),
    token,
    identity,
    healthAuthorityId: claims?.healthAuthorityId,
    bypassRevisionToken: bypass,
    allowPartialRevisions: false,
  });
  if (admitted.kind === "refused") return { code: admitted.code, error: admitted.message };
  keep(admitted, identity, claims?.healthAuthorityId);
  const previous = token.kind === "valid" ? token.entries : [];
  const entries = nextTokenEntries(previous, admitted.tokenEntries, endIntervalMin);
  return {
    ...(admitted.inserted.length > 0 ? { insertedExposures: admitted.inserted.length } : {}),
    ...(transformed.partialErrors === undefined
      ? {}
      : { code: "partial_failure", error: transformed.partialErrors }),
    ...warnings,
    ...(entries.length > 0 ? { revisionToken: sealRevisionToken({ entries }, ring) } : {}),
  };
}

function keep(admitted: Admitted, identity: Buffer, healthAuthorityId: string | undefined): void {
  for (const key of admitted.inserted) store.set(tekId(key.tek), asStored(key, identity, healthAuthorityId));
  for (const { key, stored, revision } of admitted.revised)
    store.set(tekId(key.tek), { ...stored, revision });
}

function asStored(key: ValidKey, identity: Buffer, healthAuthorityId: string | undefined): StoredKey {
  return {
    ...key,
    regions: ["US"],
    traveler: false,
    app: "gov.example.app",
    provenance: "local",
    insertedBy: insertedBy(identity, key.tek),
    ...(healthAuthorityId === undefined ? {} : { healthAuthorityId }),
  };
}

function rowOf(key: StoredKey | undefined) {
  return {
    type: key?.reportType,
    created: key?.createdAtSeconds,
    risk: key?.transmissionRisk,
    days: key?.daysSinceOnset,
    authority: key?.healthAuthorityId,
    revision: key?.revision && {
      type: key.revision.reportType,
      at: key.revision.revisedAtSeconds,
      days: key.revision.daysSinceOnset,
      risk: key.revision.transmissionRisk,
    },
  };
}

function comparable(row: Row) {
  const revision = { type: row.RevType, at: seconds(row.RevAt), days: row.RevDays, risk: row.RevRisk };
  return {
    type: row.ReportType,
    created: seconds(row.Created),
    risk: row.Risk,
    days: row.Days,
    authority: row.HA === null ? undefined : String(row.HA),
    revision: row.RevType === null ? undefined : revision,
  };
}

function seconds(time: string | null): number {
  return Date.parse(time ?? "") / 1000;
}
