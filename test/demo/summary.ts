import type { Stack } from "../../compose/stack.js";
import { isSame } from "../phones/compare.js";
import { filenameRoot } from "../river/set-up.js";
import type { Played } from "./play.js";

/** Whether everything that the demo promises holds. */
export function holds({ crowd, bad, comparison, read }: Played): boolean {
  const allAccepted = Object.keys(crowd.statuses).every((status) => status === "200");
  const allRefused = bad.every(({ status, expected }) => status === expected);
  return (
    allAccepted && allRefused && isSame(comparison) && read.problems.length === 0 && read.files.length > 0
  );
}

/** What happened, in a screenful. */
export function summary(played: Played, stack: Stack, totalSeconds: number): string {
  const { crowd, revised, bad, read, comparison, padding, secondsToExports } = played;
  const milliseconds = (seconds: number): string => `${(seconds * 1000).toFixed(0)} ms`;
  const { missing, twice, unexpected, different, revisionMissing } = comparison;
  const store = stack.endpoints.objectStore;
  const where =
    store.kind === "s3" ? `${store.endpoint}/${store.bucket}/${stack.name}/${filenameRoot}/` : store.path;
  return [
    "",
    holds(played)
      ? "The main job is done, and a phone's own check agrees."
      : "SOMETHING IS WRONG, see below.",
    "",
    `  phones       ${crowd.phones.length} published ${crowd.keysAcknowledged} keys in ${crowd.seconds.toFixed(1)} s, ${revised} of them revised later`,
    `  answers      p50 ${milliseconds(crowd.latencySeconds.p50)}, p99 ${milliseconds(crowd.latencySeconds.p99)}; by status ${JSON.stringify(crowd.statuses)}`,
    `  exports      ${read.files.length} files with ${read.keys.size - padding} keys, ${padding} more as padding, and ${read.revised.size} revised keys, complete ${secondsToExports.toFixed(1)} s after the last publish`,
    `  compared     ${missing.length} missing, ${twice.length} twice, ${unexpected.length} unexpected, ${different.length} different, ${revisionMissing.length} revisions missing`,
    `  phone's check ${read.problems.length} problems${read.problems.length === 0 ? "" : `: ${JSON.stringify(read.problems.slice(0, 3))}`}`,
    ...bad.map(({ title, status, answer }) => `  refused      ${title}: ${status} ${answer.slice(0, 90)}`),
    "",
    `  exports at   ${where}`,
    `  gateway at   ${stack.endpoints.services["gateway"]?.apiUrl ?? ""}/v1/publish`,
    `  logs in      ${stack.directory}/logs`,
    `  took         ${totalSeconds.toFixed(0)} s in all`,
    "",
  ].join("\n");
}
