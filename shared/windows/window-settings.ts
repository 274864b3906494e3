import { seconds } from "../process/setting-kinds.js";

/** Where windows are built, and built again. */
export const windowSettings = {
  indexRetentionSeconds: seconds("CLEANUP_TTL", {
    description: "how long the index lists a file, counted from the start of its window",
    fallback: "336h",
    min: 1,
  }),
  readSecondsMax: seconds("EXPORT_READ_TIMEOUT", {
    description: "longest time to read the log for one window before the job is tried again",
    fallback: "5m",
    min: 1,
  }),
};
