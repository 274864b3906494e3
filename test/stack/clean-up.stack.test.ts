import { afterAll, expect, inject, test } from "vitest";
import { keysAccepted } from "../../shared/topology.js";
import { aWindowDeployment, type WindowDeployment } from "../hard-places/window-deployment.js";
import { bucketOf } from "../river/bucket.js";
import { eventually } from "../river/eventually.js";
import { pause } from "../hard-places/exactly-once-deployment.js";
import { commandLine } from "../river/set-up.js";

const periodSeconds = 60;
const retentionMinutes = 20;
let deployment: WindowDeployment;
afterAll(() => deployment.stop());

test("what is too old leaves the index, then the bucket, and a check proves it", async () => {
  deployment = await aWindowDeployment(inject("endpoints"), {
    periodSeconds,
    startedSecondsAgo: 3600,
    settings: {
      CLEANUP_TTL: `${retentionMinutes}m`,
      EXPORT_CLEANUP_PAUSE: "1s",
      DEBUG_OVERRIDE_CLEANUP_MIN_DURATION: "true",
    },
  });
  const bucket = bucketOf(deployment.env);
  // An export that ends early: nothing is published for it any more, and its lines go all the same.
  const { exportConfiguration } = deployment.settings({ filenameRoot: "ended" });
  const [version] = exportConfiguration?.versions ?? [];
  const thruSeconds = (version?.fromSeconds ?? 0) + 3 * periodSeconds;
  await deployment.configure("export-configuration", "ended", {
    exportConfiguration: { id: "ended", versions: [{ ...version, filenameRoot: "ended", thruSeconds }] },
  });
  // An export that never has a key.
  await deployment.configure("export-configuration", "empty", {
    exportConfiguration: {
      id: "empty",
      versions: [{ ...version, filenameRoot: "empty", outputRegion: "ZZ" }],
    },
  });
  const worker = await deployment.process("export-window", "export-window");
  await deployment.untilPublished(await deployment.windows(24));
  const namesOf = async (root: string): Promise<string[]> => [...(await bucket.all(root)).keys()];
  const linesOf = async (root: string): Promise<string[]> =>
    ((await bucket.all(root)).get(`${root}/index.txt`)?.toString() ?? "")
      .split("\n")
      .filter((line) => line !== "");

  let endSeconds = 0;
  for (let ticks = 0; ticks < 3; ticks++) endSeconds = await deployment.tick();
  const oldest = endSeconds - retentionMinutes * 60;
  const endOf = (name: string): number => Number(/-(\d+)(?:-\d+\.zip|\.json)$/.exec(name)?.[1] ?? Infinity);
  const isClean = async (): Promise<boolean> =>
    (await namesOf("us")).every((name) => endOf(name) >= oldest - periodSeconds) &&
    (await linesOf("ended")).length === 0;
  // A period is counted in ticks.
  for (let ticks = 0; ticks < 10 && !(await isClean()); ticks++) {
    await deployment.tick();
    await pause(3);
  }
  await eventually("what is too old to be gone", isClean);
  expect((await bucket.all("empty")).get("empty/index.txt")).toHaveLength(0);
  const lines = await linesOf("us");
  const names = await namesOf("us");
  expect(lines.length).toBeGreaterThan(3);
  expect(lines.filter((name) => !names.includes(name))).toEqual([]);
  expect(deployment.logOf(worker)).toContain("old exports taken back");

  const tekstream = commandLine(deployment.env);
  await worker.signal("SIGTERM");
  const report = await tekstream("retention", "check");
  expect(report).toMatch(new RegExp(`^topic ${keysAccepted.topic} +- +409h +ok$`, "m"));
  expect(report).toMatch(/^collection batches .*kept, of no person$/m);
  expect(report).toMatch(/^files and manifests below us\/ .* ok$/m);
  await bucket.overwrite("us/1000000000-1000000060-00001.zip", Buffer.from("left behind"));
  const failure: unknown = await tekstream("retention", "check").catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 1,
    stdout: expect.stringMatching(/^files and manifests below us\/ +2001-09-09T01:47:40Z +0h +TOO OLD$/m),
  });
});

test("a worker that would keep files for less than ten days does not start", async () => {
  const refused = await deployment.process("export-window", "refused", {
    DEBUG_OVERRIDE_CLEANUP_MIN_DURATION: "false",
  });
  await eventually("the worker to end", async () => refused.exitCode !== null);
  expect(refused.exitCode).not.toBe(0);
  expect(deployment.logOf(refused)).toContain("less than the minimum of 240h");
});
