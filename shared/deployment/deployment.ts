import type { HealthAuthority, HealthAuthorityKey } from "../keys/health-authority.js";
import type { Changed } from "../topology.js";

/** An authorized app (tenant): its name is what phones send as healthAuthorityID. Facts, §5.2. */
export interface AuthorizedApp {
  /** Lower case. */
  readonly name: string;
  /** Upper case. */
  readonly regions: readonly string[];
  readonly healthAuthorityIds: readonly string[];
  readonly bypassHealthAuthorityVerification: boolean;
  readonly bypassRevisionToken: boolean;
}

/** One version of an export configuration. Facts, §6.1. */
export interface ExportSettings {
  readonly version: number;
  /** Applies to windows that end at or after this time (unix seconds). */
  readonly effectiveAtSeconds: number;
  readonly filenameRoot: string;
  readonly periodSeconds: number;
  readonly outputRegion: string;
  readonly inputRegions: readonly string[];
  readonly excludeRegions: readonly string[];
  readonly includeTravelers: boolean;
  readonly onlyNonTravelers: boolean;
  readonly fromSeconds: number;
  readonly thruSeconds: number | undefined;
  readonly recordsPerFileMax: number;
  readonly signingKeyIds: readonly string[];
  /** Windows with fewer keys are padded to this many and a draw of up to the range; 0: none is. */
  readonly paddingRecordsMin: number;
  readonly paddingRecordsRange: number;
  /** Windows with fewer keys are held, as long as they span less than the limit; 0: none is. */
  readonly holdRecordsMin: number;
  readonly holdSecondsMax: number;
}

/** Export settings with all versions that a window which can still be rebuilt was made with, oldest first. */
export interface ExportConfiguration {
  readonly id: string;
  readonly versions: readonly ExportSettings[];
}

/** A key that signs exports. Its private half is wrapped by the master key. */
export interface SigningKeyRecord {
  readonly id: string;
  readonly verificationKeyId: string;
  readonly verificationKeyVersion: string;
  readonly fromSeconds: number;
  readonly thruSeconds: number | undefined;
  readonly publicKeyPem: string;
  readonly wrappedPrivateKey: Buffer;
}

/** A key that encrypts revision tokens, wrapped by the master key. */
export interface RevisionKeyRecord {
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly wrappedKey: Buffer;
  readonly retired: boolean;
}

/** What an operator did with a dead letter. */
export interface DeadLetterDecision {
  readonly action: "retried" | "dropped";
  readonly decidedAtSeconds: number;
  /** `<topic>/<partition>/<offset>` of the record itself; empty when the letter does not tell. */
  readonly source: string;
}

/** The configuration of a deployment: a fold over config.changed. */
export interface Deployment {
  /** With what their documents of keys say worked in. */
  readonly healthAuthorities: ReadonlyMap<string, HealthAuthority>;
  /** What each health authority's document of keys says, by its id, also about keys that an operator gave. */
  readonly discoveredKeys: ReadonlyMap<string, readonly HealthAuthorityKey[]>;
  /** By lower-case name. */
  readonly apps: ReadonlyMap<string, AuthorizedApp>;
  readonly exportConfigurations: ReadonlyMap<string, ExportConfiguration>;
  readonly signingKeys: ReadonlyMap<string, SigningKeyRecord>;
  readonly revisionKeys: ReadonlyMap<string, RevisionKeyRecord>;
  /** By `<dead-letter topic>/<offset>`. */
  readonly deadLetterDecisions: ReadonlyMap<string, DeadLetterDecision>;
  /** The entities as they stand in the log, by record key; what a change of one field starts from. */
  readonly entities: ReadonlyMap<string, Changed>;
}

export const emptyDeployment: Deployment = {
  healthAuthorities: new Map(),
  discoveredKeys: new Map(),
  apps: new Map(),
  exportConfigurations: new Map(),
  signingKeys: new Map(),
  revisionKeys: new Map(),
  deadLetterDecisions: new Map(),
  entities: new Map(),
};

/** The settings that a window of `configuration` ending at `endSeconds` is built with; undefined before the first. */
export function settingsAt(
  configuration: ExportConfiguration,
  endSeconds: number,
): ExportSettings | undefined {
  return configuration.versions.findLast(({ effectiveAtSeconds }) => effectiveAtSeconds <= endSeconds);
}

/** The signing keys of `settings` that are valid at the window's end, newest first. */
export function signingKeysAt(
  deployment: Deployment,
  settings: ExportSettings,
  endSeconds: number,
): readonly SigningKeyRecord[] {
  return settings.signingKeyIds
    .flatMap((id) => deployment.signingKeys.get(id) ?? [])
    .filter((key) => key.fromSeconds <= endSeconds && (key.thruSeconds ?? Infinity) >= endSeconds)
    .toSorted((a, b) => b.fromSeconds - a.fromSeconds || (a.id < b.id ? 1 : -1));
}

/** The health authority with this issuer. */
export function healthAuthorityOf(deployment: Deployment, issuer: string): HealthAuthority | undefined {
  return [...deployment.healthAuthorities.values()].find((authority) => authority.issuer === issuer);
}
