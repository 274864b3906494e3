import {
  logSettings,
  minimumRetentionSettings,
  processSettings,
  retentionSettings,
  viewSettings,
} from "../../shared/process/common-settings.js";

export const statsSettings = {
  ...processSettings,
  ...logSettings,
  ...viewSettings,
  ...retentionSettings,
  ...minimumRetentionSettings,
};
