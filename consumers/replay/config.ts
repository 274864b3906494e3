import {
  keyAgeSettings,
  logSettings,
  objectStoreSettings,
  processSettings,
  quietLogLevel,
  retentionSettings,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import { windowSettings } from "../../shared/windows/window-settings.js";

export const replayStoreSettings = {
  logLevel: quietLogLevel,
  prefix: processSettings.prefix,
  ...logSettings,
  ...viewSettings,
  ...retentionSettings,
  ...keyAgeSettings,
  ...secretSettings,
};

/** Of `replay export`, which needs no MongoDB. */
export const replayExportSettings = {
  logLevel: quietLogLevel,
  prefix: processSettings.prefix,
  ...logSettings,
  ...objectStoreSettings,
  ...secretSettings,
  ...windowSettings,
};
