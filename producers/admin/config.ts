import {
  logSettings,
  objectStoreSettings,
  processSettings,
  quietLogLevel,
  secretSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";
import { seconds } from "../../shared/process/setting-kinds.js";
import { windowSettings } from "../../shared/windows/window-settings.js";
import type { SettingsOf } from "../../shared/process/settings.js";

/** What every command that talks to the deployment needs. */
export const adminSettings = { logLevel: quietLogLevel, prefix: processSettings.prefix, ...logSettings };

export type AdminSettings = SettingsOf<typeof adminSettings>;

/** What making a signing key needs besides. */
export const signingKeySettings = { ...adminSettings, ...secretSettings };

/** What explaining needs besides, as export-window has it. */
export const explainSettings = {
  ...adminSettings,
  ...viewSettings,
  ...objectStoreSettings,
  indexRetentionSeconds: windowSettings.indexRetentionSeconds,
  minWindowAgeSeconds: seconds("MIN_WINDOW_AGE", {
    description: "how old the end of a window must be before the window is built",
    fallback: "2h",
  }),
};

export type ExplainSettings = SettingsOf<typeof explainSettings>;
