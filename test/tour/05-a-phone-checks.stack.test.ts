// A phone downloads the index and every file it has not seen, and believes nothing: container, signature, windows, keys
// are all checked by code that shares nothing with the writer. Here the processes are killed meanwhile: it must not show.
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { compare } from "../phones/compare.js";
import { publishCrowd } from "../phones/crowd.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";

let river: River;

beforeAll(async () => {
  river = await aRiver(inject("endpoints"));
});
afterAll(() => river.stop());

test("nothing acknowledged is missing and nothing comes twice, though gateway, key-store and worker are killed", async () => {
  // As often as it takes a killed gateway to be back.
  const client = publishClient({ urls: river.apiUrls, retriesMax: 300, pauseMsMax: 500, backoffMs: 100 });
  const reader = await river.reader();
  const killed = (async () => {
    for (const name of ["key-store", "gateway", "export-window"]) {
      await new Promise((resolve) => setTimeout(resolve, 2500));
      await river.process(name).signal("SIGKILL");
      river.process(name).start();
    }
  })();
  const crowd = await publishCrowd({
    phones: 150,
    concurrency: 16,
    perSecond: 15,
    client,
    authority: river.authority,
    healthAuthorityID: river.appName,
    regions: ["US"],
    prepare: "on the way",
  });
  await killed;
  client.close();
  expect(crowd.statuses).toEqual({ 200: 150 });
  await eventually(
    "every key",
    async () => compare(crowd.ledger, await reader.readNew()).missing.length === 0,
    180,
  );
  const read = await reader.readNew();
  expect(read.problems).toEqual([]);
  expect(compare(crowd.ledger, read)).toEqual({
    missing: [],
    revisionMissing: [],
    twice: [],
    unexpected: [],
    different: [],
  });
});
