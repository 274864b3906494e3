import { connectView } from "../../shared/view/connect-view.js";
import { KeyDocuments } from "../../shared/view/key-documents.js";
import type { Phone } from "../phones/phone.js";
import type { River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";

/** Waits until key-store has all keys of a phone, without publishing anything. */
export async function untilStored({ env, prefix }: River, { keys }: Phone): Promise<void> {
  const view = connectView({ mongodbUrl: env["TEKSTREAM_MONGODB_URL"] ?? "", prefix, process: "test" });
  const documents = new KeyDocuments(view);
  const teks = keys.map(({ key }) => Buffer.from(key, "base64"));
  // Not connected yet is not there yet.
  const areThere = (): Promise<boolean> =>
    documents.find(teks).then(
      ({ size }) => size === teks.length,
      () => false,
    );
  try {
    await eventually("the phone's keys", areThere);
  } finally {
    await view.stop();
  }
}
