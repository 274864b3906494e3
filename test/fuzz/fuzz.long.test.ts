import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { aRiver, type River } from "../river/a-river.js";
import { fuzzGateway } from "./fuzz-gateway.js";

const seed = process.env["SEED"] ?? String(Date.now());
const requests = Number(process.env["REQUESTS"] ?? 200_000);
let river: River;
beforeAll(async () => {
  river = await aRiver(inject("endpoints"), { services: ["gateway", "key-store"] });
});
afterAll(() => river.stop());

test(`${requests} mutated requests bring about no fault, no crash, and no growth`, async () => {
  console.log(`seed ${seed}`);
  const startedAtMs = performance.now();
  const { problems, statuses, megabytes } = await fuzzGateway(river, seed, requests);
  const seconds = ((performance.now() - startedAtMs) / 1000).toFixed(0);
  console.log(`${seconds} s, resident ${megabytes.join(", ")} MB after each quarter`, statuses);
  expect(problems.slice(0, 20)).toEqual([]);
  expect(river.process("gateway").exitCode).toBeNull();
  expect(megabytes.at(-1)).toBeLessThanOrEqual((megabytes[0] ?? 0) * 1.1);
});
