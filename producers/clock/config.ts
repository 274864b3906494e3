import { logSettings, processSettings } from "../../shared/process/common-settings.js";

export const clockSettings = { ...processSettings, ...logSettings };
