import { describe, expect, test } from "vitest";
import { phoneActs } from "./acts.js";
import { faultSchedule } from "./draw-schedule.js";
import { ownTargets, partTargets } from "./schedule.js";

const many = Array.from({ length: 200 }, (_, number) => faultSchedule("a seed", number));
const harms = many.flatMap((schedule) => schedule.harms);

describe("a fault schedule", () => {
  test("is the same for the same seed and number", () => {
    expect(faultSchedule("a seed", 7)).toEqual(faultSchedule("a seed", 7));
  });

  test("is another for another number, and for another seed", () => {
    expect(new Set(many.map((schedule) => JSON.stringify(schedule.harms))).size).toBe(many.length);
    expect(faultSchedule("b", 7).harms).not.toEqual(faultSchedule("a seed", 7).harms);
  });

  test("harms every part of the stack in five in a row", () => {
    for (let first = 0; first < 20; first++) {
      const targets = many.slice(first, first + 5).flatMap((schedule) => schedule.harms);
      for (const part of partTargets) expect(targets.map(({ target }) => target)).toContain(part);
    }
  });

  test("comes to every process, killed and frozen, and to freezes that outlast a session", () => {
    for (const target of [...ownTargets, ...partTargets]) {
      const kinds = harms.filter((harm) => harm.target === target).map(({ kind }) => kind);
      expect(new Set(kinds)).toEqual(new Set(["kill", "freeze"]));
    }
    expect(harms.some(({ kind, forMs }) => kind === "freeze" && forMs > 15_000)).toBe(true);
  });

  test("lets operators change each thing in some schedules and not in others, the topics in both orders", () => {
    const changes = many.flatMap((schedule) => schedule.changes ?? []);
    const kinds = changes.map((change) => (change.kind === "partitions" ? change.first : change.kind));
    const all = ["submitted", "accepted", "files", "signing-key", "replay export", "replay store"] as const;
    for (const kind of all) {
      expect(kinds.filter((one) => one === kind).length).toBeGreaterThan(20);
      expect(kinds.filter((one) => one === kind).length).toBeLessThan(150);
    }
  });

  test("has an export beside that holds small windows in some", () => {
    const holding = many.filter(({ holdBelow }) => holdBelow !== undefined);
    expect(holding.length).toBeGreaterThan(50);
    expect(holding.length).toBeLessThan(150);
  });

  test("is in order, ends soon after the traffic, and never harms a process that is harmed already", () => {
    for (const { harms, trafficMs } of many) {
      expect(harms).toEqual(harms.toSorted((a, b) => a.atMs - b.atMs));
      for (const [index, harm] of harms.entries()) {
        expect(harm.atMs + harm.forMs).toBeLessThan(trafficMs + 5000);
        const before = harms.slice(0, index).filter(({ target }) => target === harm.target);
        for (const { atMs, forMs } of before) expect(atMs + forMs).toBeLessThan(harm.atMs);
      }
    }
  });
});

describe("the phones' acts", () => {
  test("are the same for the same seed, at a steady rate, each by a phone of its own", () => {
    const acts = phoneActs("a seed/1", 30_000, 10);
    expect(acts).toEqual(phoneActs("a seed/1", 30_000, 10));
    expect(acts.map(({ atMs }) => atMs)).toEqual(acts.map((_, index) => index * 100));
    expect(new Set(acts.map(({ phoneSeed }) => phoneSeed)).size).toBe(300);
    expect(phoneActs("a seed/2", 30_000, 10)).not.toEqual(acts);
  });

  test("are of every kind", () => {
    const kinds = phoneActs("a seed/1", 30_000, 10).map(({ kind }) => kind);
    expect(new Set(kinds)).toEqual(new Set(["once", "twice", "revise", "race"]));
  });
});
