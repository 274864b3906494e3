import { randomBytes } from "node:crypto";
import { afterAll, inject } from "vitest";
import { connectView, type View } from "./connect-view.js";

/** A view of this test file's own; its database goes with the file's last test. */
export function aView(): View {
  const prefix = `t-${randomBytes(5).toString("hex")}`;
  const view = connectView({ mongodbUrl: inject("endpoints").mongodb.url, prefix, process: "test" });
  afterAll(async () => {
    await view.db.dropDatabase();
    await view.stop();
  });
  return view;
}
