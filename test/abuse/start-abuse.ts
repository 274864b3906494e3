import { fork } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { root } from "../river/a-process.js";
import type { AbuseOrder, AbuseTally } from "./abuse-order.js";

/** A process that abuses a gateway. */
export interface Abuse {
  readonly tally: () => AbuseTally;
  /** Ends it, and with it all its connections; gives the last that was heard of it. */
  stop(): Promise<AbuseTally>;
}

export function startAbuse(order: AbuseOrder): Abuse {
  const abuser = fork(join(root, "dist/test/abuse/testing/abuser.js"), { stdio: ["ignore", 2, 2, "ipc"] });
  let last: AbuseTally = { open: 0, opened: 0, statuses: {}, refusedWithoutTime: 0 };
  abuser.on("message", (tally: AbuseTally) => (last = tally));
  const ended = once(abuser, "exit");
  abuser.send(order);
  return {
    tally: () => last,
    async stop() {
      abuser.kill("SIGKILL");
      await ended;
      return last;
    },
  };
}
