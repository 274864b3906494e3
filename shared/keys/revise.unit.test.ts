import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { isTransitionAllowed, type ReportType } from "./report-type.js";
import { revise, type IncomingRevision } from "./revise.js";
import type { StoredKey } from "./stored-key.js";

interface Vector {
  Name: string;
  FromType: ReportType;
  ToType: ReportType;
  AlreadyRevisedTo: ReportType | null;
  Local: boolean;
  Changed: boolean;
  Error: string;
  ResultRevisedType: ReportType | null;
  ResultRisk: number | null;
  InRisk: number;
}

const vectors: { revise: Vector[]; transitions: { From: ReportType; To: ReportType; OK: boolean }[] } =
  JSON.parse(readFileSync(new URL("../../test/vectors/publish/revise.json", import.meta.url), "utf8"));

const revisedBy = Buffer.alloc(16, 2);

function aStoredKey(key: Partial<StoredKey> = {}): StoredKey {
  return {
    tek: Buffer.alloc(16, 7),
    rollingStartIntervalNumber: 2_672_928,
    rollingPeriod: 144,
    reportType: "likely",
    transmissionRisk: 4,
    regions: ["US"],
    traveler: false,
    app: "gov.example.app",
    createdAtSeconds: 1_603_897_200,
    provenance: "local",
    insertedBy: Buffer.alloc(16, 1),
    ...key,
  };
}

function aRevision(revision: Partial<IncomingRevision> = {}): IncomingRevision {
  return {
    reportType: "confirmed",
    transmissionRisk: 0,
    createdAtSeconds: 1_603_900_800,
    revisedBy,
    ...revision,
  };
}

test.each(vectors.transitions)("from '$From' to '$To' is allowed: $OK", ({ From, To, OK }) => {
  expect(isTransitionAllowed(From, To)).toBe(OK);
});

test.each(vectors.revise)("$Name: from '$FromType' to '$ToType', before '$AlreadyRevisedTo'", (vector) => {
  const before = { transmissionRisk: 2, revisedAtSeconds: 1_603_897_200, revisedBy };
  const stored = aStoredKey({
    reportType: vector.FromType,
    ...(vector.AlreadyRevisedTo === null
      ? {}
      : { revision: { ...before, reportType: vector.AlreadyRevisedTo } }),
    provenance: vector.Local ? "local" : "federated",
    ...(vector.Name.startsWith("federated") ? { source: "query-1" } : {}),
  });
  const incoming = aRevision({ reportType: vector.ToType, transmissionRisk: vector.InRisk });
  const result = revise(
    stored,
    vector.Name.startsWith("federated") ? { ...incoming, source: "query-2" } : incoming,
  );
  expect(result.kind === "refused" ? result.message : "").toBe(vector.Error);
  expect(result.kind === "revised").toBe(vector.Changed);
  if (result.kind === "revised") {
    expect(result.revision.reportType).toBe(vector.ResultRevisedType);
    expect(result.revision.transmissionRisk).toBe(vector.ResultRisk);
  }
});

describe("a revision", () => {
  test("carries what came in, and who vouches for it now", () => {
    const incoming = aRevision({ transmissionRisk: 5, daysSinceOnset: 0, healthAuthorityId: "other" });
    expect(revise(aStoredKey(), incoming)).toEqual({
      kind: "revised",
      revision: {
        reportType: "confirmed",
        transmissionRisk: 5,
        daysSinceOnset: 0,
        revisedAtSeconds: 1_603_900_800,
        healthAuthorityId: "other",
        revisedBy,
      },
    });
  });

  test("of a federated key is possible from the partner that it came from", () => {
    const stored = aStoredKey({ provenance: "federated", source: "query-1" });
    expect(revise(stored, aRevision({ source: "query-1" })).kind).toBe("revised");
    expect(revise(stored, aRevision())).toMatchObject({ kind: "refused", code: "key_from_another_source" });
  });
});
