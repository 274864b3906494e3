import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aRiver, type River } from "../river/a-river.js";
import { fuzzGateway } from "./fuzz-gateway.js";

let river: River;
beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["gateway", "key-store"] });
});
afterAll(() => river.stop());

test("the gateway answers whatever it is sent, never with a fault, and lives on", async () => {
  const { pid } = river.process("gateway");
  const { problems, statuses } = await fuzzGateway(river, "short", 3000);
  expect(problems).toEqual([]);
  for (const status of [200, 301, 400, 401, 404, 413, 415]) expect(statuses[status]).toBeGreaterThan(0);
  expect(river.process("gateway").exitCode).toBeNull();
  expect(river.process("gateway").pid).toBe(pid);
});
