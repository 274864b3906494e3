import { expect, test } from "vitest";

import { pathsFrom, stackDirectory } from "./paths.js";

test("cache and state have defaults, and the environment overrides them", () => {
  const { root } = pathsFrom({ HOME: "/home/a" });
  expect(pathsFrom({ HOME: "/home/a" })).toMatchObject({
    cache: "/home/a/.cache/tekstream",
    state: `${root}/.tekstream`,
  });
  expect(pathsFrom({ TEKSTREAM_CACHE: "/c", TEKSTREAM_STATE: "/s" })).toEqual({
    root,
    cache: "/c",
    state: "/s",
  });
});

test.each(["", ".", "..", "a/b", "A", "-a", "a b", "x".repeat(41)])("%j is not a stack name", (name) => {
  expect(() => stackDirectory(pathsFrom({}), name)).toThrow("stack name");
});
