import { generateKeyPairSync } from "node:crypto";
import { describe, expect, test } from "vitest";
import { configChanged, type Changed } from "../topology.js";
import { discoveredKeys, healthAuthority } from "./merge-keys.js";

const [first = "", second = ""] = [1, 2].map(() =>
  String(
    generateKeyPairSync("ec", { namedCurve: "P-256" }).publicKey.export({ type: "spki", format: "pem" }),
  ),
);

type KeyEntity = NonNullable<NonNullable<Changed["discoveredKeys"]>["keys"]>[number];

/** Version, end and origin of each key, when operators say one thing and the document another. */
function merged(own: readonly KeyEntity[], documented: readonly KeyEntity[]): unknown[] {
  const discovered = discoveredKeys(overTheWire({ discoveredKeys: { keys: [...documented] } })) ?? [];
  const authority = healthAuthority(
    overTheWire({ healthAuthority: { id: "ha", keys: [...own] } }),
    discovered,
  );
  return (authority?.keys ?? []).map(({ version, thruSeconds, discovered }) => [
    version,
    thruSeconds,
    discovered,
  ]);
}

function overTheWire(changed: Changed): Changed {
  return configChanged.codec.decode(configChanged.codec.encode(changed).finish());
}

const own = { version: "v1", publicKeyPem: first };

test("operators' keys come first, then those that only the document has", () => {
  expect(merged([own], [{ version: "d1", publicKeyPem: second, thruSeconds: 5 }])).toEqual([
    ["v1", undefined, undefined],
    ["d1", 5, true],
  ]);
});

describe("a key that both know is one key, under the operator's version", () => {
  test.each<[string, Partial<KeyEntity>, number, number | undefined]>([
    ["neither ends it", {}, 0, undefined],
    ["the document ends it", {}, 7, 7],
    ["the operator ends it", { thruSeconds: 9 }, 0, 9],
    ["both do: the earlier end counts", { thruSeconds: 9 }, 7, 7],
    ["both do: the earlier end counts, the operator's, too", { thruSeconds: 5 }, 7, 5],
    ["the operator has reinstated it since", { reinstatedAtSeconds: 7 }, 7, undefined],
    ["the document ends it anew after that", { reinstatedAtSeconds: 7 }, 8, 8],
  ])("%s", (_what, decision, documentedEnd, end) => {
    const documented = { version: "d1", publicKeyPem: first, thruSeconds: documentedEnd };
    expect(merged([{ ...own, ...decision }], [documented])).toEqual([["v1", end, undefined]]);
  });
});

test("what the document says waits for the health authority, and outlives a change of it", () => {
  expect(healthAuthority(undefined, [])).toBeUndefined();
  expect(discoveredKeys({ healthAuthority: {} })).toBeUndefined();
});
