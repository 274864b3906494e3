import type { PublishAnswer } from "./answer.js";

/** What chaff takes over from a real answer: nothing that could identify its phone. */
export interface RecentAnswer {
  /** From the last byte of the request. */
  readonly latencyMs: number;
  readonly tokenBytes: number;
  readonly insertedExposures: number;
}

/** At least 0, less than 1. */
export type Chance = () => number;

/** The last real publishes that were accepted. It has a lifetime: the gateway's. */
export class RecentAnswers {
  readonly #answersMax: number;
  readonly #answers: RecentAnswer[] = [];
  #next = 0;

  constructor(answersMax: number) {
    this.#answersMax = answersMax;
  }

  /** Leaves out what is no whole success: chaff is to look like the common case. */
  record(
    { status, revisionToken = "", insertedExposures = 0, code }: PublishAnswer,
    latencyMs: number,
  ): void {
    if (status !== 200 || revisionToken === "" || code !== undefined) return;
    const tokenBytes = Buffer.byteLength(revisionToken, "base64");
    this.#answers[this.#next] = { latencyMs, tokenBytes, insertedExposures };
    this.#next = (this.#next + 1) % this.#answersMax;
  }

  /** One of them, each as likely. Undefined while there is none. */
  draw(chance: Chance): RecentAnswer | undefined {
    return this.#answers[Math.floor(chance() * this.#answers.length)];
  }
}
