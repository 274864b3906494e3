import { createServer } from "node:net";

import { expect, test } from "vitest";

import { choosePorts, isPortFree } from "./choose-ports.js";
import { settings } from "./settings.js";

const { portMin, portMax } = settings;
const allFree = async (): Promise<boolean> => true;

test("names get distinct ports from the preferred one on", async () => {
  const ports = await choosePorts({
    names: ["a", "b", "c"],
    recorded: {},
    taken: new Set(),
    startAt: portMin + 5,
    isFree: allFree,
  });
  expect(ports).toEqual({ a: portMin + 5, b: portMin + 6, c: portMin + 7 });
});

test("a recorded port is kept, also when its own process listens there", async () => {
  const ports = await choosePorts({
    names: ["a", "b"],
    recorded: { a: portMin + 9, gone: portMin + 10 },
    taken: new Set(),
    startAt: portMin + 9,
    isFree: async (port) => port !== portMin + 9,
  });
  expect(ports).toEqual({ a: portMin + 9, gone: portMin + 10, b: portMin + 11 });
});

test("ports of other stacks and ports in use are passed over, and the region wraps around", async () => {
  const ports = await choosePorts({
    names: ["a", "b"],
    recorded: {},
    taken: new Set([portMax]),
    startAt: portMax,
    isFree: async (port) => port !== portMin,
  });
  expect(ports).toEqual({ a: portMin + 1, b: portMin + 2 });
});

test("a region without a free port is an error, not an endless search", async () => {
  const request = { names: ["a"], recorded: {}, taken: new Set<number>(), startAt: portMin };
  await expect(choosePorts({ ...request, isFree: async () => false })).rejects.toThrow("no free port");
});

test("a port with a listener is not free, and is again when the listener has gone", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("not a TCP listener");
  const { port } = address;
  expect(await isPortFree(port)).toBe(false);
  await new Promise((resolve) => server.close(resolve));
  expect(await isPortFree(port)).toBe(true);
});
