import { mkdir } from "node:fs/promises";
import { join } from "node:path";

import { endpointsFrom } from "./endpoints.js";
import type { Endpoints } from "./endpoints.js";
import { choosePorts } from "./choose-ports.js";
import { ensureMasterKey } from "./master-key-file.js";
import type { Part } from "./part.js";
import { apiPortName, servicePart, services as ownServices } from "./services.js";
import type { Service } from "./services.js";
import type { StackContext } from "./stack-context.js";
import { stackParts } from "./stack-parts.js";
import { readStackState, updateStackState, writeWhole } from "./stack-state.js";

/**
 * A stack's processes, described: `wanted` is what shall run now, `known` also holds the services that were started
 * before. The addresses of all of them are in `endpoints`, and on disk as `endpoints.json`.
 */
export type AssembledStack = {
  readonly wanted: readonly Part[];
  readonly known: readonly Part[];
  readonly endpoints: Endpoints;
};

/** Describes the real parts and the services of a stack whose ports are chosen, and writes `endpoints.json`. */
export async function assembleStack(
  stack: StackContext,
  services: readonly Service[],
): Promise<AssembledStack> {
  const records = (await readStackState(stack.directory))?.parts ?? {};
  const names = new Set(services.map(({ name }) => name));
  const before = ownServices.filter(({ name }) => !names.has(name) && records[name] !== undefined);
  const endpoints = await endpointsOf(stack, [...services, ...before]);
  await ensureMasterKey(stack.directory);
  await writeWhole(join(stack.directory, "endpoints.json"), `${JSON.stringify(endpoints, null, 2)}\n`);
  const parts = await stackParts(stack);
  const asPart = (service: Service): Part => servicePart(stack, endpoints, service);
  const wanted = [...parts, ...services.map(asPart)];
  return { wanted, known: [...wanted, ...before.map(asPart)], endpoints };
}

/** Describes one more service, with a port of its own; such a one is not in `endpoints.json`. */
export async function addService(stack: StackContext, service: Service): Promise<Part> {
  const names = [service.name, ...(service.hasApi === true ? [apiPortName(service.name)] : [])];
  const ports = await claimServicePorts(stack, names);
  return servicePart({ ...stack, ports }, await endpointsOf({ ...stack, ports }, [service]), service);
}

async function claimServicePorts(stack: StackContext, names: string[]): Promise<Record<string, number>> {
  const recorded = (await readStackState(stack.directory))?.ports ?? {};
  const startAt = Math.max(...Object.values(recorded)) + 1;
  const chosen = await choosePorts({ names, recorded, taken: new Set(), startAt });
  const state = await updateStackState(stack.directory, (state) => {
    if (state === null) throw new Error(`there is no stack in ${stack.directory}`);
    return { ...state, ports: { ...chosen, ...state.ports } };
  });
  return state.ports;
}

async function endpointsOf(stack: StackContext, services: readonly Service[]): Promise<Endpoints> {
  const folder = stack.objectStore === "folder" ? join(stack.directory, "data", "object-store-folder") : null;
  if (folder !== null) await mkdir(folder, { recursive: true });
  return endpointsFrom({
    ports: stack.ports,
    brokers: stack.brokers,
    objectStoreFolder: folder,
    services: services.map(({ name, hasApi }) => ({
      name,
      apiName: hasApi === true ? apiPortName(name) : undefined,
    })),
  });
}
