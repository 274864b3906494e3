import {
  keyAgeSettings,
  logSettings,
  minimumRetentionSettings,
  processSettings,
  retentionSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import { flag, seconds, whole } from "../../shared/process/setting-kinds.js";

export const keyStoreSettings = {
  ...processSettings,
  ...logSettings,
  ...viewSettings,
  ...retentionSettings,
  ...minimumRetentionSettings,
  ...secretSettings,
  ...keyAgeSettings,
  truncateWindowSeconds: seconds("TRUNCATE_WINDOW", {
    description: "times that are stored or leave are rounded down to this; the same in gateway and key-store",
    fallback: "1h",
    min: 1,
    // Windows look so far back for keys that were held back; see embargoSecondsMax in export-window.
    max: 3600,
  }),
  releaseStillValidKeys: flag("DEBUG_RELEASE_SAME_DAY_KEYS", {
    description: "no embargo for keys that are still usable on air; only for trials",
  }),
  repeatMemorySeconds: seconds("REPEAT_MEMORY", {
    description: "how long a submission is remembered, so that its exact repeat gets the first answer again",
    fallback: "24h",
    min: 60,
  }),
  recordsPerTransactionMax: whole("RECORDS_PER_TRANSACTION", {
    description: "most submissions that one transaction decides",
    fallback: "500",
    min: 1,
    max: 10_000,
  }),
  gatherSecondsMax: seconds("GATHER_TIME", {
    description:
      "how long submissions may be gathered to be decided in one transaction: more costs less, and keys wait",
    fallback: "200ms",
    min: 0.01,
    max: 5,
  }),
};
