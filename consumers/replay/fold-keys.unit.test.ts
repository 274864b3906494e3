import { expect, test } from "vitest";
import { aPlacedKey, bytesOf } from "../../shared/records/a-placed-key.test-support.js";
import { acceptedRecords } from "../../shared/records/accepted-batch.js";
import type { PlacedKey } from "../../shared/records/placed-key.js";
import { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { keysAccepted, type Accepted } from "../../shared/topology.js";
import { KeyFold, type KeySink } from "./fold-keys.js";

const typeName = keysAccepted.codec.getTypeUrl().replace(/^.*\//, "");
const framing = new SchemaFraming({} as never, { url: "", headers: {} }, new Map([[typeName, 1]]));
const place = { topic: keysAccepted.topic, partition: 0 };
const keptFromSeconds = 1_795_000_000;

function message(offset: number, value: Buffer): never {
  return { offset: String(offset), value } as never;
}

function aSink(): KeySink & { readonly calls: [string, number][] } {
  const calls: [string, number][] = [];
  return {
    calls,
    addInserted: async (keys) => void calls.push(["inserted", keys.length]),
    putRevised: async (keys) => void calls.push(["revised", keys.length]),
    remember: async (keys) => void calls.push(["remembered", keys.length]),
  };
}

function records(keys: readonly PlacedKey[], source: Accepted["source"] & object): Buffer[] {
  const decided = { inserted: keys, revised: [], outcomes: [], source: source as never };
  return acceptedRecords(decided).accepted.map((record) => framing.encode(keysAccepted, record));
}

const named = (name: string, changes: Partial<PlacedKey> = {}): PlacedKey =>
  aPlacedKey({ tek: bytesOf(name), ...changes });

test("keys whose time in the view is over are left out and counted", async () => {
  const [sink, source] = [aSink(), { partition: 2, firstOffset: 4, lastOffset: 7 }];
  const fold = new KeyFold(framing, sink, keptFromSeconds);
  const keys = [named("kept"), named("over", { createdAtSeconds: keptFromSeconds })];
  await fold.add(
    place,
    records(keys, source).map((value, offset) => message(offset, value)),
  );
  expect(fold.state).toMatchObject({ keys: 1, expired: 1, unusable: 0 });
  expect([...fold.state.decided]).toEqual([[2, 7]]);
  expect(sink.calls).toEqual([
    ["remembered", 2],
    ["inserted", 1],
  ]);
});

test("writes are bounded, however many keys come at once", async () => {
  const [sink, source] = [aSink(), { partition: 0, firstOffset: 0, lastOffset: 0 }];
  const fold = new KeyFold(framing, sink, keptFromSeconds);
  const keys = Array.from({ length: 9000 }, (_, index) => named(`key ${index}`));
  await fold.add(
    place,
    records(keys, source).map((value, offset) => message(offset, value)),
  );
  const inserted = sink.calls.filter(([what]) => what === "inserted");
  expect(inserted.map(([, count]) => count)).toEqual([4000, 4000, 1000]);
});

test("a record that can't be used is counted once, however often it comes", async () => {
  const fold = new KeyFold(framing, aSink(), keptFromSeconds);
  const bad = framing.encode(keysAccepted, { inserted: [{ tek: bytesOf("a") }] });
  for (let time = 0; time < 2; time++) await fold.add(place, [message(3, bad), message(4, Buffer.from("?"))]);
  expect(fold.state).toMatchObject({ keys: 0, unusable: 2 });
});

test("what is decided is known only when the sink has it", async () => {
  const failing: KeySink = {
    addInserted: () => Promise.reject(new Error("away")),
    putRevised: () => Promise.resolve(),
    remember: () => Promise.resolve(),
  };
  const fold = new KeyFold(framing, failing, keptFromSeconds);
  const [value = Buffer.alloc(0)] = records([named("a")], { partition: 0, firstOffset: 0, lastOffset: 5 });
  await expect(fold.add(place, [message(0, value)])).rejects.toThrow("away");
  expect(fold.state.decided.size).toBe(0);
});
