import type {
  AuthorizedApp,
  Deployment,
  ExportConfiguration,
  ExportSettings,
  SigningKeyRecord,
} from "../../shared/deployment/deployment.js";
import type { HealthAuthority } from "../../shared/keys/health-authority.js";

// What `--json` prints. Times are unix seconds, null stands for no end, and no secret is in it, not even wrapped.

export interface HealthAuthorityView extends Omit<HealthAuthority, "keys" | "jwksUri"> {
  readonly jwksUri: string | null;
  readonly keys: readonly {
    readonly version: string;
    readonly fromSeconds: number;
    readonly thruSeconds: number | null;
    readonly publicKeyPem: string;
    /** From the document of keys alone. */
    readonly discovered: boolean;
  }[];
}

export type ExportVersionView = Omit<ExportSettings, "thruSeconds"> & { readonly thruSeconds: number | null };

export interface ExportView {
  readonly id: string;
  /** Oldest first. */
  readonly versions: readonly ExportVersionView[];
}

export type SigningKeyView = Omit<SigningKeyRecord, "thruSeconds" | "wrappedPrivateKey"> & {
  readonly thruSeconds: number | null;
};

export interface RevisionKeyView {
  readonly id: string;
  readonly createdAtSeconds: number;
  readonly retired: boolean;
}

export interface DeploymentView {
  readonly healthAuthorities: readonly HealthAuthorityView[];
  readonly apps: readonly AuthorizedApp[];
  readonly signingKeys: readonly SigningKeyView[];
  readonly exports: readonly ExportView[];
  readonly revisionKeys: readonly RevisionKeyView[];
}

/** The whole configuration, every list sorted by id. */
export function deploymentView(deployment: Deployment): DeploymentView {
  return {
    healthAuthorities: sorted(deployment.healthAuthorities).map(healthAuthorityView),
    apps: sorted(deployment.apps),
    signingKeys: sorted(deployment.signingKeys).map(signingKeyView),
    exports: sorted(deployment.exportConfigurations).map(exportView),
    revisionKeys: sorted(deployment.revisionKeys).map(({ id, createdAtSeconds, retired }) => ({
      id,
      createdAtSeconds,
      retired,
    })),
  };
}

function healthAuthorityView(authority: HealthAuthority): HealthAuthorityView {
  const keys = authority.keys.map(({ version, fromSeconds, thruSeconds, publicKey, discovered }) => ({
    version,
    fromSeconds,
    thruSeconds: thruSeconds ?? null,
    publicKeyPem: String(publicKey.export({ type: "spki", format: "pem" })),
    discovered: discovered === true,
  }));
  return { ...authority, jwksUri: authority.jwksUri ?? null, keys };
}

function exportView({ id, versions }: ExportConfiguration): ExportView {
  return {
    id,
    versions: versions.map((version) => ({ ...version, thruSeconds: version.thruSeconds ?? null })),
  };
}

function signingKeyView({ wrappedPrivateKey: _secret, ...key }: SigningKeyRecord): SigningKeyView {
  return { ...key, thruSeconds: key.thruSeconds ?? null };
}

function sorted<Value>(entities: ReadonlyMap<string, Value>): Value[] {
  return [...entities].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, value]) => value);
}
