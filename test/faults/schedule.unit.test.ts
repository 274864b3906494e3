import { describe, expect, test } from "vitest";
import { phoneActs } from "./acts.js";
import { faultSchedule } from "./draw-schedule.js";
import { isPart, jwksTarget, ownTargets, partTargets, type Harm, type Target } from "./schedule.js";

const many = Array.from({ length: 200 }, (_, number) => faultSchedule("a seed", number));
const harms = many.flatMap((schedule) => schedule.harms);

const others: Partial<Record<Target, readonly Harm["kind"][]>> = {
  mongodb: ["slow", "fill"],
  "object-store": ["fill"],
};

function jumps(target: Target): readonly Harm["kind"][] {
  return isPart(target) ? [] : ["jump"];
}

describe("a fault schedule", () => {
  test("is the same for the same seed and number", () => {
    expect(faultSchedule("a seed", 7)).toEqual(faultSchedule("a seed", 7));
  });

  test("is another for another number, and for another seed", () => {
    expect(new Set(many.map((schedule) => JSON.stringify(schedule.harms))).size).toBe(many.length);
    expect(faultSchedule("b", 7).harms).not.toEqual(faultSchedule("a seed", 7).harms);
  });

  test("harms every part of the stack in six in a row", () => {
    for (let first = 0; first < 20; first++) {
      const targets = many.slice(first, first + 6).flatMap((schedule) => schedule.harms);
      for (const part of partTargets) expect(targets.map(({ target }) => target)).toContain(part);
    }
  });

  test("comes to every process with everything that can be done to it, and with freezes that outlast a session", () => {
    for (const target of [...ownTargets, ...partTargets]) {
      const kinds = harms.filter((harm) => harm.target === target).map(({ kind }) => kind);
      expect(new Set(kinds), target).toEqual(
        new Set(["kill", "freeze", ...(others[target] ?? jumps(target))]),
      );
    }
    const ofJwks = harms.filter(({ target }) => target === jwksTarget).map(({ kind }) => kind);
    expect(new Set(ofJwks)).toEqual(new Set(["kill", "freeze"]));
    expect(ofJwks).toHaveLength(many.length);
    expect(harms.some(({ kind, forMs }) => kind === "freeze" && forMs > 15_000)).toBe(true);
  });

  test("sets clocks forward and back, a gateway's not so far that it would refuse certificates", () => {
    const jumpsOf = (name: string) =>
      harms.flatMap((harm) => (harm.kind === "jump" && harm.target.startsWith(name) ? [harm.bySeconds] : []));
    for (const name of ["gateway", "clock", "key-store", "export-window", "stats"]) {
      expect(Math.min(...jumpsOf(name))).toBeLessThan(-60);
      expect(Math.max(...jumpsOf(name))).toBeGreaterThan(60);
    }
    for (const seconds of jumpsOf("gateway")) expect(Math.abs(seconds)).toBeLessThanOrEqual(180);
  });

  test("harms several at once in some schedules, and leaves a long time of quiet between in others", () => {
    const gaps = many.map((one) =>
      one.harms.slice(1).map(({ atMs }, index) => atMs - (one.harms[index]?.atMs ?? 0)),
    );
    const atOnce = gaps.filter((own) => own.length > 2 && own.every((gap) => gap < 1000));
    const withQuiet = gaps.filter(
      (own) => own.filter((gap) => gap < 1000).length > 1 && own.some((gap) => gap > 7000),
    );
    expect(atOnce.length).toBeGreaterThan(30);
    expect(withQuiet.length).toBeGreaterThan(10);
  });

  test("lets operators change each thing in some schedules and not in others, the topics in both orders", () => {
    const changes = many.flatMap((schedule) => schedule.changes ?? []);
    const kinds = changes.map((change) => (change.kind === "partitions" ? change.first : change.kind));
    const all = [
      "submitted",
      "accepted",
      "files",
      "signing-key",
      "replay export",
      "replay store",
      "key-store",
    ] as const;
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
