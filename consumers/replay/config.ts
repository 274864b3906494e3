import { z } from "zod";
import {
  keyAgeSettings,
  logSettings,
  processSettings,
  retentionSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import type { LogLevel } from "../../shared/process/log.js";
import type { Setting, SettingsOf } from "../../shared/process/settings.js";

/** Quiet unless asked: the operator is told in sentences. */
const logLevel: Setting<LogLevel> = {
  ...processSettings.logLevel,
  fallback: "error",
  schema: z
    .enum(["debug", "info", "warn", "error"], { error: "is none of debug, info, warn, error" })
    .default("error"),
};

export const replaySettings = {
  logLevel,
  prefix: processSettings.prefix,
  ...logSettings,
  ...viewSettings,
  ...retentionSettings,
  ...keyAgeSettings,
  ...secretSettings,
};

export type ReplaySettings = SettingsOf<typeof replaySettings>;
