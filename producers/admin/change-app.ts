import { regionsBytes, regionsBytesMax } from "../../shared/keys/regions.js";
import type { AuthorizedApp, Deployment } from "../../shared/deployment/deployment.js";
import { change, refuse, type ChangeOutcome } from "./change-outcome.js";

export type AppReason =
  | "exists"
  | "unknown"
  | "unknown_health_authority"
  | "no_region"
  | "too_many_regions"
  | "no_health_authority";

export type AppOutcome = ChangeOutcome<AppReason>;

/** An authorized app without its name. */
export type AppFields = Omit<AuthorizedApp, "name">;

/** A new app. `name` is in lower case, regions are in upper case. */
export function createApp(deployment: Deployment, name: string, fields: AppFields): AppOutcome {
  if (deployment.apps.has(name)) return refuse("exists", name);
  return checked(deployment, { name, ...fields });
}

/** What is given replaces what is there; the rest stays. */
export function updateApp(deployment: Deployment, name: string, fields: Partial<AppFields>): AppOutcome {
  const app = deployment.apps.get(name);
  if (app === undefined) return refuse("unknown", name);
  return checked(deployment, { ...app, ...fields });
}

function checked(deployment: Deployment, app: AuthorizedApp): AppOutcome {
  const missing = app.healthAuthorityIds.filter((id) => !deployment.healthAuthorities.has(id));
  if (missing.length > 0) return refuse("unknown_health_authority", missing.join(", "));
  if (app.regions.length === 0) return refuse("no_region", app.name);
  // Every publish without regions of its own would be refused.
  if (regionsBytes(app.regions) > regionsBytesMax) return refuse("too_many_regions", app.name);
  // Every publish would be refused, for nobody could have signed its certificate.
  if (app.healthAuthorityIds.length === 0 && !app.bypassHealthAuthorityVerification)
    return refuse("no_health_authority", app.name);
  return change({
    authorizedApp: { ...app, regions: [...app.regions], healthAuthorityIds: [...app.healthAuthorityIds] },
  });
}
