import { setTimeout as sleep } from "node:timers/promises";
import { residentBytesOf } from "../hard-places/flood.js";

const readings = 20;
const pauseMs = 100;

/** The least of several readings, because a single one may fall on the moment before garbage is collected. */
export async function settledBytesOf(pid: number): Promise<number> {
  let least = residentBytesOf(pid);
  for (let reading = 1; reading < readings; reading += 1) {
    await sleep(pauseMs);
    least = Math.min(least, residentBytesOf(pid));
  }
  return least;
}
