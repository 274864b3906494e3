import { expect, test } from "vitest";
import { aHealthAuthority } from "../phones/health-authority.js";
import { draftsOf } from "./drafts.js";
import { fuzzRequest, mutations } from "./requests.js";

const authority = aHealthAuthority();
const nowSeconds = 1_790_000_000;
const drafts = draftsOf({ seed: "a", authority, appNames: ["gov.example.app"], nowSeconds });
const numbers = Array.from({ length: 3000 }, (_, number) => number);
/** Signatures are new each time. */
const signing = /signed|another header|statistics/;

test("the same seed makes the same requests, and another seed others", () => {
  const make = (seed: string) =>
    numbers
      .map((number) => fuzzRequest(seed, number, drafts, { authority, nowSeconds }))
      .filter(({ kinds }) => !kinds.some((kind) => signing.test(kind)))
      .map(({ kinds, wire }) => [kinds.join(), Buffer.concat(wire.pieces).toString("latin1")]);
  const first = make("a");
  expect(make("a")).toEqual(first);
  expect(make("b")).not.toEqual(first);
});

test("every kind of mutation comes up and changes requests, and heads stay short", () => {
  const seen = new Set<string>();
  // A head that is too long would throw.
  for (const number of numbers)
    for (const kind of fuzzRequest("a", number, drafts, { authority, nowSeconds }).kinds) seen.add(kind);
  expect([...seen].sort()).toEqual(Object.keys(mutations).sort());
});
