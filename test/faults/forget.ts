import { connectKafka } from "../../shared/kafka/connect.js";
import { connectView } from "../../shared/view/connect-view.js";
import { logSettingsOf } from "../river/read-topic.js";
import { eventually } from "../river/eventually.js";
import { silent } from "./audit.js";

/** Deletes a deployment's topics and database, so that a stack that sees many stays small. Its processes have ended. */
export async function forget(env: Readonly<Record<string, string>>): Promise<void> {
  const settings = logSettingsOf(env);
  const admin = connectKafka({ ...settings, process: "admin", log: silent }).kafka.admin();
  await admin.connect();
  const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(`${settings.prefix}.`));
  await admin.deleteTopics({ topics });
  await admin.disconnect();
  const mongodbUrl = env["TEKSTREAM_MONGODB_URL"] ?? "";
  const view = connectView({ mongodbUrl, prefix: settings.prefix, process: "admin" });
  // On a busy machine one attempt may last longer than the client waits.
  await eventually("the database to go", () => view.db.dropDatabase().catch(() => false), 180);
  await view.stop();
}
