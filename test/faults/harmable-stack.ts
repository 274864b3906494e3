import { brokerNames } from "../../compose/endpoints.js";
import type { PartHandle } from "../../compose/part-handle.js";
import type { Stack } from "../../compose/stack.js";
import { brokerInRole } from "./broker-in-role.js";
import { isBrokerRole, type DiskTarget, type PartTarget } from "./schedule.js";
import type { SmallDisk } from "./small-disk.js";

/** A stack that nobody else uses. */
export interface HarmableStack {
  /** Every part. */
  readonly names: readonly string[];
  part(name: string): PartHandle;
  /** The name of the part that is meant, for a deployment with these settings; undefined when nobody can tell. */
  nameOf(target: PartTarget, env: Readonly<Record<string, string>>): Promise<string | undefined>;
  /** Absent where disks can't be mounted. */
  readonly disks: ReadonlyMap<DiskTarget, SmallDisk> | undefined;
}

export function harmableStack(stack: Stack, disks?: HarmableStack["disks"]): HarmableStack {
  const brokers = brokerNames(stack.endpoints.kafka.brokers.length);
  return {
    names: [...brokers, "mongodb", "redis", "registry", "object-store"],
    part: (name) => stack.part(name),
    nameOf: async (target, env) =>
      isBrokerRole(target) ? brokerInRole(target, brokers, env, stack.directory) : target,
    disks,
  };
}
