import { recordKey } from "../../shared/deployment/apply-change.js";
import type { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import type { Changed, ChangedRecord } from "../../shared/topology.js";

const readBackMsMax = 10_000;

/**
 * Writes what was discovered about a health authority, and waits until the configuration has it, so that the next look
 * starts from it.
 * @throws {Unavailable} when it is not known to be written, or was not read back in time.
 */
export async function writeKeys(
  follower: DeploymentFollower,
  writer: StreamWriter<Changed, ChangedRecord>,
  healthAuthorityId: string,
  changed: Changed,
): Promise<void> {
  const key = recordKey("health-authority-keys", healthAuthorityId);
  const before = follower.current.entities.get(key);
  await writer.write(0, changed, { key });
  const endMs = performance.now() + readBackMsMax;
  while (follower.current.entities.get(key) === before) {
    if (performance.now() > endMs) throw new Unavailable(`the change of ${key} was not read back in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
