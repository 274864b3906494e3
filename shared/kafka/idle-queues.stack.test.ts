import { expect, onTestFinished, test } from "vitest";
import { aConnection } from "./a-topic.test-support.js";

test("an idle connection sets hardly any timers", async () => {
  const admin = aConnection().kafka.admin();
  await admin.connect();
  onTestFinished(() => admin.disconnect());
  await admin.listTopics();

  const before = timersSet();
  await new Promise((resolve) => setTimeout(resolve, 500));
  const set = timersSet() - before;

  // One every 100 ms looks for requests that take too long; without the mending there are over 400.
  expect(set).toBeLessThan(30);
});

let count = 0;
const real = globalThis.setTimeout;
globalThis.setTimeout = ((...call: Parameters<typeof real>) => {
  count += 1;
  return real(...call);
}) as typeof real;

function timersSet(): number {
  return count;
}
