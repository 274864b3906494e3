import { expect, test } from "vitest";

import { renderStatuses } from "./status.js";

test("the table has a line a part and aligned columns", () => {
  const table = renderStatuses([
    {
      part: "kafka-1",
      state: "healthy",
      pid: 4711,
      ports: { broker: 20_000, controller: 20_001 },
      log: "/l/k.log",
    },
    { part: "redis", state: "dead", pid: null, ports: { redis: 20_002 }, log: "/l/r.log" },
  ]);
  expect(table.split("\n")).toEqual([
    "part     state    pid   ports                          log",
    "kafka-1  healthy  4711  broker=20000 controller=20001  /l/k.log",
    "redis    dead     -     redis=20002                    /l/r.log",
  ]);
});
