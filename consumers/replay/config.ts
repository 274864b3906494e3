import { z } from "zod";
import { logSettings, processSettings, viewSettings } from "../../shared/process/common-settings.js";
import { seconds } from "../../shared/process/setting-kinds.js";
import type { LogLevel } from "../../shared/process/log.js";
import type { Setting, SettingsOf } from "../../shared/process/settings.js";

/** Quiet unless something holds it up: the operator is told in sentences. */
const logLevel: Setting<LogLevel> = {
  ...processSettings.logLevel,
  fallback: "warn",
  schema: z
    .enum(["debug", "info", "warn", "error"], { error: "is none of debug, info, warn, error" })
    .default("warn"),
};

export const replaySettings = {
  logLevel,
  prefix: processSettings.prefix,
  ...logSettings,
  ...viewSettings,
  keysRetentionSeconds: seconds("KEYS_RETENTION", {
    description: "how long a key stays in MongoDB, counted from its creation time",
    fallback: "336h",
    min: 1,
  }),
};

export type ReplaySettings = SettingsOf<typeof replaySettings>;
