import type { KeyObject } from "node:crypto";
import { recordKey } from "../../shared/deployment/apply-change.js";
import type { Deployment } from "../../shared/deployment/deployment.js";
import type { DeploymentFollower } from "../../shared/deployment/deployment-follower.js";
import {
  dueRotation,
  retiredKey,
  usableKeys,
  type DueRotation,
  type RotationRule,
} from "../../shared/deployment/revision-key-rotation.js";
import type { RecordTime } from "../../shared/kafka/record-time.js";
import type { StreamWriter } from "../../shared/kafka/stream-writer.js";
import type { TokenKeyRing } from "../../shared/keys/revision-token.js";
import type { Clock } from "../../shared/process/clock.js";
import { IntervalTask } from "../../shared/process/interval-task.js";
import { createRevisionKey, openRevisionKey } from "../../shared/secrets/revision-key.js";
import type { Changed, ChangedRecord } from "../../shared/topology.js";
import type { GatewayEvents } from "./events.js";

/** A key seals only after this time, when every gateway has it: a token must open wherever the phone comes next. */
const settleSeconds = 60;
const rotationPauseMs = 60_000;
/** Of no entity: what is removed here is only written to learn the log's time. */
const timeKey = recordKey("revision-key", "none");

export interface TokenKeysOptions {
  readonly deployment: Pick<DeploymentFollower, "current" | "onChange">;
  readonly changes: Pick<StreamWriter<Changed, ChangedRecord>, "write" | "remove">;
  readonly wrappingKey: KeyObject;
  /** Binds tokens to the deployment. */
  readonly aad: Buffer;
  readonly rule: RotationRule;
  readonly nowSeconds: Clock;
  readonly recordTime: RecordTime<undefined>;
  readonly events: Pick<GatewayEvents, "tokenKeysRotated" | "tokenKeysNotRotated" | "tokenKeyUnusable">;
}

/**
 * The data keys of revision tokens, as the configuration has them. Every gateway makes and retires them when it is time;
 * that two do so at once does no harm. Ages are counted by the log's time: a gateway whose clock is ahead would destroy
 * keys that phones still need.
 */
export class TokenKeys {
  readonly #options: TokenKeysOptions;
  readonly #rotation: IntervalTask;
  #ring: TokenKeyRing | undefined;

  constructor(options: TokenKeysOptions) {
    this.#options = options;
    this.#rotation = new IntervalTask(
      rotationPauseMs,
      () => this.#rotate(),
      (error) => {
        options.events.tokenKeysNotRotated(error);
      },
    );
  }

  /** Makes the first key where there is none. */
  async start(): Promise<void> {
    await this.#rotate();
    this.#options.deployment.onChange(() => {
      this.#refresh();
      // Nothing can be sealed without a key: an operator has retired the last one.
      if (this.#ring === undefined) this.#rotation.hasten();
    });
    this.#rotation.start();
  }

  stop(): Promise<void> {
    return this.#rotation.stop();
  }

  /** Undefined while there is no key. */
  get ring(): TokenKeyRing | undefined {
    return this.#ring;
  }

  #refresh(): void {
    const { deployment, wrappingKey, aad, nowSeconds, events } = this.#options;
    this.#ring = tokenKeyRing(deployment.current, wrappingKey, aad, nowSeconds(), (id, error) => {
      events.tokenKeyUnusable(id, error);
    });
  }

  async #rotate(): Promise<void> {
    if (isAny(this.#due(this.#options.nowSeconds()))) await this.#rotateAt(await this.#logSeconds());
    this.#refresh();
  }

  async #rotateAt(nowSeconds: number): Promise<void> {
    const { deployment, changes, wrappingKey, events } = this.#options;
    const due = this.#due(nowSeconds);
    const changed = [
      ...(due.create ? [createRevisionKey(wrappingKey, nowSeconds)] : []),
      ...due.retire.map(retiredKey),
    ];
    for (const revisionKey of changed)
      await changes.write(0, { revisionKey }, { key: recordKey("revision-key", revisionKey.id) });
    while (!changed.every(({ id }) => deployment.current.revisionKeys.has(id)))
      await new Promise((resolve) => setTimeout(resolve, 20));
    if (isAny(due)) events.tokenKeysRotated(due.create, due.retire.length);
  }

  #due(nowSeconds: number): DueRotation {
    const { deployment, rule } = this.#options;
    return dueRotation(deployment.current.revisionKeys.values(), nowSeconds, rule);
  }

  /** The log tells its time only to who writes. */
  async #logSeconds(): Promise<number> {
    const { changes, nowSeconds, recordTime } = this.#options;
    const written = await changes.remove(0, timeKey);
    return Math.min(nowSeconds(), recordTime(undefined, written));
  }
}

function isAny({ create, retire }: DueRotation): boolean {
  return create || retire.length > 0;
}

/**
 * All keys that are not retired open tokens; the newest that has settled seals them. Undefined while there is none. One
 * that the master key does not open is left out and told to `onUnusable`: the others go on. Facts, §4.2.
 */
export function tokenKeyRing(
  deployment: Deployment,
  wrappingKey: KeyObject,
  aad: Buffer,
  nowSeconds: number,
  onUnusable: (id: string, error: unknown) => void,
): TokenKeyRing | undefined {
  const usable = usableKeys(deployment.revisionKeys.values()).flatMap((record) => {
    try {
      return [{ ...record, secret: openRevisionKey(wrappingKey, record) }];
    } catch (error) {
      onUnusable(record.id, error);
      return [];
    }
  });
  const settled = usable.findLastIndex((key) => key.createdAtSeconds + settleSeconds <= nowSeconds);
  const newest = usable[Math.max(settled, 0)];
  if (newest === undefined) return undefined;
  return { newest, byId: new Map(usable.map((key) => [key.id, key])), aad };
}
