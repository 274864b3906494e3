import {
  logSettings,
  objectStoreSettings,
  processSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import { seconds, text, whole } from "../../shared/process/setting-kinds.js";

export const exportWindowSettings = {
  ...processSettings,
  ...logSettings,
  ...viewSettings,
  ...objectStoreSettings,
  ...secretSettings,
  redisUrl: text("TEKSTREAM_REDIS_URL", {
    description: "Redis of the job queue; it holds nothing that is not found again",
    secret: true,
  }),
  minWindowAgeSeconds: seconds("MIN_WINDOW_AGE", {
    description: "how old the end of a window must be before the window is built",
    fallback: "2h",
  }),
  indexRetentionSeconds: seconds("CLEANUP_TTL", {
    description: "how long the index lists a file, counted from the start of its window",
    fallback: "336h",
    min: 1,
  }),
  workers: whole("EXPORT_WORKERS", {
    description: "windows that this process works on at the same time",
    fallback: "1",
    min: 1,
    max: 16,
  }),
  configurationsPerPassMax: whole("EXPORT_CONFIGURATIONS_PER_PASS", {
    description: "configurations with the same window that one pass over the log collects keys for",
    fallback: "8",
    min: 1,
    max: 100,
  }),
  jobLockSeconds: seconds("EXPORT_JOB_LOCK", {
    description: "after how long another worker takes over the job of one that does not move any more",
    fallback: "30s",
    min: 1,
  }),
  readSecondsMax: seconds("EXPORT_READ_TIMEOUT", {
    description: "longest time to read the log for one window before the job is tried again",
    fallback: "5m",
    min: 1,
  }),
};
