import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import { openRevisionToken, type TokenState } from "../../shared/keys/revision-token.js";
import { openLog } from "../../shared/registry/open-log.js";
import { deriveKey, parseMasterKey } from "../../shared/secrets/master-key.js";
import { gatewaySettings } from "../../producers/gateway/config.js";
import { tokenKeyRing } from "../../producers/gateway/token-keys.js";
import { readSettings } from "../../shared/process/settings.js";
import { logSettingsOf } from "../river/read-topic.js";
import { silent } from "./a-topic.js";

/** Opens the revision tokens of a deployment, as its gateways do. */
export async function tokenReader(
  env: Readonly<Record<string, string>>,
): Promise<(token: string) => TokenState> {
  const { connection, framing } = await openLog("admin", logSettingsOf(env), silent);
  const follower = new DeploymentFollower(connection, framing);
  await follower.start();
  const { masterKey, revisionTokenAad } = readSettings(gatewaySettings, env);
  const wrappingKey = deriveKey(parseMasterKey(masterKey), "wrap-revision-key");
  const aad = Buffer.from(revisionTokenAad, "base64");
  const ring = tokenKeyRing(
    follower.current,
    wrappingKey,
    aad,
    Math.floor(Date.now() / 1000),
    () => undefined,
  );
  await follower.stop();
  if (ring === undefined) throw new Error("the deployment has no token key");
  return (token) => openRevisionToken(token, ring);
}
