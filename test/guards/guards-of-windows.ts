import { traffic, type Guard } from "./guard.js";

/** Longer than the session timeout of our consumers, which is 15 s: others have taken over when it comes back. */
const sessionMs = 18_000;
/** A file counts as written whether it was or not. */
const writtenAnyhow = [
  "await store.putIfAbsent(file.objectName, zip, headers);",
  'await store.putIfAbsent(file.objectName, zip, headers).catch(() => "written" as const);',
] as const;

/** Where windows would be closed, built or published wrongly. */
export const guardsOfWindows: readonly Guard[] = [
  {
    name: "no file is told of that is not in the object store, which is killed",
    file: "shared/windows/store-file.ts",
    broken: [writtenAnyhow],
    schedule: { ...traffic, harms: [{ kind: "kill", target: "object-store", atMs: 3000, forMs: 8000 }] },
    found: ["phone_tripped", "index_wrong", "rebuilt_differently"],
  },
  {
    name: "no file is told of that is not in the object store, whose disk is full",
    file: "shared/windows/store-file.ts",
    broken: [writtenAnyhow],
    schedule: { ...traffic, harms: [{ kind: "fill", target: "object-store", atMs: 3000, forMs: 8000 }] },
    found: ["phone_tripped", "index_wrong", "rebuilt_differently"],
  },
  {
    name: "windows are published in order, where workers are frozen in the middle of one",
    file: "consumers/export-window/publish-batches.ts",
    broken: [
      [
        "const [batch] = await publisher.batches.unpublished(configurationId, 1);",
        'const batch = (await publisher.batches.unpublished(configurationId, 100)).find(({ state }) => state === "built");',
      ],
    ],
    schedule: {
      ...traffic,
      harms: [
        { kind: "freeze", target: "object-store", atMs: 3000, forMs: 5000 },
        { kind: "freeze", target: "export-window-1", atMs: 7000, forMs: sessionMs },
      ],
    },
    found: ["window_out_of_order", "phone_tripped", "not_exported"],
  },
  {
    name: "a window keeps the settings that it was planned with, where they change before it is built",
    file: "consumers/export-window/work-window.ts",
    broken: [["versions.find(({ version }) => version === settingsVersion)", "versions.at(-1)"]],
    schedule: {
      ...traffic,
      harms: [{ kind: "freeze", target: "object-store", atMs: 3000, forMs: 10_000 }],
      changes: [{ kind: "files", atMs: 8000, recordsMax: 10 }],
    },
    found: ["rebuilt_differently", "phone_tripped"],
  },
  {
    name: "a window is signed by the keys of its time, where another one is added before it is built",
    file: "shared/windows/build-window.ts",
    broken: [
      [
        "signingKeysAt(deployment, settings, window.endSeconds)",
        "signingKeysAt(deployment, settings, Math.floor(Date.now() / 1000) + 3600)",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [],
      changes: [{ kind: "signing-key", atMs: 3000, retired: true }],
    },
    found: ["rebuilt_differently"],
  },
  {
    name: "a replay of exports leaves the lines of windows that are published meanwhile",
    file: "consumers/replay/restore-index.ts",
    broken: [
      [
        "const kept = lines.filter((line) => !plan.replaced.includes(line));",
        "const kept = lines.filter((line) => plan.lines.includes(line));",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [],
      changes: [4000, 8000, 12_000, 16_000].map((atMs) => ({ kind: "replay export", atMs })),
    },
    // The replay after the one that took a line out tells of it, and puts it back.
    found: ["replay_differs"],
  },
  {
    name: "a tick whose time has not come closes nothing, where the clock of a clock jumps ahead",
    file: "shared/exports/ticks.ts",
    broken: [
      [
        "if (tick.boundarySeconds > tick.appendedAtSeconds + TICK_AHEAD_SECONDS_MAX)",
        "if (tick.boundarySeconds > tick.appendedAtSeconds + TICK_AHEAD_SECONDS_MAX * 1000)",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [{ kind: "jump", target: "clock-1", atMs: 5000, forMs: 5000, bySeconds: 3600 }],
    },
    // Every window of the hour that was skipped is empty, and what comes meanwhile waits for its end.
    found: ["not_settled"],
  },
  {
    name: "a window is asked for until it is published, where the object store is killed",
    file: "consumers/export-window/sweep.ts",
    broken: [
      [
        "for (const window of oldestFirst) await enqueue(window).catch(fail);",
        "const asked = ((globalThis as { asked?: Set<number> }).asked ??= new Set());\n" +
          "  for (const window of oldestFirst.filter(({ endSeconds }) => !asked.has(endSeconds)))\n" +
          "    await enqueue(window).then(() => asked.add(window.endSeconds)).catch(fail);",
      ],
    ],
    schedule: {
      ...traffic,
      harms: [{ kind: "kill", target: "object-store", atMs: 3000, forMs: 6000 }],
    },
    found: ["not_settled"],
  },
];
