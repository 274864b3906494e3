import { afterAll, expect, inject, test } from "vitest";
import type { BatchFile } from "../../shared/view/batches.js";
import { aWindowDeployment, type WindowDeployment } from "../hard-places/window-deployment.js";
import { eventually } from "../river/eventually.js";

let deployment: WindowDeployment;
afterAll(() => deployment.stop());

const names = ["us", "a", "b", "c", "d"];
const windowCount = 5;

test("configurations that share a window share a pass over the log, and one that fails holds back no other", async () => {
  deployment = await aWindowDeployment(inject("endpoints"), {
    // No stall may have a window worked on twice at once: its passes are counted.
    settings: { EXPORT_CONFIGURATIONS_PER_PASS: "3", EXPORT_JOB_LOCK: "60s" },
  });
  for (const id of names.slice(1)) await deployment.configure("export-configuration", id, another(id));
  await deployment.configure("signing-key", "other", deployment.brokenSigningKey());
  await deployment.configure("export-configuration", "z", another("z", { signingKeyIds: ["other"] }));
  const endSeconds = await deployment.windows(windowCount - 1);

  const worker = await deployment.process("export-window", "export-window");
  await deployment.untilPublished(endSeconds);
  const batches = deployment.audit.view.db.collection("batches");
  const published = async (): Promise<number> => batches.countDocuments({ state: "published" });
  await eventually("every window of each", async () => (await published()) === names.length * windowCount);

  // Six configurations take two passes of three; the one that fails is tried again by every sweep, in a pass of its own,
  // which counts a moment before its failure does.
  await eventually("two passes for each window, and one for each failure after that", async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${worker.port}/metrics`)).text();
    const passes = Number(/^export_window_passes_total (\d+)$/m.exec(metrics)?.[1]);
    const failures = Number(
      /^export_window_batches_total{configuration="z",step="failed"} (\d+)$/m.exec(metrics)?.[1],
    );
    return failures >= windowCount && passes <= windowCount + failures;
  });

  const contentsOf = async (filenameRoot: string): Promise<unknown[]> => {
    const found = await batches.find({ filenameRoot }).sort({ endSeconds: 1 }).toArray();
    return found.map(({ files }) => (files as BatchFile[]).map(({ exportBinSha256 }) => exportBinSha256));
  };
  for (const id of names) expect(await contentsOf(id)).toEqual(await contentsOf("us"));
  expect(await deployment.findings()).toEqual([]);
});

function another(id: string, changes: { signingKeyIds?: string[] } = {}) {
  const { exportConfiguration } = deployment.settings({ filenameRoot: id, ...changes });
  return { exportConfiguration: { ...exportConfiguration, id } };
}
