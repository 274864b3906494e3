import { afterAll, describe, expect, inject, test } from "vitest";
import { indexObjectName } from "../../shared/exports/object-names.js";
import { eventually } from "../river/eventually.js";
import { aFaultProxy, type FaultProxy, type StoreFault, type StoreRequest } from "./fault-proxy.js";
import { shiftedClock, steppedProcess } from "./preloaded.js";
import { aWindowDeployment, filenameRoot, type WindowDeployment } from "./window-deployment.js";
import { windowSteps } from "./window-steps.js";

// Real export-windows that publish under difficulties, while a phone that keeps only the last line that it saw looks at
// the index all the time. In the end the phone has every key once, and every window builds again to the same bytes.

const endpoints = inject("endpoints");
const deployments: WindowDeployment[] = [];
const proxies: FaultProxy[] = [];
const secondsMax = 180;

async function aDeployment(
  options: Parameters<typeof aWindowDeployment>[1] = {},
  decide?: (request: StoreRequest) => StoreFault | undefined,
): Promise<WindowDeployment> {
  const proxy = decide && (await aFaultProxy(endpoints.objectStore.url, decide));
  if (proxy !== undefined) proxies.push(proxy);
  const deployment = await aWindowDeployment(endpoints, {
    ...options,
    ...(proxy === undefined ? {} : { workerStoreUrl: proxy.url }),
  });
  deployments.push(deployment);
  return deployment;
}

afterAll(async () => {
  await Promise.all(deployments.map((deployment) => deployment.stop()));
  for (const proxy of proxies) proxy.stop();
});

describe("a phone that keeps only the last line misses no file", () => {
  test("when the first window is held up, by a worker whose clock has jumped ahead", async () => {
    let release = (): void => undefined;
    const released = new Promise<void>((resolve) => (release = resolve));
    let firstFile = "";
    const deployment = await aDeployment(
      {
        startedSecondsAgo: 600,
        settings: { EXPORT_WORKERS: "4", CLEANUP_TTL: "11m", DEBUG_OVERRIDE_CLEANUP_MIN_DURATION: "true" },
      },
      ({ method, path }) => {
        const isFirst = method === "PUT" && path.endsWith(firstFile);
        return isFirst ? { first: () => released } : undefined;
      },
    );
    const endSeconds = await deployment.windows(4);
    firstFile = `/${endSeconds - 10}-${endSeconds - 8}-00001.zip`;
    const ahead = shiftedClock();
    ahead.shift(12 * 60);
    await deployment.process("export-window", "ahead", ahead.env);
    const batches = deployment.audit.view.db.collection("batches");
    const built = async (): Promise<boolean> => (await batches.countDocuments({ state: "built" })) >= 3;
    await eventually("later windows to be built", built, secondsMax);
    expect(await deployment.index()).toEqual([]);
    expect(await deployment.published()).toEqual([]);
    release();
    await deployment.untilPublished(endSeconds, secondsMax);
    expect(await deployment.findings()).toEqual([]);
  });

  test("when the object store fails and is slow in the middle, with several files to a window", async () => {
    const faults: readonly StoreFault[] = [
      "refuse",
      "lose answer",
      "cut answer",
      "cut request",
      { answerAfterMs: 700 },
    ];
    const seen = new Map<string, number>();
    let done = 0;
    // Every second request of each kind, beginning with the first, so that none is spared by chance.
    const deployment = await aDeployment({ recordsPerFileMax: 3 }, ({ method, path }) => {
      const kind = `${method} ${path.split(".").at(-1)}`;
      const before = seen.get(kind) ?? 0;
      seen.set(kind, before + 1);
      if (before % 2 === 1) return undefined;
      done += 1;
      return faults[done % faults.length];
    });
    const endSeconds = await deployment.windows(5);
    await Promise.all(["one", "two"].map((name) => deployment.process("export-window", name)));
    await deployment.untilPublished(endSeconds, secondsMax);
    expect(await deployment.findings()).toEqual([]);
    expect([...seen.keys()].sort()).toEqual(
      expect.arrayContaining(["GET txt", "PUT json", "PUT txt", "PUT zip"]),
    );
  });

  test("when a worker freezes before it replaces the index, and wakes when others have gone on", async () => {
    const deployment = await aDeployment();
    const stepped = steppedProcess();
    const endSeconds = await deployment.windows(3);
    stepped.order({ ...windowSteps["before the index is replaced"], signal: "SIGSTOP" });
    const frozen = await deployment.process("export-window", "frozen", stepped.env);
    await stepped.followed(secondsMax);
    await deployment.process("export-window", "other");
    await deployment.untilPublished(endSeconds, secondsMax);
    await frozen.signal("SIGCONT");
    await frozen.ready();
    expect(await deployment.findings()).toEqual([]);
  });
});

describe("what others write under the same names is not overwritten", () => {
  test("neither a line of the index nor a file", async () => {
    const foreignLine = `${filenameRoot}/1000-2000-00001.zip`;
    let isForeignWritten = false;
    let seenIndex = 0;
    const addForeignLine = async (): Promise<void> => {
      const { store } = deployment.audit;
      const name = indexObjectName(filenameRoot);
      const headers = { contentType: "text/plain", cacheControl: "no-cache" };
      const { bytes = Buffer.alloc(0), tag = "" } = (await store.get(name)) ?? {};
      const text = Buffer.from(`${foreignLine}\n${bytes.toString("utf8")}`);
      await store.putIfUnchanged(name, text, headers, tag);
    };
    const deployment = await aDeployment({ settings: { CLEANUP_TTL: "1000000h" } }, ({ method, path }) => {
      if (method === "GET" && path.endsWith("index.txt")) seenIndex += 1;
      if (isForeignWritten || seenIndex < 3 || method !== "PUT" || !path.endsWith("index.txt"))
        return undefined;
      isForeignWritten = true;
      return { first: addForeignLine };
    });
    const endSeconds = await deployment.windows(4);
    const foreignFile = `${filenameRoot}/${endSeconds - 2}-${endSeconds}-00001.zip`;
    const foreignBytes = Buffer.from("another file");
    await deployment.audit.store.putIfAbsent(foreignFile, foreignBytes, {
      contentType: "application/zip",
      cacheControl: "public",
    });
    const worker = await deployment.process("export-window", "worker");
    await deployment.untilPublished(endSeconds - 2, secondsMax);
    await eventually("the alarm", async () => /DifferentFile/.test(deployment.logOf(worker)), secondsMax);
    const told = (await deployment.published()).flatMap(({ files }) =>
      files.map(({ objectName }) => objectName),
    );
    expect(isForeignWritten).toBe(true);
    expect(await deployment.index()).toEqual([foreignLine, ...told]);
    expect(told).toHaveLength(4);
    expect((await deployment.audit.store.get(foreignFile))?.bytes).toEqual(foreignBytes);
  });
});
