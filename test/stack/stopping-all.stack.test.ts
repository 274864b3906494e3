import { readFileSync } from "node:fs";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { processes } from "../../shared/topology.js";
import { publishCrowd } from "../phones/crowd.js";
import { publishClient } from "../phones/publish-client.js";
import { aRiver, type River, type ServiceName } from "../river/a-river.js";
import { eventually } from "../river/eventually.js";

// Each process that runs for ever stops when it is told, while phones publish and windows close: with code 0, which one
// that needs more than its time does not end with.

/** Down the river, upwards, so that those that are still to stop have something to do. */
const services: readonly ServiceName[] = ["stats", "export-window", "jwks", "key-store", "clock", "gateway"];
const settings = { SHUTDOWN_TIMEOUT: "90s" };
let river: River;
let load: Promise<unknown>;
const finished = new AbortController();

beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services, periodSeconds: 2, settings });
  const { authority, appName: healthAuthorityID, apiUrls } = river;
  const client = publishClient({ urls: apiUrls, retriesMax: 0 });
  load = publishCrowd({
    phones: 100_000,
    perSecond: 5,
    concurrency: 8,
    prepare: "on the way",
    client,
    authority,
    healthAuthorityID,
    regions: ["US"],
    signal: finished.signal,
  }).finally(() => client.close());
  const { logFile } = river.process("export-window");
  await eventually("exports to be published", () =>
    Promise.resolve(/batch published/.test(readFileSync(logFile, "utf8"))),
  );
});
afterAll(async () => {
  finished.abort();
  await load;
  await river.stop();
});

test("every process that runs for ever is here", () => {
  const running = Object.entries(processes).filter(([, { service }]) => service);
  expect(services.toSorted()).toEqual(running.map(([name]) => name).toSorted());
});

test.each(services)("%s stops with code 0", async (service) => {
  const process = river.process(service);
  await process.signal("SIGTERM");
  expect(process.exitCode).toBe(0);
});
