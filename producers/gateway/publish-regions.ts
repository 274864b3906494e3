import type { AuthorizedApp } from "../../shared/deployment/deployment.js";
import type { PublishRequest } from "../../shared/keys/publish-request.js";
import { regionsBytes, regionsBytesMax } from "../../shared/keys/regions.js";
import { refuse, type PublishAnswer } from "./answer.js";

/**
 * Where the keys of a publish belong, in upper case and each once: where the phone says, if its app may say so, else
 * where its app is used.
 */
export function publishRegions(
  app: AuthorizedApp,
  { regions = [], healthAuthorityID }: PublishRequest,
  defaultRegion: string | undefined,
): readonly string[] | PublishAnswer {
  const foreign = app.regions.length > 0 && regions.find((region) => !app.regions.includes(region));
  if (typeof foreign === "string") {
    const error = `verifying allowed regions: app ${app.name} tried to write to unauthorized region ${foreign}`;
    return refuse(401, "unauthorized_region", error);
  }
  const fallback = defaultRegion === undefined ? [] : [defaultRegion];
  const given = [regions, app.regions, fallback].find(({ length }) => length > 0);
  if (given === undefined) {
    const error = `unknown health authority regions for ${healthAuthorityID}`;
    return refuse(500, "health_authority_missing_region_config", error);
  }
  const chosen = [...new Set(given.map((region) => region.toUpperCase()))];
  const bytes = regionsBytes(chosen);
  if (bytes <= regionsBytesMax) return chosen;
  const tooMany = `too many regions in publish: ${bytes} bytes, max of ${regionsBytesMax} is allowed`;
  return refuse(400, "bad_request", `unable to read request data: ${tooMany}`);
}
