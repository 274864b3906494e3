import { healthy, unhealthy } from "./reply.js";
import type { Route } from "./route.js";

const answerKeptMs = 1000;

/** `/health`: whether the view answers. Asked for more often than once a second, the last answer serves again. Facts, §1.7. */
export function healthRoute(pingView: () => Promise<void>): Route {
  let last: { readonly atMs: number; readonly isHealthy: Promise<boolean> } | undefined;
  return async () => {
    if (last === undefined || performance.now() - last.atMs > answerKeptMs) {
      const isHealthy = pingView().then(
        () => true,
        () => false,
      );
      last = { atMs: performance.now(), isHealthy };
    }
    return (await last.isHealthy) ? healthy : unhealthy;
  };
}
