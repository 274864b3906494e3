import type { TestProject } from "vitest/node";
import type { Endpoints } from "../../compose/endpoints.js";
import { closeStack, openStack } from "../../compose/stack.js";

declare module "vitest" {
  interface ProvidedContext {
    readonly endpoints: Endpoints;
  }
}

const name = "test";

/** Brings up the real parts once for all stack tests. `TEKSTREAM_KEEP=1` leaves them running for the next run. */
export async function setup(project: TestProject): Promise<void> {
  const stack = await openStack({
    name,
    env: process.env,
    partsOnly: true,
    ttlMonitorSleepSeconds: 1,
    progress: "shown",
  });
  project.provide("endpoints", stack.endpoints);
}

export async function teardown(): Promise<void> {
  if (process.env.TEKSTREAM_KEEP === "1") return;
  await closeStack({ name, env: process.env, purge: true });
}
