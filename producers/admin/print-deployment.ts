import type { AuthorizedApp } from "../../shared/deployment/deployment.js";
import type {
  DeploymentView,
  ExportVersionView,
  ExportView,
  HealthAuthorityView,
  RevisionKeyView,
  SigningKeyView,
} from "./deployment-view.js";
import { durationText, listText, table, timeText } from "./print.js";

// The tables of `list` and of `config show`.

/** Everything, one table under each heading. */
export function deploymentText(view: DeploymentView, nowSeconds: number): string {
  const parts = [
    ["Health authorities", healthAuthorityTable(view.healthAuthorities, nowSeconds)],
    ["Apps", appTable(view.apps)],
    ["Signing keys", signingKeyTable(view.signingKeys, nowSeconds)],
    ["Exports", exportTable(view.exports)],
    ["Revision keys", revisionKeyTable(view.revisionKeys)],
  ];
  return parts.map(([heading, text]) => `${heading}\n${text}`).join("\n");
}

export function healthAuthorityTable(views: readonly HealthAuthorityView[], nowSeconds: number): string {
  const rows = views.map((authority) => [
    authority.id,
    authority.issuer,
    authority.audience,
    authority.name,
    authority.statsEnabled ? "yes" : "no",
    authority.jwksUri ?? "-",
    listText(authority.keys.map((key) => `${key.version} (${validity(key, nowSeconds)})`)),
  ]);
  return table(
    ["ID", "ISSUER", "AUDIENCE", "NAME", "STATS", "JWKS", "KEYS"],
    rows,
    "There is no health authority yet.",
  );
}

export function appTable(apps: readonly AuthorizedApp[]): string {
  const rows = apps.map((app) => [
    app.name,
    listText(app.regions),
    listText(app.healthAuthorityIds),
    listText(bypassesOf(app)),
  ]);
  return table(["NAME", "REGIONS", "HEALTH AUTHORITIES", "BYPASSES"], rows, "There is no app yet.");
}

export function signingKeyTable(keys: readonly SigningKeyView[], nowSeconds: number): string {
  const rows = keys.map((key) => [
    key.id,
    key.verificationKeyId,
    key.verificationKeyVersion,
    timeText(key.fromSeconds),
    timeText(key.thruSeconds),
    validity(key, nowSeconds),
  ]);
  return table(["ID", "KEY ID", "VERSION", "FROM", "THRU", "NOW"], rows, "There is no signing key yet.");
}

/** The newest version of each. */
export function exportTable(views: readonly ExportView[]): string {
  const rows = views.map(({ id, versions }) => {
    const last = versions.at(-1);
    return last === undefined ? [id] : [id, ...versionRow(last)];
  });
  const headings = [
    "ID",
    "VERSION",
    "FILENAME ROOT",
    "PERIOD",
    "OUTPUT",
    "INPUT",
    "EXCLUDED",
    "TRAVELERS",
    "FROM",
    "THRU",
    "SIGNING KEYS",
  ];
  return table(headings, rows, "There is no export yet.");
}

export function revisionKeyTable(revisionKeys: readonly RevisionKeyView[]): string {
  const rows = revisionKeys.map((key) => [
    key.id,
    timeText(key.createdAtSeconds),
    key.retired ? "yes" : "no",
  ]);
  return table(
    ["ID", "CREATED", "RETIRED"],
    rows,
    "There is no revision key yet: the gateway makes the first one.",
  );
}

function versionRow(version: ExportVersionView): string[] {
  return [
    String(version.version),
    version.filenameRoot,
    durationText(version.periodSeconds),
    version.outputRegion,
    listText(version.inputRegions, "as output"),
    listText(version.excludeRegions),
    travelersText(version),
    timeText(version.fromSeconds),
    timeText(version.thruSeconds),
    listText(version.signingKeyIds, "none: phones refuse the files"),
  ];
}

/** Which travelers' keys an export takes. */
export function travelersText(
  version: Pick<ExportVersionView, "includeTravelers" | "onlyNonTravelers">,
): string {
  if (version.includeTravelers) return "of all regions";
  return version.onlyNonTravelers ? "left out" : "of its regions";
}

/** What an app need not bring. */
export function bypassesOf(app: AuthorizedApp): string[] {
  return [
    ...(app.bypassHealthAuthorityVerification ? ["verification"] : []),
    ...(app.bypassRevisionToken ? ["revision-token"] : []),
  ];
}

/** Whether a key may be used now; the same words for both kinds of keys. */
export function validity(
  { fromSeconds, thruSeconds }: { fromSeconds: number; thruSeconds: number | null },
  nowSeconds: number,
): "valid" | "ended" | "not yet" {
  if (thruSeconds !== null && thruSeconds <= Math.max(nowSeconds, fromSeconds)) return "ended";
  return fromSeconds < nowSeconds ? "valid" : "not yet";
}
