import { createPublicKey, randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { emptyDeployment, type Deployment } from "../../shared/deployment/deployment.js";
import { tekId } from "../../shared/keys/admission.js";
import { defaultKeyLimits } from "../../shared/keys/key-limits.js";
import { decodePublishBody } from "../../shared/keys/publish-body.js";
import { openRevisionToken, type TokenKeyRing } from "../../shared/keys/revision-token.js";
import { insertedBy, submissionIdentity } from "../../shared/keys/submission-identity.js";
import type { StoredKey } from "../../shared/keys/stored-key.js";
import type { Submitted } from "../../shared/topology.js";
import { aHealthAuthority, type ReportType } from "../../test/phones/health-authority.js";
import { aPhone, publishBody } from "../../test/phones/phone.js";
import type { PublishAnswer } from "./answer.js";
import { publish, type PublishSteps } from "./publish.js";
import type { DecidedSubmission } from "../../shared/view/submissions.js";
import type { KnownKeys } from "./view-look-up.js";

// A phone whose clock is ahead sends its key of tomorrow two seconds before midnight, and the same request once more
// after it.

const midnightSeconds = 1_795_478_400;
const authority = aHealthAuthority();
const newest = { id: "k1", secret: randomBytes(32) };
const ring: TokenKeyRing = { newest, byId: new Map([[newest.id, newest]]), aad: Buffer.from("here") };

const deployment: Deployment = {
  ...emptyDeployment,
  apps: new Map([
    [
      "app",
      {
        name: "app",
        regions: ["US"],
        healthAuthorityIds: ["doh"],
        bypassHealthAuthorityVerification: false,
        bypassRevisionToken: false,
      },
    ],
  ]),
  healthAuthorities: new Map([
    [
      "doh",
      {
        id: "doh",
        issuer: authority.issuer,
        audience: authority.audience,
        name: "Department of Health",
        keys: [
          { version: authority.keyVersion, fromSeconds: 0, publicKey: createPublicKey(authority.publicPem) },
        ],
        statsEnabled: false,
      },
    ],
  ]),
};

function aBody(reportType: ReportType): Buffer {
  const phone = aPhone({ nowSeconds: midnightSeconds, dailyKeys: 2, includingToday: true });
  const nowSeconds = midnightSeconds - 60;
  return Buffer.from(publishBody(phone, { authority, healthAuthorityID: "app", reportType, nowSeconds }));
}

/** What stands in the view. */
type View = Partial<KnownKeys & { readonly decided: DecidedSubmission | undefined }>;

/** Sends the request at that time; what `known` tells is in the view. */
async function send(
  body: Buffer,
  nowSeconds: number,
  known: (identity: Buffer) => View = () => ({}),
): Promise<{ answer: PublishAnswer; written: Submitted | undefined }> {
  const decoded = decodePublishBody(body);
  if (!decoded.ok) throw new Error("the body does not decode");
  let written: Submitted | undefined;
  const steps: PublishSteps = {
    deployment: () => deployment,
    tokenKeys: () => ring,
    tokenEntriesMin: 0,
    identityKey: Buffer.alloc(32),
    limits: defaultKeyLimits,
    defaultRegion: undefined,
    allowPartialRevisions: false,
    events: { verificationBypassed: () => undefined },
    nowSeconds: () => nowSeconds,
    refuseWithoutView: () => undefined,
    passProgress: () => Promise.resolve(),
    lookUp: {
      keys: async () => {
        const { stored = new Map<string, StoredKey>(), remembered = new Set<string>() } = known(
          submissionIdentity(Buffer.alloc(32), decoded.value),
        );
        return { stored, remembered };
      },
      decided: async (identity) => ({ decided: known(identity).decided }),
    },
    write: async (message) => {
      written = message;
      return { partition: 0, offset: 8 };
    },
  };
  return { answer: await publish(steps, decoded.value, 2), written };
}

/** The view when the request has been decided as it was written. */
function decidedAs(written: Submitted, first = written): (identity: Buffer) => View {
  const reportType = written.reportType === 1 ? "confirmed" : "negative";
  return (identity) => ({
    decided: { identity, partition: 0, offset: 7, insertedExposures: first.insertedExposures ?? 0 },
    stored: new Map(
      reportType === "negative"
        ? []
        : (written.keys ?? []).map((key): [string, StoredKey] => {
            const tek = Buffer.from(key.tek ?? []);
            return [tekId(tek), storedKey(key, tek, identity)];
          }),
    ),
  });
}

function storedKey(
  { rollingStartIntervalNumber, rollingPeriod }: NonNullable<Submitted["keys"]>[number],
  tek: Buffer,
  identity: Buffer,
): StoredKey {
  return {
    tek,
    rollingStartIntervalNumber: rollingStartIntervalNumber ?? 0,
    rollingPeriod: rollingPeriod ?? 0,
    reportType: "confirmed",
    transmissionRisk: 0,
    app: "app",
    regions: ["US"],
    traveler: false,
    provenance: "local",
    createdAtSeconds: midnightSeconds,
    insertedBy: insertedBy(identity, tek),
  };
}

const [before, after] = [midnightSeconds - 2, midnightSeconds + 3];

function entriesOf({ revisionToken }: PublishAnswer): number {
  const token = openRevisionToken(revisionToken ?? "", ring);
  return token.kind === "valid" ? token.entries.length : 0;
}

test("a key that was not valid when its request came first is written when it comes again", async () => {
  const body = aBody("confirmed");
  const first = await send(body, before);
  expect(first.answer).toMatchObject({ status: 200, insertedExposures: 1, code: "partial_failure" });
  if (first.written === undefined) throw new Error("nothing was written");
  const again = await send(body, after, decidedAs(first.written));
  expect(again.answer).toMatchObject({ status: 200, insertedExposures: 2 });
  expect(again.written?.keys).toHaveLength(2);
  expect(again.written?.identity).toEqual(first.written.identity);
  // Now both are stored: the same once more is answered, and not written.
  const last = await send(body, after, decidedAs(again.written ?? first.written, first.written));
  expect(last.written).toBeUndefined();
  expect([last.answer.insertedExposures, entriesOf(last.answer)]).toEqual([2, 2]);
});

test("one that another phone has won a key of since gets its first answer again, and no error", async () => {
  const body = aBody("confirmed");
  const first = await send(body, before);
  if (first.written === undefined) throw new Error("nothing was written");
  const decided = decidedAs(first.written);
  const again = await send(body, after, (identity) => {
    const known = decided(identity);
    const others = [...(known.stored ?? [])].map(
      ([id, key]) => [id, { ...key, insertedBy: randomBytes(16) }] as const,
    );
    return { ...known, stored: new Map(others) };
  });
  expect(again.written).toBeUndefined();
  expect(again.answer).toMatchObject({ status: 200, insertedExposures: 1 });
});

test("a negative report, whose keys are never stored, is not written again", async () => {
  const body = aBody("negative");
  const first = await send(body, after);
  if (first.written === undefined) throw new Error("nothing was written");
  const again = await send(body, after, decidedAs(first.written));
  expect(again.written).toBeUndefined();
  expect(again.answer).toMatchObject({ status: 200, insertedExposures: first.written.insertedExposures });
});

test("whether a request came before is asked only where its keys can't tell", async () => {
  const asked = async (reportType: ReportType, isStored: boolean): Promise<boolean> => {
    const body = aBody(reportType);
    const { written } = await send(body, after);
    if (written === undefined) throw new Error("nothing was written");
    let isAsked = false;
    const { stored = new Map<string, StoredKey>() } = decidedAs(written)(Buffer.alloc(16));
    await send(body, after, () => ({
      stored: isStored ? stored : new Map(),
      get decided() {
        isAsked = true;
        return undefined;
      },
    }));
    return isAsked;
  };
  expect(await asked("confirmed", false)).toBe(false);
  expect(await asked("confirmed", true)).toBe(true);
  expect(await asked("negative", false)).toBe(true);
});
