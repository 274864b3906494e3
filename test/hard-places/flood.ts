import { readFileSync } from "node:fs";
import type { PublishAnswer, PublishClient } from "../phones/publish-client.js";

/** Sends all of these at the same time, whatever becomes of them. */
export function flood(
  client: PublishClient,
  asked: readonly { readonly body: string }[],
): Promise<PublishAnswer[]> {
  return Promise.all(asked.map(({ body }) => client.publish(body)));
}

/** Memory of a process that is in use now. */
export function residentBytesOf(pid: number): number {
  const kilobytes = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
  if (kilobytes === undefined) throw new Error(`process ${pid} tells no memory`);
  return Number(kilobytes) * 1024;
}
