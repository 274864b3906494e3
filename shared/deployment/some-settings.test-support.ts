import type { ExportSettings } from "./deployment.js";

/** Settings of an hourly export of one region, without padding, that holds nothing back. */
export function someSettings(changes: Partial<ExportSettings> = {}): ExportSettings {
  return {
    version: 1,
    effectiveAtSeconds: 0,
    filenameRoot: "us",
    periodSeconds: 3600,
    outputRegion: "US",
    inputRegions: [],
    excludeRegions: [],
    includeTravelers: false,
    onlyNonTravelers: false,
    fromSeconds: 0,
    thruSeconds: undefined,
    recordsPerFileMax: 500_000,
    signingKeyIds: [],
    paddingRecordsMin: 0,
    paddingRecordsRange: 0,
    holdRecordsMin: 0,
    holdSecondsMax: 0,
    ...changes,
  };
}
