import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { randomBytes } from "node:crypto";
import { describe, expect, inject, test } from "vitest";
import { openObjectStore } from "./open-object-store.js";

const { objectStore } = inject("endpoints");
const prefix = `t-${randomBytes(5).toString("hex")}`;
const headers = { contentType: "text/plain", cacheControl: "no-cache, max-age=0" };
const stores = [
  ["the stack's store", objectStore.url],
  ["a folder", `file://${mkdtempSync(join(tmpdir(), "tekstream-objects-"))}`],
] as const;

describe.each(stores)("%s", (_title, url) => {
  const store = openObjectStore(url, prefix);
  const bytes = (text: string): Buffer => Buffer.from(text);

  test("an object that is not there is undefined", async () => {
    expect(await store.get("nowhere/nothing.txt")).toBeUndefined();
  });

  test("of many who write a new object at once exactly one wins", async () => {
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        store.putIfAbsent("race/new.txt", bytes(`by ${index}`), headers),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "written")).toHaveLength(1);
    const winner = outcomes.indexOf("written");
    expect((await store.get("race/new.txt"))?.bytes.toString()).toBe(`by ${winner}`);
  });

  test("a large object that is there is found to be there", async () => {
    const large = randomBytes(12_000_000);
    expect(await store.putIfAbsent("large/export.zip", large, headers)).toBe("written");
    expect(await store.putIfAbsent("large/export.zip", large, headers)).toBe("exists");
  });

  test("of many who replace the same version exactly one wins", async () => {
    await store.putIfAbsent("race/index.txt", bytes("first"), headers);
    const { tag = "" } = (await store.get("race/index.txt")) ?? {};
    const outcomes = await Promise.all(
      Array.from({ length: 8 }, (_, index) =>
        store.putIfUnchanged("race/index.txt", bytes(`by ${index}`), headers, tag),
      ),
    );
    expect(outcomes.filter((outcome) => outcome === "written")).toHaveLength(1);
    expect(await store.putIfUnchanged("race/index.txt", bytes("late"), headers, tag)).toBe("changed");
  });

  test("what is removed is gone, and removing nothing is no error", async () => {
    await store.putIfAbsent("old/a.zip", bytes("a"), headers);
    await store.putIfAbsent("old/b.zip", bytes("b"), headers);
    await store.remove(["old/a.zip", "old/nothing.zip"]);
    expect(await store.list("old/")).toEqual(["old/b.zip"]);
  });

  test("names are listed sorted, below a prefix", async () => {
    for (const name of ["list/b.zip", "list/a.zip", "other/c.zip"])
      await store.putIfAbsent(name, bytes("x"), headers);
    expect(await store.list("list/")).toEqual(["list/a.zip", "list/b.zip"]);
  });
});
