import { createHash } from "node:crypto";
import type { PlacedKey } from "./placed-key.js";

/** 16 bytes that are the same for the same name. */
export function bytesOf(name: string): Buffer {
  return createHash("sha256").update(name).digest().subarray(0, 16);
}

/** A key as key-store places it: confirmed, a day long, inserted by the first record of partition 0. */
export function aPlacedKey(changes: Partial<PlacedKey> = {}): PlacedKey {
  return {
    tek: bytesOf("a key"),
    rollingStartIntervalNumber: 2_992_320,
    rollingPeriod: 144,
    reportType: "confirmed",
    transmissionRisk: 2,
    daysSinceOnset: -3,
    regions: ["US"],
    traveler: false,
    app: "gov.example.app",
    healthAuthorityId: "doh",
    createdAtSeconds: 1_795_467_600,
    provenance: "local",
    insertedBy: bytesOf("a submission"),
    insertedAt: { partition: 0, offset: 0 },
    ...changes,
  };
}
