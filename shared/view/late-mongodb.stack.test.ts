import { expect, inject, test } from "vitest";
import { eventually } from "../../test/river/eventually.js";
import { severableLink } from "../../test/river/severable-link.js";
import { Unavailable } from "../process/outcomes.js";
import { connectView } from "./connect-view.js";

test("a view that was opened while MongoDB was away answers as soon as MongoDB is there", async () => {
  const link = await severableLink(inject("endpoints").mongodb.url, { isOpen: false });
  const view = connectView({ mongodbUrl: link.url, prefix: "late-mongodb", process: "test" });
  await expect(view.ping()).rejects.toThrow(Unavailable);
  await link.open();
  const answers = () =>
    view.ping().then(
      () => true,
      () => false,
    );
  expect(await eventually("MongoDB to answer", answers)).toBe(true);
  await view.stop();
  await link.sever();
});
