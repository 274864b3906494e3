import {
  keyAgeSettings,
  logSettings,
  processSettings,
  quietLogLevel,
  retentionSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import type { SettingsOf } from "../../shared/process/settings.js";

export const replaySettings = {
  logLevel: quietLogLevel,
  prefix: processSettings.prefix,
  ...logSettings,
  ...viewSettings,
  ...retentionSettings,
  ...keyAgeSettings,
  ...secretSettings,
};

export type ReplaySettings = SettingsOf<typeof replaySettings>;
