import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync } from "node:fs";
import { access, open, readFile, rename, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, expect, test } from "vitest";
import { folderObjectStore } from "./folder-object-store.js";

// Locks of real processes: one that is frozen, one that was killed. They read the object by a pipe, so that the test
// decides when they go on.

const module = resolve("dist/shared/objects/folder-object-store.js");
const headers = { contentType: "text/plain", cacheControl: "no-cache" };
const replacing = `
  const [root, tag] = process.argv.slice(1);
  const { folderObjectStore } = await import(${JSON.stringify(module)});
  process.stdout.write(await folderObjectStore(root).putIfUnchanged("index", Buffer.from("by the child"), {}, tag));
`;
const stops: (() => unknown)[] = [];
afterEach(() => stops.splice(0).forEach((stop) => stop()));

async function aFolder() {
  const root = mkdtempSync(join(tmpdir(), "tekstream-lock-"));
  const store = folderObjectStore(root);
  const [index, lock] = [join(root, "index"), join(root, "index.lock")];
  await store.putIfAbsent("index", Buffer.from("first"), headers);
  const { tag = "" } = (await store.get("index")) ?? {};
  return {
    root,
    index,
    lock,
    tag,
    replace: () => store.putIfUnchanged("index", Buffer.from("by the test"), headers, tag),
    content: () => readFile(index, "utf8"),
    async age() {
      await utimes(lock, 1, 1);
    },
    isLocked: () =>
      access(lock).then(
        () => true,
        () => false,
      ),
  };
}

/** A process that has taken the lock and is reading what it is about to replace; `goOn` lets it read the first content. */
async function aChildWithLock({ root, index, tag }: Awaited<ReturnType<typeof aFolder>>) {
  await rename(index, `${index}.first`);
  execFileSync("mkfifo", [index]);
  const arguments_ = ["--input-type=module", "-e", replacing, root, tag];
  const child = spawn(process.execPath, arguments_, { stdio: ["ignore", "pipe", "inherit"] });
  stops.push(() => child.kill("SIGKILL"));
  // Opens when the child does.
  const pipe = await open(index, "w");
  await rename(`${index}.first`, index);
  return {
    child,
    async goOn() {
      const told = text(child.stdout);
      await pipe.writeFile("first");
      await pipe.close();
      child.kill("SIGCONT");
      return told;
    },
  };
}

test("the lock of a frozen process holds, however old it is", async () => {
  const folder = await aFolder();
  const { child, goOn } = await aChildWithLock(folder);
  child.kill("SIGSTOP");
  await folder.age();
  expect([await folder.replace(), await folder.replace()]).toEqual(["changed", "changed"]);
  expect(await goOn()).toBe("written");
  expect(await folder.content()).toBe("by the child");
  expect(await folder.isLocked()).toBe(false);
});

test("a frozen process whose lock was broken overwrites nothing when it wakes up, and leaves the lock of another", async () => {
  const folder = await aFolder();
  const { child, goOn } = await aChildWithLock(folder);
  child.kill("SIGSTOP");
  // As a worker on another machine would after a while.
  await rm(folder.lock);
  expect(await folder.replace()).toBe("written");
  await writeFile(folder.lock, "elsewhere 1 1 a");
  expect(await goOn()).toBe("changed");
  expect(await folder.content()).toBe("by the test");
  expect(await readFile(folder.lock, "utf8")).toBe("elsewhere 1 1 a");
});

test("the lock of a process that was killed is broken at once, by one of many", async () => {
  const folder = await aFolder();
  const { child } = await aChildWithLock(folder);
  const exited = once(child, "exit");
  child.kill("SIGKILL");
  await exited;
  const outcomes = await Promise.all(Array.from({ length: 8 }, () => folder.replace()));
  expect(outcomes.filter((outcome) => outcome === "written")).toHaveLength(1);
  expect(await folder.isLocked()).toBe(false);
});

test("the lock of a process whose number another has now is broken at once", async () => {
  const folder = await aFolder();
  await writeFile(folder.lock, `${hostname()} ${process.pid} 0 a`);
  expect(await folder.replace()).toBe("written");
});

test.each([
  ["a process of another machine", "elsewhere 1 1 a"],
  ["nobody who can be told", ""],
])("the lock of %s is broken only after a while", async (_whose, content) => {
  const folder = await aFolder();
  await writeFile(folder.lock, content);
  expect([await folder.replace(), await folder.replace()]).toEqual(["changed", "changed"]);
  await folder.age();
  expect(await folder.replace()).toBe("written");
});
