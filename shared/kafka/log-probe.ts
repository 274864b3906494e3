import { readinessProbe } from "../process/readiness-probe.js";
import type { Readiness } from "../process/readiness.js";
import type { KafkaConnection } from "./connect.js";
import { LastingAdmin } from "./lasting-admin.js";

/** Keeps the part `log` of /ready true while the cluster answers. */
export function logProbe(connection: KafkaConnection, readiness: Readiness): { stop(): Promise<void> } {
  const admin = new LastingAdmin(connection);
  const probe = readinessProbe({
    readiness,
    part: "log",
    ask: () => admin.ask((asked) => asked.describeCluster()),
  });
  return {
    async stop() {
      await probe.stop();
      admin.stop();
    },
  };
}
