import {
  logSettings,
  minimumRetentionSettings,
  objectStoreSettings,
  processSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import { seconds, text, whole } from "../../shared/process/setting-kinds.js";
import { windowSettings } from "../../shared/windows/window-settings.js";

export const exportWindowSettings = {
  ...processSettings,
  ...logSettings,
  ...viewSettings,
  ...objectStoreSettings,
  ...secretSettings,
  ...windowSettings,
  ...minimumRetentionSettings,
  redisUrl: text("TEKSTREAM_REDIS_URL", {
    description: "Redis of the job queue; it holds nothing that is not found again",
    secret: true,
  }),
  minWindowAgeSeconds: seconds("MIN_WINDOW_AGE", {
    description: "how old the end of a window must be before the window is built",
    fallback: "2h",
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
  cleanUpPauseSeconds: seconds("EXPORT_CLEANUP_PAUSE", {
    description: "pause between two looks for lines and files that are older than CLEANUP_TTL",
    fallback: "10m",
    min: 1,
  }),
  jobLockSeconds: seconds("EXPORT_JOB_LOCK", {
    description: "after how long another worker takes over the job of one that does not move any more",
    fallback: "30s",
    min: 1,
  }),
};
