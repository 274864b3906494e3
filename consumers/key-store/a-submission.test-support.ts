import { bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import { keysSubmitted, type Submitted, type SubmittedRecord } from "../../shared/topology.js";

/** When the log takes the records of these tests (unix seconds), a whole hour. */
export const appendedAtSeconds = 1_795_467_600;

type SubmittedKey = NonNullable<Submitted["keys"]>[number];

/** A key that ended yesterday, named by its TEK's name. */
export function aSubmittedKey(name: string, changes: Partial<SubmittedKey> = {}): SubmittedKey {
  const today = Math.floor(appendedAtSeconds / 86_400) * 144;
  return {
    tek: bytesOf(name),
    rollingStartIntervalNumber: today - 144,
    rollingPeriod: 144,
    transmissionRisk: 4,
    daysSinceOnset: 1,
    ...changes,
  };
}

/** A confirmed publish of one key; `name` makes its identity. */
export function aSubmitted(name: string, changes: Partial<Submitted> = {}): Submitted {
  return {
    identity: bytesOf(name),
    app: "gov.example.app",
    healthAuthorityId: "doh",
    reportType: 1,
    regions: ["US"],
    receivedWindowSeconds: appendedAtSeconds - 3600,
    insertedExposures: 1,
    keys: [aSubmittedKey(`key of ${name}`)],
    ...changes,
  };
}

/** The message as a consumer decodes it. */
export function decodedSubmitted(message: Submitted): SubmittedRecord {
  return keysSubmitted.codec.decode(keysSubmitted.codec.encode(message).finish());
}
