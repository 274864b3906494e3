import type { KafkaConnection } from "../kafka/connect.js";
import { Follower } from "../kafka/follower.js";
import type { LogRecord } from "../kafka/log-record.js";
import { appendTime } from "../kafka/record-time.js";
import type { Log } from "../process/log.js";
import type { SchemaFraming } from "../registry/schema-framing.js";
import { configChanged } from "../topology.js";
import { applyChanges, type Change } from "./apply-change.js";
import { emptyDeployment, type Deployment } from "./deployment.js";

/** Holds the deployment's configuration as the log has it now, and tells who listens when it changes. */
export class DeploymentFollower {
  readonly #framing: SchemaFraming;
  readonly #log: Log;
  readonly #follower: Follower;
  readonly #listeners: (() => void)[] = [];
  #current: Deployment = emptyDeployment;

  constructor(connection: KafkaConnection, framing: SchemaFraming) {
    this.#framing = framing;
    this.#log = connection.log;
    this.#follower = new Follower(connection, configChanged.topic, (messages) => this.#handle(messages));
  }

  get current(): Deployment {
    return this.#current;
  }

  /** Calls `listener` after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener);
  }

  /** Resolves once the configuration of this moment has been read. */
  start(): Promise<void> {
    return this.#follower.start();
  }

  /** The configuration with every change that the log holds at the time of the call. @throws {Unavailable} */
  async newest(secondsMax = 10): Promise<Deployment> {
    await this.#follower.catchUp(secondsMax);
    return this.#current;
  }

  stop(): Promise<void> {
    return this.#follower.stop();
  }

  async #handle(messages: readonly LogRecord[]): Promise<void> {
    const decoded = await this.#framing.decodeAll(
      configChanged,
      messages.map(({ value }) => value),
    );
    const changes: Change[] = [];
    for (const [index, message] of messages.entries()) {
      const result = decoded[index];
      const key = message.key?.toString() ?? "";
      const appendedAtSeconds = appendTime(undefined, message);
      if (message.value === null) changes.push({ key, changed: undefined, appendedAtSeconds });
      else if (result?.fate === "done") changes.push({ key, changed: result.message, appendedAtSeconds });
      else this.#skip(key, message.offset, result?.reason ?? "no_value");
    }
    this.#current = applyChanges(this.#current, changes, ({ key }, error) => {
      this.#log.error({ key, error }, "a change of configuration can't be used and is left out");
    });
    for (const listener of this.#listeners) listener();
  }

  #skip(key: string, offset: string, reason: string): void {
    this.#log.error({ key, offset, reason }, "a record of config.changed can't be read and is left out");
  }
}
