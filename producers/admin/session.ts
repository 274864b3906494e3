import type { Deployment } from "../../shared/deployment/deployment.js";
import { recordKey, type EntityKind } from "../../shared/deployment/apply-change.js";
import { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import type { KafkaConnection } from "../../shared/kafka/connect.js";
import { StreamWriter } from "../../shared/kafka/stream-writer.js";
import { Unavailable } from "../../shared/process/outcomes.js";
import type { Log } from "../../shared/process/log.js";
import type { SchemaFraming } from "../../shared/registry/schema-framing.js";
import { registryAddress } from "../../shared/registry/registry-address.js";
import { openLog } from "../../shared/registry/open-log.js";
import { configChanged, type Changed, type ChangedRecord } from "../../shared/topology.js";
import type { AdminSettings } from "./config.js";
import { Refused } from "./failures.js";
import { within } from "./within.js";

/** A deployment's configuration as the log has it, and the way to change it, for the time of one command. */
export interface Session {
  readonly deployment: Deployment;
  readonly connection: KafkaConnection;
  readonly framing: SchemaFraming;
  /** How long a command may wait for one answer. */
  readonly waitSecondsMax: number;
  /** Resolves once `deployment` holds all that was committed at the time of the call. @throws {Refused} */
  caughtUp(): Promise<void>;
  /**
   * Writes the whole entity and waits until it is read back from the log.
   * @throws {Refused} when that did not happen in time; the message says what is known.
   */
  put(kind: EntityKind, id: string, changed: Changed): Promise<void>;
  /** Takes the entity out of the configuration. Errors as of `put`. */
  remove(kind: EntityKind, id: string): Promise<void>;
  /** Writes many entities, those without content to be removed, and waits until they are read back. @throws {Refused} */
  putAll(
    kind: EntityKind,
    entities: readonly (readonly [id: string, changed: Changed | undefined])[],
  ): Promise<void>;
}

/**
 * Opens a session, gives it to `work`, and closes it however that ends.
 * @throws {Refused} when the cluster or the registry does not answer in time.
 */
export async function withSession(
  settings: AdminSettings,
  log: Log,
  waitSecondsMax: number,
  work: (session: Session) => Promise<void>,
): Promise<void> {
  const { watched, waitingFor } = watchedLog(log);
  const late = (): string => {
    const { what, why } = waitingFor();
    return `${what} did not answer within ${waitSecondsMax} s${why}. Is the deployment up, and are TEKSTREAM_KAFKA_BROKERS (${settings.brokers.join(",")}) and TEKSTREAM_REGISTRY_URL (${registryAddress(settings.registryUrl).url}) right?`;
  };
  const { connection, framing } = await within(waitSecondsMax, openLog("admin", settings, watched), late);
  const follower = new DeploymentFollower(connection, framing);
  const writer = new StreamWriter(connection, configChanged, framing);
  try {
    await within(waitSecondsMax, follower.start(), late);
    const caughtUp = async (): Promise<void> => {
      await within(waitSecondsMax, follower.newest(waitSecondsMax), late);
    };
    const changes = changesOf(follower, writer, waitSecondsMax, caughtUp);
    await work({
      get deployment() {
        return follower.current;
      },
      connection,
      framing,
      waitSecondsMax,
      caughtUp,
      ...changes,
    });
  } finally {
    await Promise.allSettled([follower.stop(), writer.stop()]);
  }
}

function changesOf(
  follower: DeploymentFollower,
  writer: StreamWriter<Changed, ChangedRecord>,
  waitSecondsMax: number,
  caughtUp: () => Promise<void>,
): Pick<Session, "put" | "remove" | "putAll"> {
  const entity = (key: string): Changed | undefined => follower.current.entities.get(key);
  return {
    async put(kind, id, changed) {
      const key = recordKey(kind, id);
      await sent(key, writer.write(0, changed, { key }));
      await seen(key, () => isSame(entity(key), changed), waitSecondsMax);
    },
    async remove(kind, id) {
      const key = recordKey(kind, id);
      await sent(key, writer.remove(0, key));
      await seen(key, () => entity(key) === undefined, waitSecondsMax);
    },
    async putAll(kind, entities) {
      const writes = entities.map(([id, changed]) => {
        const key = recordKey(kind, id);
        return sent(key, changed === undefined ? writer.remove(0, key) : writer.write(0, changed, { key }));
      });
      await Promise.all(writes);
      if (writes.length > 0) await caughtUp();
    },
  };
}

async function sent(key: string, writing: Promise<unknown>): Promise<void> {
  try {
    await writing;
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error;
    throw new Refused(`${error.message}. Look whether ${key} has changed, and if not, repeat the command`, {
      cause: error,
    });
  }
}

/** Waits for the state that was written. It may never come when another operator has written the same entity. */
async function seen(key: string, isThere: () => boolean, waitSecondsMax: number): Promise<void> {
  const endMs = performance.now() + waitSecondsMax * 1000;
  while (!isThere()) {
    if (performance.now() > endMs)
      throw new Refused(
        `the change of ${key} was written but not read back: somebody else may have changed it. Look at it again`,
      );
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** Whether the entity read is the one written, which differs from it in defaults that are not sent. */
function isSame(read: Changed | undefined, written: Changed): boolean {
  const { codec } = configChanged;
  if (read === undefined) return false;
  const expected = codec.decode(codec.encode(written).finish());
  return Buffer.compare(codec.encode(read).finish(), codec.encode(expected).finish()) === 0;
}

/** A log that remembers what the start-up is waiting for, since the operator does not see the log. */
function watchedLog(log: Log): { watched: Log; waitingFor: () => { what: string; why: string } } {
  let waiting = { what: "the cluster", why: "" };
  const watched: Log = {
    debug: (fields, message) => log.debug(fields, message),
    info: (fields, message) => log.info(fields, message),
    warn: (fields, message) => {
      if ("what" in fields && "error" in fields)
        waiting = {
          what: String(fields.what),
          why: fields.error instanceof Error ? ` (${fields.error.message})` : "",
        };
      log.warn(fields, message);
    },
    error: (fields, message) => log.error(fields, message),
  };
  return { watched, waitingFor: () => waiting };
}
