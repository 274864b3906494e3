import { z } from "zod";
import { logSettings, processSettings, secretSettings } from "../../shared/process/common-settings.js";
import type { SettingsOf } from "../../shared/process/settings.js";

const { logLevel, prefix } = processSettings;

/** What every command that talks to the deployment needs. The log stays quiet unless asked. */
export const adminSettings = {
  logLevel: { ...logLevel, fallback: "error", schema: z.string().default("error").pipe(logLevel.schema) },
  prefix,
  ...logSettings,
};

export type AdminSettings = SettingsOf<typeof adminSettings>;

/** What making a signing key needs besides. */
export const signingKeySettings = { ...adminSettings, ...secretSettings };
