import { defineConfig } from "vitest/config";
import { LongestFirst } from "./test/order/longest-first.js";

// Unit tests need nothing; stack tests need the real Kafka, MongoDB, Redis, registry and S3 server, which
// test/river/global-stack.ts brings up once for all of them. Each test keeps apart by a prefix of its own.
const common = { exclude: ["dist/**", "node_modules/**"], testTimeout: 60_000 };

export default defineConfig({
  test: {
    reporters: ["default", "./test/reporting/closing-line.ts"],
    sequence: { sequencer: LongestFirst },
    projects: [
      { test: { ...common, name: "unit", include: ["**/*.unit.test.ts"], sequence: { groupOrder: 0 } } },
      {
        test: {
          ...common,
          name: "stack",
          include: ["**/*.stack.test.ts"],
          globalSetup: ["test/river/global-stack.ts"],
          testTimeout: 480_000,
          hookTimeout: 480_000,
          maxWorkers: 3,
          sequence: { groupOrder: 1 },
        },
      },
      {
        test: {
          ...common,
          name: "long",
          include: ["**/*.long.test.ts"],
          globalSetup: ["test/river/global-stack.ts"],
          testTimeout: 1_800_000,
          hookTimeout: 120_000,
          fileParallelism: false,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
