import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { openObjectStore } from "../../shared/objects/open-object-store.js";
import type { ObjectStore } from "../../shared/objects/object-store.js";
import type { Log } from "../../shared/process/log.js";
import { openLog } from "../../shared/registry/open-log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { connectView, type View } from "../../shared/view/connect-view.js";
import { logSettingsOf } from "../river/read-topic.js";

/** Everything of a deployment laid open: its log, its view, its exports and its configuration. */
export interface Audit {
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  readonly deployment: DeploymentFollower;
  readonly view: View;
  readonly store: ObjectStore;
  readonly masterKey: string;
  stop(): Promise<void>;
}

export const silent: Log = {
  debug: () => undefined,
  info: () => undefined,
  warn: () => undefined,
  error: () => undefined,
};

/** Opens a deployment by the settings that its processes have. */
export async function openAudit(env: Readonly<Record<string, string>>): Promise<Audit> {
  const setting = (name: string): string => env[name] ?? "";
  const { connection, framing } = await openLog("admin", logSettingsOf(env), silent);
  const deployment = new DeploymentFollower(connection, framing);
  await deployment.start();
  const prefix = setting("TEKSTREAM_PREFIX");
  const view = connectView({ mongodbUrl: setting("TEKSTREAM_MONGODB_URL"), prefix, process: "admin" });
  return {
    connection,
    framing,
    deployment,
    view,
    store: openObjectStore(setting("TEKSTREAM_OBJECT_STORE_URL"), prefix),
    masterKey: setting("TEKSTREAM_MASTER_KEY"),
    async stop() {
      await Promise.all([deployment.stop(), view.stop()]);
    },
  };
}
