import type { Admin } from "kafkajs";
import { Unavailable } from "../process/outcomes.js";
import type { KafkaConnection } from "./connect.js";
import { setBackWatch } from "./set-back.js";

/** Asks the cluster again and again over one connection: to make one costs several times as much as most questions. */
export class LastingAdmin {
  readonly #connection: KafkaConnection;
  readonly #wasSetBack = setBackWatch();
  #connected: Promise<Admin> | undefined;

  constructor(connection: KafkaConnection) {
    this.#connection = connection;
  }

  /** @throws {Unavailable} The next question is asked over a new connection then. */
  async ask<Result>(question: (admin: Admin) => Promise<Result>): Promise<Result> {
    if (this.#wasSetBack()) this.stop();
    try {
      return await question(await (this.#connected ??= this.#connect()));
    } catch (cause) {
      this.stop();
      throw new Unavailable("the cluster does not answer", { cause });
    }
  }

  /** Whoever asked has the answer: a broker that is gone holds nobody back. */
  stop(): void {
    this.#connected?.then((admin) => admin.disconnect()).catch(() => undefined);
    this.#connected = undefined;
  }

  async #connect(): Promise<Admin> {
    const admin = this.#connection.kafka.admin();
    await admin.connect();
    return admin;
  }
}
