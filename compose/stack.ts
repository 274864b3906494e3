import { rm } from "node:fs/promises";
import { join } from "node:path";

import { bringUp } from "./bring-up.js";
import { addService, assembleStack } from "./assemble-stack.js";
import type { AssembledStack } from "./assemble-stack.js";
import { claimStack } from "./claim-stack.js";
import type { StackWish } from "./claim-stack.js";
import type { Endpoints } from "./endpoints.js";
import { fetchParts } from "./fetch/fetch-parts.js";
import type { Programs } from "./fetch/fetch-parts.js";
import type { Part } from "./part.js";
import { partHandle } from "./part-handle.js";
import type { PartHandle } from "./part-handle.js";
import { pathsFrom, stackDirectory } from "./paths.js";
import type { Env, Paths } from "./paths.js";
import type { Progress } from "./run-tasks.js";
import { apiPortName, services as ownServices } from "./services.js";
import type { Service } from "./services.js";
import { shutDown } from "./shut-down.js";
import type { StackContext } from "./stack-context.js";
import { readStackState } from "./stack-state.js";
import type { StackState } from "./stack-state.js";
import { partStatuses } from "./status.js";
import type { PartStatus } from "./status.js";
import { withLock } from "./with-lock.js";

/**
 * Which stack, and of what shape. `env` is the environment of the launcher (PATH, HOME, TEKSTREAM_CACHE,
 * TEKSTREAM_STATE), which the processes inherit. `partsOnly` leaves out our own services. `prefix` defaults to the
 * stack's name. `ttlMonitorSleepSeconds` (1 in tests) makes MongoDB expire documents sooner than once a minute.
 */
export type StackOptions = {
  readonly name: string;
  readonly env: Env;
  readonly brokers?: number;
  readonly partsOnly?: boolean;
  readonly services?: readonly Service[];
  readonly prefix?: string;
  readonly ttlMonitorSleepSeconds?: number;
  readonly progress?: Progress;
};

/** A stack that is up, or was: its processes outlive this object. */
export type Stack = {
  readonly name: string;
  readonly directory: string;
  readonly endpoints: Endpoints;
  /** Why there is no S3 server, when one was tried for in vain. */
  readonly objectStoreProblem: string | null;
  /** The handle of a part or a service by name, such as `kafka-1`. Throws on an unknown name. */
  readonly part: (name: string) => PartHandle;
  /** Starts one of our processes, also one that is not in the list, and waits until it is ready. */
  readonly startService: (service: Service) => Promise<PartHandle>;
  readonly status: () => Promise<PartStatus[]>;
  /** Stops every process of the stack; `purge` deletes its data as well. */
  readonly stop: (options?: { purge?: boolean }) => Promise<void>;
};

/**
 * Brings a stack up: fetches what is missing, chooses ports, starts what is not running, and returns when all of it is
 * healthy. On a stack that is up it changes nothing; of one with a dead part it starts just that part.
 */
export async function openStack(options: StackOptions): Promise<Stack> {
  const paths = pathsFrom(options.env);
  const directory = stackDirectory(paths, options.name);
  const progress = options.progress ?? "silent";
  return withLock(lockFile(paths, options.name), async () => {
    const present = await readStackState(directory);
    const programs = await programsFor(options, paths, present);
    const state = await claimStack(paths, directory, wishFrom(options, present, programs));
    const context = { ...state, name: options.name, env: options.env, directory, root: paths.root, programs };
    const services = options.partsOnly === true ? [] : (options.services ?? ownServices);
    const assembled = await assembleStack(context, services);
    await bringUp(directory, assembled.wanted, { env: options.env, progress });
    return stackFrom(context, assembled);
  });
}

/** The stack of this name as it is, without starting anything; null when there is none. */
export async function findStack(options: StackOptions): Promise<Stack | null> {
  const paths = pathsFrom(options.env);
  const directory = stackDirectory(paths, options.name);
  const state = await readStackState(directory);
  if (state === null) return null;
  const programs = await programsFor(options, paths, state);
  const context = { ...state, name: options.name, env: options.env, directory, root: paths.root, programs };
  return stackFrom(context, await assembleStack(context, []));
}

/** Stops all processes of a stack and needs nothing but its folder; `purge` deletes the folder as well. */
export async function closeStack(options: { name: string; env: Env; purge?: boolean }): Promise<void> {
  const paths = pathsFrom(options.env);
  const directory = stackDirectory(paths, options.name);
  await withLock(lockFile(paths, options.name), async () => {
    await shutDown(directory);
    if (options.purge === true) await rm(directory, { recursive: true, force: true });
  });
}

function lockFile(paths: Paths, name: string): string {
  return join(paths.state, "locks", `${name}.lock`);
}

async function programsFor(options: StackOptions, paths: Paths, state: StackState | null): Promise<Programs> {
  return fetchParts(
    { cache: paths.cache, env: options.env },
    { progress: options.progress ?? "silent", withObjectStore: state?.objectStore !== "folder" },
  );
}

function wishFrom(options: StackOptions, present: StackState | null, programs: Programs): StackWish {
  return {
    brokers: options.brokers,
    prefix: options.prefix ?? present?.prefix ?? options.name,
    ttlMonitorSleepSeconds: options.ttlMonitorSleepSeconds,
    objectStore: programs.objectStore === null ? "folder" : "s3",
    services: [...ownServices, ...(options.services ?? [])].flatMap(({ name, hasApi }) =>
      hasApi === true ? [name, apiPortName(name)] : [name],
    ),
  };
}

function stackFrom(context: StackContext, assembled: AssembledStack): Stack {
  const { name, directory, env } = context;
  const known = new Map(assembled.known.map((part) => [part.name, part]));
  return {
    name,
    directory,
    endpoints: assembled.endpoints,
    objectStoreProblem: context.programs.objectStoreProblem ?? null,
    part: (partName) => partHandle(directory, knownPart(known, partName), env),
    startService: async (service) => {
      const part = await addService(context, service);
      known.set(part.name, part);
      const handle = partHandle(directory, part, env);
      await handle.start();
      return handle;
    },
    status: () => partStatuses(directory, [...known.values()]),
    stop: (options) => closeStack({ name, env, purge: options?.purge ?? false }),
  };
}

function knownPart(known: ReadonlyMap<string, Part>, name: string): Part {
  const part = known.get(name);
  if (part === undefined)
    throw new Error(`no part is called ${name}; there are ${[...known.keys()].join(", ")}`);
  return part;
}
