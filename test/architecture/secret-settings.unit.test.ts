import { expect, test } from "vitest";
import { settings } from "./render-settings.js";

// What a process prints of its settings when it starts leaves out those that are marked.

const shapes = Object.entries(settings).map(([process, shape]) => ({ process, all: Object.values(shape) }));
/** Addresses may hold a password. */
const mayHoldSecret = /(_URL|_PASSWORD|_KEY)$/;

test.each(shapes)("$process hides every setting that may hold a password or a key", ({ all }) => {
  const shown = all.filter(({ env, secret }) => mayHoldSecret.test(env) && secret !== true);
  expect(shown.map(({ env }) => env)).toEqual([]);
});
