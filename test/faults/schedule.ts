/** Processes of ours that a schedule starts, two of each kind, and harms by chance. */
export const ownTargets = [
  "gateway-1",
  "gateway-2",
  "key-store-1",
  "key-store-2",
  "clock-1",
  "clock-2",
  "export-window-1",
  "export-window-2",
  "stats-1",
  "stats-2",
] as const;

/** No key passes it: one, and harmed once. */
export const jwksTarget = "jwks-1";

/** All processes of ours. */
export const ownProcesses = [...ownTargets, jwksTarget] as const;

/** Brokers by what they do just then: the leader of a partition of submissions, and the controller in charge. */
export const brokerRoles = ["kafka-leader", "kafka-controller"] as const;

/** The brokers beside that leader, by their names. No schedule draws them. */
export const followerRoles = ["kafka-follower-1", "kafka-follower-2"] as const;

/** Processes of the stack, as schedules draw them. */
export const partTargets = [...brokerRoles, "mongodb", "redis", "registry", "object-store"] as const;

export type OwnTarget = (typeof ownProcesses)[number];
export type BrokerRole = (typeof brokerRoles)[number] | (typeof followerRoles)[number];
export type PartTarget = (typeof partTargets)[number] | BrokerRole;
export type Target = OwnTarget | PartTarget;
/** Parts whose data lie on a disk of their own, which can be full. */
export type DiskTarget = "mongodb" | "object-store";

/**
 * What is done to a process, and undone after `forMs`: `kill` is SIGKILL, and a new start; `freeze` is SIGSTOP, and
 * SIGCONT; `jump` sets its clock forward or back, and right again; `slow` delays all that comes and goes; `fill` leaves
 * no room on its disk, and if it died of that, it is started again when there is room.
 */
export type Harm = {
  /** Since the first publish. */
  readonly atMs: number;
  readonly forMs: number;
} & (
  | { readonly kind: "kill" | "freeze"; readonly target: Target }
  | { readonly kind: "jump"; readonly target: OwnTarget; readonly bySeconds: number }
  | { readonly kind: "slow"; readonly target: "mongodb"; readonly delayMs: number }
  | { readonly kind: "fill"; readonly target: DiskTarget }
);

/**
 * What an operator does meanwhile: `partitions` gives the topics of keys more of them, that of submissions before or
 * after those of decided keys, with a pause in between; `files` makes the files of an export smaller; `signing-key` has
 * another key sign as well, and the first one no more if it is `retired`; `replay export` and `replay store` make again
 * from the log what is in use, and put it there; `key-store` starts a third one and ends it after a while.
 */
export type Change = {
  /** Since the first publish. */
  readonly atMs: number;
} & (
  | { readonly kind: "partitions"; readonly first: "submitted" | "accepted"; readonly pauseMs: number }
  | { readonly kind: "files"; readonly recordsMax: number }
  | { readonly kind: "signing-key"; readonly retired: boolean }
  | { readonly kind: "replay export" | "replay store" }
  | { readonly kind: "key-store"; readonly forMs: number }
);

/** All that is to happen to one deployment. */
export interface Schedule {
  readonly seed: string;
  /** How long phones publish. */
  readonly trafficMs: number;
  readonly publishesPerSecond: number;
  /** By time. */
  readonly harms: readonly Harm[];
  readonly changes?: readonly Change[];
  /** Beside the export of all windows there is one that holds those with fewer keys. */
  readonly holdBelow?: number | undefined;
  /** Processes of ours that are not started with the others but then. */
  readonly startedAtMs?: Partial<Record<OwnTarget, number>>;
}

export function isPart(target: Target): target is PartTarget {
  return partTargets.some((part) => part === target) || isBrokerRole(target);
}

export function isBrokerRole(target: Target): target is BrokerRole {
  return [...brokerRoles, ...followerRoles].some((role) => role === target);
}
