import { createRequire } from "node:module";

interface RequestQueue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * Lets connections on which nothing waits sleep. kafkajs 2.2.4 sets a timer of one millisecond for each connection,
 * again and again for ever, to look for requests that wait, also while none does: an idle process with ten connections
 * wakes up thousands of times a second. What makes a request wait, and each answer, schedules the look anyhow.
 * Throws if kafkajs has another shape than the pinned version.
 */
export function letIdleQueuesSleep(): void {
  const require = createRequire(import.meta.url);
  const { prototype } = require("kafkajs/src/network/requestQueue") as { prototype: RequestQueue };
  const schedule = prototype.scheduleCheckPendingRequests;
  if (typeof schedule !== "function" || schedule.name !== "scheduleCheckPendingRequests")
    throw new Error(
      "kafkajs schedules its waiting requests in another way: look at shared/kafka/idle-queues.ts",
    );
  prototype.scheduleCheckPendingRequests = function scheduleCheckPendingRequests(this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}
