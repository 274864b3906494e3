import { randomBytes, type KeyObject } from "node:crypto";
import { recordKey } from "../../shared/deployment/apply-change.js";
import type { Deployment, RevisionKeyRecord } from "../../shared/deployment/deployment.js";
import type { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { TokenKeyRing } from "../../shared/keys/revision-token.js";
import { unwrap, wrap } from "../../shared/secrets/wrap.js";
import type { Changed, ChangedRecord } from "../../shared/topology.js";

const secretBytes = 32;

/**
 * The data keys of revision tokens as the configuration has them; undefined while there is none. Facts, §4.2. One that
 * the master key does not open is left out and told to `onUnusable`: the others go on.
 */
export function tokenKeyRing(
  deployment: Deployment,
  wrappingKey: KeyObject,
  aad: Buffer,
  onUnusable: (id: string, error: unknown) => void,
): TokenKeyRing | undefined {
  const usable = [...deployment.revisionKeys.values()]
    .filter(({ retired }) => !retired)
    .toSorted((a, b) => a.createdAtSeconds - b.createdAtSeconds || Number(a.id) - Number(b.id))
    .flatMap((record) => {
      try {
        return [{ id: record.id, secret: unwrap(wrappingKey, record.wrappedKey, contextOf(record)) }];
      } catch (error) {
        onUnusable(record.id, error);
        return [];
      }
    });
  const newest = usable.at(-1);
  if (newest === undefined) return undefined;
  return { newest, byId: new Map(usable.map((key) => [key.id, key])), aad };
}

/** Writes the first data key where there is none, and waits until the configuration has it. */
export async function ensureTokenKey(
  follower: DeploymentFollower,
  writer: StreamWriter<Changed, ChangedRecord>,
  wrappingKey: KeyObject,
  nowSeconds: number,
): Promise<void> {
  if ([...follower.current.revisionKeys.values()].some(({ retired }) => !retired)) return;
  // Tokens name their key by a decimal number, as the reference server's do.
  const id = String(Math.floor(nowSeconds * 1000));
  const wrappedKey = wrap(wrappingKey, randomBytes(secretBytes), contextOf({ id }));
  const revisionKey = { id, createdAtSeconds: Math.floor(nowSeconds), wrappedKey };
  await writer.write(0, { revisionKey }, { key: recordKey("revision-key", id) });
  while (!follower.current.revisionKeys.has(id)) await new Promise((resolve) => setTimeout(resolve, 20));
}

function contextOf({ id }: Pick<RevisionKeyRecord, "id">): string {
  return `revision-key/${id}`;
}
