import { readinessProbe } from "../process/readiness-probe.js";
import type { Readiness } from "../process/readiness.js";
import type { View } from "./connect-view.js";

/** Keeps the part `view` of /ready true while MongoDB answers. */
export function viewProbe(view: View, readiness: Readiness): { stop(): Promise<void> } {
  return readinessProbe({ readiness, part: "view", ask: () => view.ping() });
}
